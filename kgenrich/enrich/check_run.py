"""Checking a whole graph: batch by batch, so that a run that is stopped keeps what it found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from kgenrich.consensus.learned_ranker import Model
from kgenrich.consensus.validators import Validator
from kgenrich.enrich.check import JudgedEntity, better_names, judge_entities
from kgenrich.enrich.steps import Counts, Step, run_steps
from kgenrich.model import Entity, Scope
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph


class CheckCounts(Counts):
    """What happened: names judged, beside `Counts`, whose proposals are the better names;
    ``before`` counts the entities that a stopped run had checked."""

    before: int = 0
    judged: int = 0

    @property
    def done(self) -> int:
        """See `Counts.done`."""
        return self.before + self.entities

    @property
    def note(self) -> str:
        """See `Counts.note`."""
        return f"{self.proposals} better names for {self.judged} judged"


def check_graph(
    store: Store,
    sources: Sequence[Source],
    model: Model,
    validate: Validator,
    scope: Scope,
    settings_hash: str,
    *,
    over: float,
    limit: int | None = None,
    batch: int = 200,
    dry_run: bool = False,
    progress: Progress = SILENT,
) -> tuple[CheckCounts, list[JudgedEntity]]:
    """Judge the names of the graph in the languages of a scope and put better ones into the review
    queue: what is wrong with a probability of ``over`` is doubtful.

    ``limit`` and ``batch`` count entities. Returns the counts and where something is doubtful.
    """
    counts = CheckCounts()
    doubtful: list[JudgedEntity] = []

    def steps(collector: CandidateCollector, position: str) -> Iterator[Step]:
        counts.before, after = _read_position(position)
        for entities in _batches(store, scope, limit, batch, counts.before, after):
            suspects = []
            for one in judge_entities(entities, scope.languages, collector, model):
                counts.judged += len(one.findings)
                if any(finding.wrong >= over for finding in one.findings):
                    suspects.append(one)
            doubtful.extend(suspects)
            better = [name for one in suspects for name in better_names(one, over, validate)]
            done = counts.done + len(entities)
            yield Step(entities, better, f"{done} {entities[-1].id}")

    told = {
        "languages": list(scope.languages),
        "class": scope.class_id,
        "limit": limit,
        "over": over,
        "sources": [source.name for source in sources],
    }
    run_steps(
        store, sources, "check", told, settings_hash, steps, counts, progress, dry_run=dry_run
    )
    return counts, doubtful


def _batches(
    store: Store, scope: Scope, limit: int | None, size: int, before: int, after: str | None
) -> Iterator[list[Entity]]:
    """Entities of the class that have a name in one of the languages, in key order."""
    named: Iterable[Entity] = (
        entity
        for entity in StoreGraph(store).entities(after=after)
        if scope.class_id is None or scope.class_id in entity.classes
        if any(entity.names(code) for code in scope.languages)
    )
    if limit is not None:
        named = islice(named, max(limit - before, 0))
    rest = iter(named)
    while batch := list(islice(rest, size)):
        yield batch


def _read_position(position: str) -> tuple[int, str | None]:
    if not position:
        return 0, None
    done, entity = position.split(" ", 1)
    return int(done), entity
