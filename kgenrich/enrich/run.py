"""The pipeline: plan what is missing, the most wanted entities first, ask the sources, form the
consensus, store.

A run over the same graph with the same settings changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby, islice
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from kgenrich.consensus.consensus import Consensus
from kgenrich.enrich.steps import Counts, Step, run_scope, run_steps
from kgenrich.model import Proposal, Scope, TermKind, TermRequest
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.sources.fit_cache import Fit
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage import Gap, gaps
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.keys import chunks, entity_key
from kgenrich.store.story.pending_terms import accepted_terms

Again = Literal["failed", "unusable"]
"""Which calls are made once more: those that failed, or those whose answers were of no use too."""

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
    store: Store, scope: Scope, *, limit: int | None = None, after: str = "", size: int = 200
) -> Iterator[Batch]:
    """The plan in batches of ``size`` entities; at most ``limit`` entities, counted from the
    start of the plan. ``after`` is the position of the last batch that is done.

    Terms that somebody has already decided on are not asked for again.
    """
    done, start = 0, None
    if after:
        count, links, entity = after.split(" ", 2)
        done, start = int(count), Gap(entity, int(links))
    graph = StoreGraph(store)
    stream = gaps_by_entity(store, scope, start)
    if limit is not None:
        stream = islice(stream, max(limit - done, 0))
    for chosen in chunks(stream, size):
        entities = {found.id: found for found in graph.entities(gap.entity for gap, _ in chosen)}
        licences = graph.licences(entities)
        decided = accepted_terms(store, list(entities))
        requests = tuple(
            TermRequest(entities[gap.entity], language, kind, licences.get(gap.entity, ""))
            for gap, lacks in chosen
            if gap.entity in entities
            for language, kind in lacks
            if (gap.entity, language, kind) not in decided
        )
        done += len(chosen)
        last, _ = chosen[-1]
        yield Batch(requests, f"{done} {last.links} {last.entity}")


class EnrichCounts(Counts):
    """What happened: requests made, and those with a proposal, beside `Counts`."""

    requests: int = 0
    answered: int = 0

    @property
    def note(self) -> str:
        return f"{self.proposals} proposals to {self.requests} missing terms"


def enrich(
    store: Store,
    sources: Sequence[Source],
    consensus: Consensus,
    scope: Scope,
    settings_hash: str,
    *,
    limit: int | None = None,
    batch: int = 200,
    dry_run: bool = False,
    again: Again | None = None,
    fits: Mapping[str, Fit] = MappingProxyType({}),
    progress: Progress = SILENT,
) -> tuple[EnrichCounts, CandidateCollector]:
    """Propose the missing terms of a scope that names languages and kinds; where aliases are not
    among them, those that are found beside a label.

    ``limit`` and ``batch`` count entities. What failed is asked once more in every run; ``again``
    makes it a run of its own, from the beginning, which asks ``unusable`` answers once more too.
    ``fits`` are noted: what the sources know of the graph was learned from.
    Returns the counts and the collector, which knows what failed.
    """
    counts = EnrichCounts()
    beside = TermKind.ALIAS not in scope.kinds

    def steps(collector: CandidateCollector, position: str) -> Iterator[Step]:
        for asked in batches(store, scope, limit=limit, after=position, size=batch):
            proposals: list[Proposal] = []
            answers = collector.candidates(asked.requests)
            for request, candidates in zip(asked.requests, answers, strict=True):
                own = consensus.propose(request, candidates, aliases=beside)
                counts.answered += any(p.candidate.kind is request.kind for p in own)
                proposals += own
            counts.requests += len(asked.requests)
            entities = {request.entity.id: request.entity for request in asked.requests}
            yield Step(list(entities.values()), proposals, asked.position)

    told = run_scope(store, scope, sources, limit) | {
        "kinds": list(scope.kinds),
        "minimum": consensus.minimum,
        "ranker": consensus.ranker.name,
    }
    if again is not None:
        told["again"] = again
    collector = run_steps(
        store,
        sources,
        "enrich",
        told,
        settings_hash,
        steps,
        counts,
        progress,
        dry_run=dry_run,
        again=again == "unusable",
        fits=fits,
    )
    return counts, collector
