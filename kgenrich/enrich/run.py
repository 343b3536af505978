"""The pipeline: plan what is missing, the most wanted entities first, ask the sources, form the
consensus, store.

A run over the same graph with the same settings changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from msgspec.structs import replace

from kgenrich.consensus.consensus import Consensus
from kgenrich.enrich.plan import (
    VERB,
    Batch,
    Round,
    batches,
    entities_of,
    equal_runs,
    first_round,
    forget_known,
    read_round,
)
from kgenrich.enrich.steps import Counts, Step, run_scope, run_steps
from kgenrich.model import Proposal, Scope, TermKind
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.sources.fit_cache import FitCache
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import changed_between, latest_change
from kgenrich.store.facts.seen import forget_seen, noted
from kgenrich.store.story.runs import Run
from kgenrich.store.story.staleness import mark_stale, retire, settle
from kgenrich.store.tables import ITEMS

Again = Literal["all", "failed", "unusable"]
"""What is asked once more: everything, with the calls that failed; or also those whose answers were
of no use."""


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
    fits: FitCache | None = None,
    hierarchy: Collection[str] = (),
    progress: Progress = SILENT,
) -> tuple[EnrichCounts, CandidateCollector]:
    """Propose the missing terms of a scope that names languages and kinds; where aliases are not
    among them, those that are found beside a label.

    After an equal run it asks of what was changed since, and what failed, alone (see
    `kgenrich.enrich.plan`), unless the sources learned what they know (``fits``) from another graph
    since then; ``hierarchy`` are the properties that lead from a class to what it is a subclass of.
    ``limit`` and ``batch`` count entities; with a limit the plan is always that of all. ``again``
    makes it a run of its own, from the beginning, which asks ``unusable`` answers once more too.
    Returns the counts and the collector, which knows what failed.
    """
    counts, used = EnrichCounts(), fits or FitCache()
    beside = TermKind.ALIAS not in scope.kinds
    told = run_scope(scope, sources, limit) | {
        "kinds": list(scope.kinds),
        "minimum": consensus.minimum,
        "ranker": consensus.ranker.name,
    }
    if not dry_run:
        settle(store, hierarchy)
    known = latest_change(store)
    first = Round(known, cut=limit is not None)
    if again is None and limit is None:
        first = first_round(store, told, settings_hash, used.learned_from)
    if again is not None:
        told["again"] = again

    def ask(asked: Batch, collector: CandidateCollector, round: Round) -> Step:
        proposals: list[Proposal] = []
        collector.unanswered.clear()
        answers = collector.candidates(asked.requests)
        for request, candidates in zip(asked.requests, answers, strict=True):
            own = consensus.propose(request, candidates, aliases=beside)
            counts.answered += any(p.candidate.kind is request.kind for p in own)
            proposals += own
        counts.requests += len(asked.requests)
        entities = {request.entity.id: request.entity for request in asked.requests}
        cut = round.cut or collector.is_spent
        learned = {name: fit.graph for name, fit in used.fits.items()}
        position = str(replace(round, at=asked.position, cut=cut, fits=round.fits | learned))
        failed = tuple(collector.unanswered)
        return Step(list(entities.values()), proposals, position, round.until, failed)

    def steps(collector: CandidateCollector, position: str) -> Iterator[Step]:
        round = first
        if (left := read_round(position)) is not None:
            is_same = used.learned_from(left.fits) == left.fits
            round = left if is_same else Round(known, cut=left.cut)
        while True:
            yield Step((), (), str(round), round.until)
            ids = entities_of(store, round)
            for asked in batches(store, scope, limit=limit, after=round.at, size=batch, ids=ids):
                yield ask(asked, collector, round)
            if round.until >= known:
                break
            # It was stopped, and the graph changed before it was taken up again.
            round = Round(known, round.until, fits=round.fits)

    def end(run: Run) -> None:
        round = read_round(run.position)
        if round is None or round.cut:
            return
        kinds = (*scope.kinds, TermKind.ALIAS) if beside else scope.kinds
        here = replace(scope, kinds=kinds, types=scope.types or ITEMS)
        retire(store, VERB, here, round.until, noted(store, run.id).tolist())
        later = changed_between(store, round.until, latest_change(store))
        if later is not None and len(later):
            # What was proposed from before a change that came meanwhile.
            mark_stale(store, later.tolist(), latest_change(store))
        before = [one.id for one, _ in equal_runs(store, told, settings_hash)]
        store.write(lambda connection: forget_seen(connection, *before))
        forget_known(store)

    collector = run_steps(
        store,
        sources,
        VERB,
        told,
        settings_hash,
        steps,
        counts,
        progress,
        dry_run=dry_run,
        again=again == "unusable",
        fits=used.fits,
        end=end,
    )
    return counts, collector
