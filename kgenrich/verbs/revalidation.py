"""Proposals as they stand now, by the target and the glossaries of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from kgenrich.enrich.revalidation import (
    RevalidatedProposal,
    revalidated,
    revalidated_wordings,
)
from kgenrich.sources.dictionary.glossary_rules import glossary_rules
from kgenrich.store.story.proposals import StoredProposal
from kgenrich.verbs.workspace import Workspace


def revalidate(
    workspace: Workspace, stored: Iterable[StoredProposal], text: str | None = None
) -> Iterator[RevalidatedProposal]:
    """As `kgenrich.enrich.revalidation.revalidated`; what speaks against a known term is what was
    said before its entity had it. Raises as `glossary_rules`."""
    settings = workspace.settings
    rules = tuple(glossary_rules(settings))
    for is_known, some in groupby(stored, key=lambda one: bool(one.held)):
        if is_known:
            yield from (RevalidatedProposal(one, one.proposal.codes) for one in some)
        else:
            yield from revalidated(workspace.store, some, settings.target, text, rules)


def revalidate_wordings(
    workspace: Workspace, worded: Iterable[tuple[StoredProposal, str]]
) -> Iterator[RevalidatedProposal]:
    """As `revalidate`, each proposal with the wording that it shall have."""
    settings = workspace.settings
    rules = tuple(glossary_rules(settings))
    return revalidated_wordings(workspace.store, worded, settings.target, rules)
