"""The missing terms that are wanted most, over several languages and kinds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgenrich.languages import CODES, chain
from kgenrich.languages import name as language_name
from kgenrich.model import Scope, TermKind
from kgenrich.report.facts import MissingTerm, Wanted
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage import Gap, gaps
from kgenrich.store.keys import entity_key
from kgenrich.store.story.pending_terms import accepted_terms
from kgenrich.store.story.proposals import proposals
from kgenrich.verbs.arguments import reader_language
from kgenrich.verbs.workspace import Workspace

_WEB = re.compile(r"https?://[^\s\"'<>\\^`{|}]+", re.IGNORECASE)


def most_wanted(
    workspace: Workspace, scope: Scope, reader: str = "", limit: int = 10
) -> list[Wanted]:
    """The most linked entities that lack a term in the scope's languages and of its kinds, with
    those of these terms for which they are among the first ``limit``; what was accepted is not
    lacking."""
    store = workspace.store
    lacking: dict[Gap, list[tuple[str, TermKind]]] = {}
    for language in scope.languages:
        for kind in scope.kinds:
            for gap in _lacking(store, scope, language, kind, limit):
                lacking.setdefault(gap, []).append((language, kind))
    first = sorted(lacking, key=lambda gap: (-gap.links, entity_key(gap.entity)))[:limit]
    ids = tuple(gap.entity for gap in first)
    if not ids:
        return []
    proposed = {
        (candidate.entity, candidate.language, candidate.kind)
        for row in proposals(store, Scope(scope.languages, scope.kinds, ids=ids), state="open")
        for candidate in [row.proposal.candidate]
    }
    labels = _labels(workspace, ids, reader_language(reader))
    return [
        Wanted(
            gap.entity,
            *labels.get(gap.entity, ("", "")),
            address(store, gap.entity),
            gap.links,
            tuple(
                MissingTerm(
                    language,
                    language_name(language),
                    str(kind),
                    (gap.entity, language, kind) in proposed,
                )
                for language, kind in lacking[gap]
            ),
        )
        for gap in first
    ]


def address(store: Store, entity: str) -> str:
    """Where an entity is on the web, by the concept base of the store; empty where that is no
    address."""
    iri = entity if ":" in entity else f"{store.base}{entity}"
    return iri if entity and _WEB.fullmatch(iri) else ""


def _lacking(store: Store, scope: Scope, language: str, kind: TermKind, limit: int) -> list[Gap]:
    """The first that lack a term, page by page until enough of them have none accepted."""
    found: list[Gap] = []
    after: Gap | None = None
    only = Scope(types=scope.types)
    while len(found) < limit:
        page = list(gaps(store, language, kind, only, limit=10 * limit, after=after))
        if not page:
            break
        accepted = accepted_terms(store, [gap.entity for gap in page])
        found += [gap for gap in page if (gap.entity, language, kind) not in accepted]
        after = page[-1]
    return found[:limit]


def _labels(workspace: Workspace, ids: Sequence[str], reader: str) -> dict[str, tuple[str, str]]:
    """A label for each entity that has one, and its language: of the reader's chain, else any."""
    found: dict[str, tuple[str, str]] = {}
    for order in (chain(reader), CODES):
        left = [id for id in ids if id not in found]
        for entity, by_language in workspace.graph.labels(left, order).items():
            code = next(code for code in order if code in by_language)
            found[entity] = by_language[code], code
    return found
