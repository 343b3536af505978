"""What enriching and checking share: step by step, so that a run that is stopped keeps what it has.

A step's answers, proposals and the new position are in the store when the next begins. A run that
was stopped goes on after its last step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection

from kgenrich.model import Candidate, Entity, Proposal, Scope
from kgenrich.progress import Progress
from kgenrich.sources.base import Answer, Source
from kgenrich.sources.budget import Budget, Limits
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.sources.fit_cache import Fit
from kgenrich.store.base import Store
from kgenrich.store.facts.seen import note_further
from kgenrich.store.story.answers import known_answers, save_answers
from kgenrich.store.story.in_flight import claimed
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import Run, running, set_position
from kgenrich.store.story.spending import Spending


class Counts(Struct):
    """What every such run counts: entities that were looked at, proposals, and those of them that
    were not in the store."""

    entities: int = 0
    proposals: int = 0
    new: int = 0

    @property
    def done(self) -> int:
        """Entities that the run is through with, before it was stopped and since."""
        return self.entities

    @property
    def note(self) -> str:
        """A few words on how far it is."""
        return f"{self.proposals} proposals"


class Step(Struct, frozen=True):
    """What came of a batch of entities, and where the run stands after it. ``change`` is that of
    the graph which the proposals are made after (None: the last); of those ``unanswered``, by id,
    not every source gave an answer."""

    entities: Sequence[Entity]
    proposals: Sequence[Proposal]
    position: str
    change: int | None = None
    unanswered: Sequence[str] = ()


def run_steps(
    store: Store,
    sources: Sequence[Source],
    verb: str,
    scope: Mapping[str, object],
    settings_hash: str,
    steps: Callable[[CandidateCollector, str], Iterator[Step]],
    counts: Counts,
    progress: Progress,
    *,
    dry_run: bool,
    again: bool = False,
    fits: Mapping[str, Fit] = MappingProxyType({}),
    end: Callable[[Run], None] = lambda run: None,
) -> CandidateCollector:
    """Take every step and keep what comes of it, as a run of the verb; a dry run keeps nothing. It
    ends where no source is left to ask. ``again`` asks anew what was answered without use.
    ``fits`` are noted with the counts.

    ``steps`` gives those after a position, with a collector to ask; ``counts`` are added to; at the
    end ``end`` is called. Gives back the collector, which knows what failed.
    """
    kept = (
        nullcontext()
        if dry_run
        else running(store, verb, scope, settings_hash, alone=True, progress=progress)
    )
    with kept as run:
        if run is not None:
            run.counts = asdict(counts)
        collector = stored_collector(
            store,
            run.id if run else None,
            sources,
            again=again,
            tell=partial(progress.remark, grave=True),
            checkpoint=progress.checkpoint,
        )
        for step in steps(collector, run.position if run else ""):
            counts.entities += len(step.entities)
            counts.proposals += len(step.proposals)
            if run is not None:
                revisions = {entity.id: entity.revision for entity in step.entities}
                counts.new += save_proposals(store, run.id, step.proposals, revisions, step.change)
                run.position = step.position
                store.write(partial(_note, run_id=run.id, step=step))
                run.counts = asdict(counts) | ({"fits": dict(fits)} if fits else {})
            progress.update(counts.done, counts.note)
            progress.checkpoint()
            if collector.is_spent:
                break
        if run is not None:
            end(run)
    return collector


def _note(connection: Connection, run_id: int, step: Step) -> None:
    set_position(connection, run_id, step.position)
    if step.unanswered:
        note_further(connection, run_id, step.unanswered)


def run_scope(scope: Scope, sources: Sequence[Source], limit: int | None) -> dict[str, object]:
    """What a run is known again by, but for what its verb adds: see `running`."""
    known: dict[str, object] = {
        "languages": scope.languages,
        "class": scope.class_id,
        "limit": limit,
        "sources": [source.name for source in sources],
    }
    if scope.ids:
        known["ids"] = scope.ids
    if scope.other_script:
        known["other_script"] = True
    if scope.types:
        known["types"] = scope.types
    if scope.origin:
        known["origin"] = scope.origin
    return known


def stored_collector(
    store: Store,
    run_id: int | None,
    sources: Sequence[Source],
    *,
    free_only: bool = False,
    keep_free: bool = True,
    again: bool = False,
    tell: Callable[[str], None] = lambda sentence: None,
    checkpoint: Callable[[], None] = lambda: None,
) -> CandidateCollector:
    """A collector that remembers the calls of the store and keeps new answers in it, in a run;
    without one it keeps nothing and asks only what costs nothing. What another run is asking is not
    asked, and budgets hold over all runs at a time. ``keep_free`` False keeps calls alone.
    ``again`` forgets answers without use that other runs got; ``tell`` is told of sources that
    stop, ``checkpoint`` may end it all."""

    def keep(source: Source, answers: Sequence[Answer]) -> None:
        kept = [answer for answer in answers if keep_free or answer.call is not None]
        if run_id is not None and kept:
            save_answers(store, run_id, source, kept)

    def remembered(source: Source, marks: Sequence[str]) -> Mapping[str, tuple[Candidate, ...]]:
        return known_answers(store, source.name, marks, anew_in=run_id if again else None)

    if run_id is None:
        return CandidateCollector(sources, keep, remembered, free_only=True, tell=tell)
    for source in sources:
        budget = getattr(source, "budget", None)
        if isinstance(budget, Budget) and budget.limits != Limits():
            budget.share(Spending(store, run_id, source.name).add)
    claim = partial(claimed, store, run_id)
    return CandidateCollector(
        sources,
        keep,
        remembered,
        claim=claim,
        free_only=free_only,
        tell=tell,
        checkpoint=checkpoint,
    )
