"""The pipeline: plan what is missing, ask the sources, form the consensus, store.

A batch is one step: its answers, proposals and the new position are in the store when the next
begins. A run that was stopped goes on after its last batch; a run over the same graph with the
same settings changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from kgenrich.consensus.description_agreement import BY_CHARACTERS, Agreement
from kgenrich.consensus.pool_ranker import Ranker
from kgenrich.consensus.propose import Validator, propose
from kgenrich.enrich.aliases import aliases, told
from kgenrich.enrich.plan import batches
from kgenrich.model import Candidate, Proposal, Scope, TermKind
from kgenrich.sources.base import Answer, Source
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.store.base import Store
from kgenrich.store.story.answers import known_answers, save_answers
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import finish_run, set_position, start_run


class Options(Struct, frozen=True):
    """What one enrichment covers. ``limit`` counts entities."""

    languages: tuple[str, ...]
    kinds: tuple[TermKind, ...]
    class_id: str | None = None
    limit: int | None = None
    minimum: float = 0.05
    batch: int = 200
    dry_run: bool = False


class Tally(Struct):
    """What happened: requests made, requests with a proposal, proposals, and those not seen
    before."""

    entities: int = 0
    requests: int = 0
    answered: int = 0
    proposals: int = 0
    new: int = 0


Tick = Callable[[Tally], None]


def enrich(
    store: Store,
    sources: Sequence[Source],
    ranker: Ranker,
    validate: Validator,
    options: Options,
    settings_hash: str,
    tick: Tick = lambda tally: None,
    agreement: Agreement = BY_CHARACTERS,
) -> tuple[Tally, CandidateCollector]:
    """Propose the missing terms. Returns the counts and the collector, which knows what failed."""
    tally = Tally()
    if options.dry_run:
        collector = stored_collector(store, None, sources)
        for _ in _steps(store, collector, ranker, validate, agreement, options, tally, ""):
            tick(tally)
        return tally, collector
    run = start_run(store, "enrich", _scope(options, sources, ranker), settings_hash)
    collector = stored_collector(store, run.id, sources)
    try:
        steps = _steps(store, collector, ranker, validate, agreement, options, tally, run.position)
        for proposals, revisions, position in steps:
            tally.new += save_proposals(store, run.id, proposals, revisions)
            with store.begin() as connection:
                set_position(connection, run.id, position)
            tick(tally)
    except BaseException:
        finish_run(store, run, "stopped", _counts(tally))
        raise
    finish_run(store, run, "done", _counts(tally))
    return tally, collector


def _steps(
    store: Store,
    collector: CandidateCollector,
    ranker: Ranker,
    validate: Validator,
    agreement: Agreement,
    options: Options,
    tally: Tally,
    position: str,
) -> Iterable[tuple[list[Proposal], dict[str, int], str]]:
    plan = batches(
        store,
        Scope(options.languages, options.kinds, options.class_id),
        limit=options.limit,
        after=position,
        size=options.batch,
    )
    for batch in plan:
        proposals: list[Proposal] = []
        found = collector.candidates(batch.requests)
        for request, candidates in zip(batch.requests, found, strict=True):
            mine = propose(request, candidates, ranker, validate, options.minimum, agreement)
            tally.answered += bool(mine)
            if TermKind.ALIAS not in options.kinds:
                beside = aliases(request, candidates, ranker, validate)
                collector.tell(told(request, beside))
                mine += beside
            proposals.extend(mine)
        revisions = {request.entity.id: request.entity.revision for request in batch.requests}
        tally.entities += len(revisions)
        tally.requests += len(batch.requests)
        tally.proposals += len(proposals)
        yield proposals, revisions, batch.position


def stored_collector(
    store: Store,
    run_id: int | None,
    sources: Sequence[Source],
    *,
    free_only: bool = False,
    keep_free: bool = True,
) -> CandidateCollector:
    """A collector that remembers the calls of the store and keeps new answers in it, in a run;
    without one it keeps nothing and asks only what costs nothing. ``keep_free`` False keeps calls
    alone."""

    def keep(source: Source, answers: Sequence[Answer]) -> None:
        kept = [answer for answer in answers if keep_free or answer.call is not None]
        if run_id is not None and kept:
            save_answers(store, run_id, source, kept)

    def remember(source: Source, marks: Sequence[str]) -> dict[str, tuple[Candidate, ...]]:
        return known_answers(store, source.name, marks)

    return CandidateCollector(sources, keep, remember, free_only=free_only or run_id is None)


def _scope(options: Options, sources: Sequence[Source], ranker: Ranker) -> dict[str, object]:
    return {
        "languages": list(options.languages),
        "kinds": [str(kind) for kind in options.kinds],
        "class": options.class_id,
        "limit": options.limit,
        "minimum": options.minimum,
        "sources": [source.name for source in sources],
        "ranker": ranker.name,
    }


def _counts(tally: Tally) -> dict[str, int]:
    return {name: getattr(tally, name) for name in Tally.__struct_fields__}
