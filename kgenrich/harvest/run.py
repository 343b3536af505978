"""The loop of every harvest: batches from a reader into the store, to be taken up again anywhere.

The place that a harvest has come to is written in the transaction of the batch that leads there,
so a process that is killed loses nothing and does nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import add
from typing import Any, Self

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict, astuple, replace
from sqlalchemy import Connection

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.completeness import Met, Whole, take_out
from kgenrich.harvest.trial import Trial
from kgenrich.languages import chain, old_codes, valid_codes
from kgenrich.model import Entity, EntityType, Origin, Reject
from kgenrich.progress import SILENT, Progress
from kgenrich.store.base import Store
from kgenrich.store.facts.load import LoadCounts, load_entities
from kgenrich.store.facts.origins import count_entities, drop, register
from kgenrich.store.facts.seen import note_seen
from kgenrich.store.facts.storable import LeftOut
from kgenrich.store.keys import chunks
from kgenrich.store.ledger import HOME
from kgenrich.store.story.runs import Run, add_rejects, running, set_position

_TOGETHER = 500

Read = Callable[[str], Iterator[Batch]]
"""A reader of a graph that begins at a position, empty for the start."""

AskAgain = Callable[[Sequence[str]], Iterator[Batch]]
"""A reader of some entities."""


class Selection(Struct, frozen=True):
    """What to take of a graph: empty ``classes`` and ``types`` and a ``limit`` of 0 mean
    everything."""

    languages: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    limit: int = 0
    types: tuple[EntityType, ...] = ()

    def takes(self, entity: Entity) -> bool:
        """Whether the entity is of what is asked for."""
        if self.types and entity.type not in self.types:
            return False
        return not self.classes or not set(self.classes).isdisjoint(entity.classes)


class HarvestCounts(Struct, frozen=True):
    """What became of the entities that were ``read``: those that are ``unchanged`` are in the store
    as they are in the graph, or newer there; of those that are ``not_asked_for`` nobody looked;
    ``gone`` are those that the origin does not have any more.
    ``types`` counts what was taken by type, items left out; ``left_out`` and ``repaired``, by name
    in the singular ("label"), what of it was not used or was mended."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    not_asked_for: int = 0
    broken: int = 0
    gone: int = 0
    types: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Self) -> Self:
        return type(self)(*map(add, astuple(self), astuple(other)))


ALLOW_GONE = 20
"""Deletions in one run that need no yes."""


class _Place(Struct):
    """Where a harvest stands: the reader's position, entities taken, counts up to the batch; and
    the revisions of those that are ``gone``, which are deleted at the end. ``met`` is counted where
    a whole origin is harvested."""

    at: str = ""
    taken: int = 0
    gone: dict[str, int] = {}
    met: Met = field(default_factory=Met)


def place_of(run: Run) -> str:
    """The position of the reader of a harvest, empty where it has none."""
    return msgspec.json.decode(run.position, type=_Place).at if run.position else ""


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
    ask_again: AskAgain | None = None,
    input: str = "",
    resumable: bool = True,
    allow_gone: int = ALLOW_GONE,
    origin: Origin | None = None,
    whole: Whole = Whole.NO,
) -> HarvestCounts:
    """Read what an ``origin`` says (by default the wiki of the bare ids) into the store, from where
    an unfinished harvest of equal ``verb``, ``scope`` and ``settings_hash`` stopped.

    ``selection.languages`` are taken as they are (see `wanted_languages`). Gives back what
    was counted since then; entities that are not selected are not asked for. What of the
    ``input`` cannot be used is kept aside. Raises the `InputError` that the input ends in and says
    what before it is kept. The step that ``progress`` is in goes on in the units of the reader.

    What is gone is deleted when everything is read, and only if it is not more than ``allow_gone``:
    else nothing is deleted, and an `InputError` says how many there are. The same harvest with a
    larger number deletes what is gone then: one that goes on has ``ask_again`` say so anew.

    What a ``whole`` origin does not have any more is taken out of what it says: on demand, or where
    that is likely, for it is no more than ``allow_gone`` and a tenth of it.
    """
    scope = {**scope, **msgspec.to_builtins(selection)}
    with running(store, verb, scope, settings_hash, alone=resumable, progress=progress) as run:
        number = HOME if origin is None else register(store, origin)
        place = _Place()
        if resumable and run.position:
            place = msgspec.json.decode(run.position, type=_Place)
        counts = HarvestCounts()
        run.counts = asdict(counts)
        try:
            for batch, entities, others in _read_on(read, ask_again, selection, place):
                # Of what a server tells of, the place counts where nothing was to be read too.
                if batch.read or batch.left_out or batch.live:
                    met = place.met.add(batch) if whole is not Whole.NO else []
                    aside = _Aside(run.id, input, batch, place, met)
                    loaded = load_entities(
                        store,
                        entities,
                        origin=number,
                        languages=selection.languages,
                        live=batch.live,
                        also=aside.note,
                    )
                    counts += others + aside.counted(loaded, entities)
                run.counts = asdict(counts)
                standing = f", {batch.standing}" if batch.standing else ""
                progress.update(batch.done, f"{counts.read:,} entities{standing}")
                progress.checkpoint()
        except InputError as error:
            if counts.read:
                kept = f"The {counts.read:,} entities before that are kept."
            elif resumable and run.position:
                kept = "What was read before that is kept."
            else:
                if number != HOME and not count_entities(store, number):
                    drop(store, number)  # It said nothing: its name is free for another file.
                raise
            raise InputError(f"{error} {kept}") from error
        if len(place.gone) > allow_gone:
            raise _too_many(place.gone, allow_gone, input)
        for some in list(chunks(list(place.gone.items()), _TOGETHER)):
            entities = [Entity(id, revision=revision, deleted=True) for id, revision in some]
            place.gone = {id: r for id, r in place.gone.items() if id not in dict(some)}
            aside = _Aside(run.id, input, Batch(), place)
            counts += aside.counted(load_entities(store, entities, origin=number, also=aside.note))
            run.counts = asdict(counts)
        if whole is not Whole.NO:
            gone = take_out(store, run.id, number, place.met, whole, allow_gone, progress)
            counts += HarvestCounts(gone=gone)
            run.counts = asdict(counts)
    return counts


