"""The loop of every harvest: batches from a reader into the store, to be taken up again anywhere.

The place that a harvest has come to is written in the transaction of the batch that leads there,
so a process that is killed loses nothing and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch
from kgenrich.languages import chain, old_codes, valid_codes
from kgenrich.model import Entity
from kgenrich.progress import SILENT, Progress
from kgenrich.store.base import Store
from kgenrich.store.facts.load import LoadCounts, load_entities
from kgenrich.store.story.runs import add_rejects, running, set_position

Read = Callable[[str], Iterator[Batch]]
"""A reader of a graph that begins at a position, empty for the start."""


class Selection(Struct, frozen=True):
    """What to take of a graph: empty ``classes`` and a ``limit`` of 0 mean everything."""

    languages: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    limit: int = 0


class _Place(Struct):
    """Where a harvest stands: the reader's position, entities taken, counts up to the batch."""

    at: str = ""
    taken: int = 0


def wanted_languages(languages: Sequence[str]) -> tuple[str, ...]:
    """The languages to harvest for those asked for: themselves and what Wikibase would show in
    their place (fallbacks, ``mul``, ``en``), without which nobody can tell an inherited term from
    a missing one, each followed by its old codes. Empty stays empty, for all. Raises `UsageError`
    for an unknown code.

    >>> wanted_languages(["de-at", "it"]), wanted_languages(["be-tarask"])
    (('de-at', 'de', 'mul', 'en', 'it'), ('be-tarask', 'be-x-old', 'be', 'mul', 'en'))
    """
    wanted = (code for asked in valid_codes(languages) for code in chain(asked))
    return tuple(dict.fromkeys(one for code in wanted for one in (code, *old_codes(code))))


def harvest(
    store: Store,
    verb: str,
    scope: Mapping[str, Any],
    settings_hash: str,
    selection: Selection,
    read: Read,
    progress: Progress = SILENT,
    *,
    resumable: bool = True,
) -> LoadCounts:
    """Read a graph into the store, from where an unfinished harvest of equal ``verb``, ``scope``
    and ``settings_hash`` stopped.

    ``selection.languages`` are taken as they are (see `wanted_languages`). Gives back what
    was counted since then; entities that are left out count as read and skipped. Raises the
    `InputError` that the input ends in and says what before it is kept. The step that
    ``progress`` is in goes on in the units of the reader.
    """
    scope = {**scope, **msgspec.to_builtins(selection)}
    with running(store, verb, scope, settings_hash) as run:
        place = _Place()
        if resumable and run.position:
            place = msgspec.json.decode(run.position, type=_Place)
        counts = LoadCounts()
        run.counts = asdict(counts)
        try:
            for batch, entities, others in _selected(read, selection, place):
                if batch.read:
                    counts += others
                    if batch.rejects:
                        add_rejects(store, batch.rejects)
                    at = msgspec.json.encode(place).decode()
                    counts += load_entities(
                        store,
                        entities,
                        languages=selection.languages,
                        live=batch.live,
                        also=partial(set_position, run_id=run.id, position=at),
                    )
                run.counts = asdict(counts)
                progress.update(batch.done, f"{counts.read:,} entities")
        except InputError as error:
            if counts.read:
                kept = f"The {counts.read:,} entities before that are kept."
            elif resumable and run.position:
                kept = "What was read before that is kept."
            else:
                raise
            raise InputError(f"{error} {kept}") from error
    return counts


def dry_run(selection: Selection, read: Read, progress: Progress = SILENT) -> LoadCounts:
    """Count what a harvest would read, without a store: entities it would take count as read
    alone, those it would leave out as skipped."""
    counts = LoadCounts()
    for batch, entities, others in _selected(read, selection, _Place()):
        counts += others + LoadCounts(len(entities))
        progress.update(batch.done, f"{counts.read:,} entities")
    return counts


def _selected(
    read: Read, selection: Selection, place: _Place
) -> Iterator[tuple[Batch, list[Entity], LoadCounts]]:
    """Every batch with its entities that are to be taken, up to the limit, and the counts of
    what was passed over on the way; ``place`` stands after it."""
    if 0 < selection.limit <= place.taken:
        return
    classes = set(selection.classes)
    for batch in read(place.at):
        room = selection.limit - place.taken if selection.limit else len(batch.entities)
        entities: list[Entity] = []
        seen = 0
        for entity in batch.entities:
            if len(entities) == room:
                break
            seen += 1
            if not classes or not classes.isdisjoint(entity.classes):
                entities.append(entity)
        broken = len(batch.rejects)
        if seen == len(batch.entities):
            # Documents without an entity of their own (lexemes) were read as well.
            seen = max(seen, batch.read - broken)
        place.at = batch.position
        place.taken += len(entities)
        skipped = seen - len(entities)
        yield batch, entities, LoadCounts(skipped + broken, skipped=skipped, broken=broken)
        if 0 < selection.limit <= place.taken:
            return
