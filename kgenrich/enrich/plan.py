"""What to ask for: the missing terms, the most wanted entities first."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import groupby, islice

from msgspec import Struct

from kgenrich.model import Scope, TermKind, TermRequest
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage import Gap, gaps
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.keys import entity_key
from kgenrich.store.story.pending_terms import accepted_terms

Lacks = tuple[Gap, list[tuple[str, TermKind]]]
"""An entity with the languages and kinds that it lacks."""


class Batch(Struct, frozen=True):
    """Requests that are asked together, and where the plan stands after them."""

    requests: tuple[TermRequest, ...]
    position: str


def gaps_by_entity(store: Store, scope: Scope, after: Gap | None = None) -> Iterator[Lacks]:
    """Entities that lack a term in the languages and of the kinds that the scope names, by
    sitelinks; each once with everything that it lacks."""

    def stream(language: str, kind: TermKind) -> Iterator[tuple[int, int, Gap, str, TermKind]]:
        for gap in gaps(store, language, kind, scope, after=after):
            yield -gap.links, entity_key(gap.entity), gap, language, kind

    streams = [stream(language, kind) for language in scope.languages for kind in scope.kinds]
    ordered = merge(*streams, key=lambda row: row[:2])
    for _, rows in groupby(ordered, key=lambda row: row[:2]):
        members = list(rows)
        yield members[0][2], [(language, kind) for *_, language, kind in members]


def batches(
    store: Store,
    scope: Scope,
    *,
    limit: int | None = None,
    after: str = "",
    size: int = 200,
) -> Iterator[Batch]:
    """The plan in batches of ``size`` entities; at most ``limit`` entities, counted from the
    start of the plan. ``after`` is the position of the last batch that is done.

    Terms that somebody has already decided on are not asked for again.
    """
    done, start = _read_position(after)
    graph = StoreGraph(store)
    stream = gaps_by_entity(store, scope, start)
    if limit is not None:
        stream = islice(stream, max(limit - done, 0))
    while chosen := list(islice(stream, size)):
        entities = {entity.id: entity for entity in graph.entities(gap.entity for gap, _ in chosen)}
        decided = accepted_terms(store, list(entities))
        requests = tuple(
            TermRequest(entities[gap.entity], language, kind)
            for gap, lacks in chosen
            if gap.entity in entities
            for language, kind in lacks
            if (gap.entity, language, kind) not in decided
        )
        done += len(chosen)
        last, _ = chosen[-1]
        yield Batch(requests, f"{done} {last.links} {last.entity}")


def _read_position(position: str) -> tuple[int, Gap | None]:
    if not position:
        return 0, None
    done, links, entity = position.split(" ", 2)
    return int(done), Gap(entity, int(links))