def _too_many(gone: Mapping[str, int], allowed: int, input: str) -> InputError:
    some = ", ".join([*gone][:3])
    return InputError(
        f"{input or 'The server'} says that {len(gone):,} entities of the store are gone ({some}, "
        f"...), and more than {allowed:,} are not deleted without a yes: none was. If it is right, "
        f"give --allow-gone {len(gone)}; everything else is kept."
    )


class _Aside:
    """What is kept beside a batch: what could not be used of it, and where the run is then."""

    def __init__(
        self, run_id: int, input: str, batch: Batch, place: _Place, met: Sequence[str] = ()
    ) -> None:
        self._run_id, self._input, self._batch = run_id, input, batch
        self._position = msgspec.json.encode(place).decode()
        self._batches, self._met = place.met.batches, met
        self._refused: Sequence[LeftOut] = ()

    def note(self, connection: Connection, refused: Sequence[LeftOut]) -> None:
        """Write it, with what the store ``refused``, in the transaction of the batch."""
        self._refused = refused
        told = (Reject(self._input, 0, one.reason, entity=one.entity) for one in refused)
        rows = (*self._batch.rejects, *self._batch.partial, *told)
        add_rejects(connection, self._run_id, rows)
        note_seen(connection, self._run_id, self._batches, self._met)
        set_position(connection, self._run_id, self._position)

    def counted(self, loaded: LoadCounts, entities: Sequence[Entity] = ()) -> HarvestCounts:
        """What became of the batch and its entities, all in all."""
        return HarvestCounts(
            loaded.read,
            loaded.new,
            loaded.changed,
            unchanged=loaded.skipped,
            broken=loaded.broken,
            types=_types(entities),
            left_out=sum((one.parts for one in self._refused), self._batch.left_out),
            repaired=self._batch.repaired,
        )


def _types(entities: Sequence[Entity]) -> Counter[str]:
    """How many there are of each type but items."""
    return Counter(entity.type for entity in entities if entity.type != "item")


def dry_run(
    selection: Selection,
    read: Read,
    progress: Progress = SILENT,
    trial: Trial | None = None,
) -> HarvestCounts:
    """Count what a harvest would read: entities that it would leave out as not asked for; without
    a ``trial`` those that it would take count as read alone."""
    counts, place = HarvestCounts(), _Place()
    for batch, entities, others in _selected(read, selection, place):
        loaded = LoadCounts(len(entities))
        if trial is not None:
            loaded = trial.load(batch, entities, selection.languages)
        taken = HarvestCounts(
            loaded.read,
            loaded.new,
            loaded.changed,
            unchanged=loaded.skipped,
            broken=loaded.broken,
            types=_types(entities),
            left_out=batch.left_out,
            repaired=batch.repaired,
        )
        counts += others + taken
        progress.update(batch.done, f"{counts.read:,} entities")
    if trial is not None:
        counts += HarvestCounts(gone=trial.gone(progress))
    return counts


def _read_on(
    read: Read, ask_again: AskAgain | None, selection: Selection, place: _Place
) -> Iterator[tuple[Batch, list[Entity], HarvestCounts]]:
    """What is not read yet. What a run before was told to be gone comes first: an old word deletes
    nothing, and what lives again stays."""
    if place.gone and ask_again is not None:
        at, again = place.at, ask_again([*place.gone])
        yield from _selected(
            lambda _: (replace(batch, position=at) for batch in again),
            replace(selection, limit=0),
            place,
        )
    yield from _selected(read, selection, place)


def _selected(
    read: Read, selection: Selection, place: _Place
) -> Iterator[tuple[Batch, list[Entity], HarvestCounts]]:
    """Every batch with its entities that are to be taken, up to the limit, and the counts of
    what was passed over on the way; ``place`` stands after it."""
    if 0 < selection.limit <= place.taken:
        return
    for batch in read(place.at):
        room = selection.limit - place.taken if selection.limit else len(batch.entities)
        entities: list[Entity] = []
        seen = 0
        held = 0
        for entity in batch.entities:
            if len(entities) == room:
                break
            seen += 1
            if entity.deleted:
                place.gone[entity.id] = entity.revision
                held += 1
                continue
            place.gone.pop(entity.id, None)
            if selection.takes(entity):
                entities.append(entity)
        for refused in batch.rejects:
            place.gone.pop(refused.entity, None)
        broken = len(batch.rejects)
        if seen == len(batch.entities):
            # Documents without an entity of their own (schemas) were read as well.
            seen = max(seen, batch.read - broken)
        place.at = batch.position
        place.taken += len(entities)
        others = seen - len(entities) - held
        gone = min(others, batch.unchanged)
        passed = HarvestCounts(
            others + broken, unchanged=gone, not_asked_for=others - gone, broken=broken
        )
        yield batch, entities, passed
        if 0 < selection.limit <= place.taken:
            return
