"""Proposals as they stand now, by the target and the glossaries of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kgenrich.enrich.revalidation import (
    RevalidatedProposal,
    revalidated,
    revalidated_wordings,
)
from kgenrich.model import Entity
from kgenrich.store.story.proposals import StoredProposal
from kgenrich.verbs.workspace import Workspace


def revalidate(
    workspace: Workspace, stored: Iterable[StoredProposal], text: str | None = None
) -> Iterator[RevalidatedProposal]:
    """As `kgenrich.enrich.revalidation.revalidated`; what speaks against a known term is what was
    said before its entity had it. Raises as `Workspace.glossary_rules`."""
    rules, target = workspace.glossary_rules, workspace.settings.target
    for is_known, some in groupby(stored, key=lambda one: bool(one.held)):
        if is_known:
            yield from (RevalidatedProposal(one, one.proposal.codes) for one in some)
        else:
            yield from revalidated(workspace.store, some, target, text, rules)


def revalidate_wordings(
    workspace: Workspace,
    worded: Iterable[tuple[StoredProposal, str]],
    read: Mapping[str, Entity] | None = None,
) -> Iterator[RevalidatedProposal]:
    """As `revalidate`, each proposal with the wording that it shall have, against the entities as
    the store has them or as they were ``read``."""
    rules = workspace.glossary_rules
    return revalidated_wordings(workspace.store, worded, workspace.settings.target, rules, read)
