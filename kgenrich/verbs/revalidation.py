"""Proposals as they stand now, by the target and the glossaries of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    """As `kgenrich.enrich.revalidation.revalidated`. Raises as `glossary_rules`."""
    settings = workspace.settings
    rules = tuple(glossary_rules(settings))
    return revalidated(workspace.store, stored, settings.target, text, rules)


def revalidate_wordings(
    workspace: Workspace, worded: Iterable[tuple[StoredProposal, str]]
) -> Iterator[RevalidatedProposal]:
    """As `revalidate`, each proposal with the wording that it shall have."""
    settings = workspace.settings
    rules = tuple(glossary_rules(settings))
    return revalidated_wordings(workspace.store, worded, settings.target, rules)
