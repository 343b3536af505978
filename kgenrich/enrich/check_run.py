"""Checking a whole graph: batch by batch, so that a run that is stopped keeps what it found.

A batch is one step: its answers, its better names and the new position are in the store when the
next begins. A run that was stopped goes on after its last batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from kgenrich.consensus.learned_ranker import Model
from kgenrich.consensus.propose import Validator
from kgenrich.enrich.aliases import told
from kgenrich.enrich.check import Checked, better_names, check
from kgenrich.enrich.run import stored_collector
from kgenrich.model import Entity, Proposal, TermKind, TermRequest
from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import finish_run, set_position, start_run


class Options(Struct, frozen=True):
    """What one check covers. ``over``: what is wrong so probably is doubtful. ``limit`` and
    ``batch`` count entities."""

    languages: tuple[str, ...]
    over: float
    class_id: str | None = None
    limit: int | None = None
    batch: int = 200
    dry_run: bool = False


class Tally(Struct):
    """What happened: entities checked, names judged, better names, and those of them that were not
    in the queue; ``before`` counts the entities that a stopped run had checked."""

    before: int = 0
    entities: int = 0
    judged: int = 0
    proposals: int = 0
    new: int = 0


Tick = Callable[[Tally], None]


def check_graph(
    store: Store,
    sources: Sequence[Source],
    model: Model,
    validate: Validator,
    options: Options,
    settings_hash: str,
    tick: Tick = lambda tally: None,
) -> tuple[Tally, list[Checked]]:
    """Judge the names of the graph and put better ones into the review queue. Returns the counts
    and where something is doubtful."""
    run = None
    if not options.dry_run:
        run = start_run(store, "check", _scope(options, sources), settings_hash)
    collector = stored_collector(store, run.id if run else None, sources)
    before, after = _read_position(run.position if run else "")
    tally = Tally(before=before)
    doubtful: list[Checked] = []
    try:
        for batch in _batches(store, options, before, after):
            found = _doubtful(batch, options, collector, model, tally)
            doubtful += found
            better = [
                name for one in found for name in _better(one, options.over, validate, collector)
            ]
            tally.entities += len(batch)
            tally.proposals += len(better)
            if run is not None:
                revisions = {entity.id: entity.revision for entity in batch}
                tally.new += save_proposals(store, run.id, better, revisions)
                position = f"{before + tally.entities} {batch[-1].id}"
                with store.begin() as connection:
                    set_position(connection, run.id, position)
            tick(tally)
    except BaseException:
        if run is not None:
            finish_run(store, run, "stopped", _counts(tally))
        raise
    if run is not None:
        finish_run(store, run, "done", _counts(tally))
    return tally, doubtful


def _batches(
    store: Store, options: Options, before: int, after: str | None
) -> Iterator[list[Entity]]:
    """Entities of the class that have a name in one of the languages, in key order."""
    named: Iterable[Entity] = (
        entity
        for entity in StoreGraph(store).entities(after=after)
        if options.class_id is None or options.class_id in entity.classes
        if any(entity.names(code) for code in options.languages)
    )
    if options.limit is not None:
        named = islice(named, max(options.limit - before, 0))
    rest = iter(named)
    while batch := list(islice(rest, options.batch)):
        yield batch


def _doubtful(
    batch: Sequence[Entity],
    options: Options,
    collector: CandidateCollector,
    model: Model,
    tally: Tally,
) -> list[Checked]:
    found = []
    for one in check(batch, options.languages, collector, model):
        tally.judged += len(one.findings)
        if any(finding.wrong >= options.over for finding in one.findings):
            found.append(one)
    return found


def _better(
    found: Checked, over: float, validate: Validator, collector: CandidateCollector
) -> list[Proposal]:
    names = better_names(found, over, validate)
    collector.tell(told(TermRequest(found.entity, found.language, TermKind.LABEL), names))
    return names


def _scope(options: Options, sources: Sequence[Source]) -> dict[str, object]:
    return {
        "languages": list(options.languages),
        "class": options.class_id,
        "limit": options.limit,
        "over": options.over,
        "sources": [source.name for source in sources],
    }


def _read_position(position: str) -> tuple[int, str | None]:
    if not position:
        return 0, None
    done, entity = position.split(" ", 1)
    return int(done), entity


def _counts(tally: Tally) -> dict[str, int]:
    return {name: getattr(tally, name) for name in Tally.__struct_fields__}
