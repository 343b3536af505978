"""Loading what an origin says of entities: one transaction a batch, and only what differs is
written.

An entity becomes rows of a few tables; against those that are stored, the difference of two sets
is what to delete and what to insert. A digest of what an origin last said spares reading back what
did not change, and new entities go in without being looked at again. Where several origins speak of
an entity, its rows are merged from what each of them says (`kgenrich.store.facts.merging`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from operator import add
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Connection, select

from kgenrich.model import MUL, Entity, TermKind
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import note_changes
from kgenrich.store.facts.coverage_counts import CoverageChanges
from kgenrich.store.facts.entity_digest import digest_beside
from kgenrich.store.facts.entity_rows import TABLES, EntityRows, Rows, Sayings, no_rows
from kgenrich.store.facts.recount import add_changes
from kgenrich.store.facts.storable import Item, LeftOut, storable_items
from kgenrich.store.facts.unsettled import mark_unsettled
from kgenrich.store.keys import add_iris, chunks, counted_under, entity_key, rows_with
from kgenrich.store.ledger import HOME, LedgerEntry
from kgenrich.store.tables import ENTITY_TYPES, claims, classes, entities, presence, terms
from kgenrich.store.term_slots import KIND_CODES

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
"""What can be a language code; the longest one in use has 12 characters."""

_GONE = -1
"""The type of what an origin says is gone."""
_LARGEST = (1 << 63) - 1
_LABEL = KIND_CODES[TermKind.LABEL]
_TERMS = frozenset({"label", "alias", "description", "definition"})
_TOGETHER = 500


class LoadCounts(Struct, frozen=True):
    """What became of entities; of ``broken`` ones nothing can be kept."""

    read: int = 0
    new: int = 0
    changed: int = 0
    skipped: int = 0
    broken: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*map(add, astuple(self), astuple(other)))


class _Stored(NamedTuple):
    key: int
    revision: int
    redirect_key: int | None
    deleted: bool
    links: int
    digest: int
    type: int

    @property
    def gone(self) -> bool:
        return self.deleted or self.redirect_key is not None


class _Present(NamedTuple):
    digest: int
    type: int


def load_entities(
    store: Store,
    entities: Sequence[Entity],
    *,
    origin: int = HOME,
    languages: Sequence[str] = (),
    live: bool = False,
    also: Callable[[Connection, Sequence[LeftOut]], None] | None = None,
    keep: bool = True,
) -> LoadCounts:
    """Bring what an ``origin`` (its number) says of a batch into the store, in one transaction: in
    the place of what it said of them before, beside what others say.

    With ``languages`` only the terms in those are touched, others are kept. An entity that is
    stored in a newer revision is skipped, as is one that changes nothing; a revision of 0 is
    unknown and never older. What was deleted comes back in a newer revision, and in the same one
    if it is ``live``: just told by the server that has it. What no database can keep is left out;
    ``also`` is told of it and is done in the same transaction. A few thousand entities a batch are
    best. Without ``keep`` it is counted what would be done, and all is taken back; ``store`` is
    then one that is open for this alone.
    """
    wanted = frozenset(languages)
    wrong = _number_languages(store, entities, wanted, keep=keep)
    items, left_out = storable_items(entities, wrong, " ".join(sorted(wanted)).encode())
    broken = len(entities) - len(items)

    def work(connection: Connection) -> LoadCounts:
        load = _Load(store, connection, origin, wanted, live)
        counts = LoadCounts(read=broken, broken=broken)
        for part in _rounds(items):
            counts += load.load(part)
        if not keep:
            raise _TakenBack(counts)
        load.end()
        if also is not None:
            also(connection, left_out)
        return counts

    try:
        return store.write(work)
    except _TakenBack as taken_back:
        return taken_back.counts


class _TakenBack(Exception):
    """The transaction was for its counts alone."""

    def __init__(self, counts: LoadCounts) -> None:
        super().__init__()
        self.counts = counts


def retract(
    store: Store,
    origin: int,
    ids: Iterable[int],
    also: Callable[[Connection], None] | None = None,
) -> int:
    """Take what an origin says of entities (their keys) out of the store, in transactions of some
    hundred; back comes of how many it spoke. An entity that nobody speaks of any more is deleted;
    its proposals and decisions are kept. ``also`` is done in each transaction."""

    def work(connection: Connection, keys: Sequence[int]) -> int:
        load = _Load(store, connection, origin)
        found = load.retract(keys)
        load.end()
        if also is not None:
            also(connection)
        return found

    return sum(
        store.write(lambda connection: work(connection, keys))  # noqa: B023
        for keys in chunks(ids, _TOGETHER)
    )


def _number_languages(
    store: Store, entities: Sequence[Entity], wanted: Set[str], *, keep: bool
) -> frozenset[str]:
    """Give every language an id; back come the codes that are no codes."""
    codes: set[str] = set()
    for entity in entities:
        codes.update(entity.labels, entity.descriptions, entity.definitions, entity.aliases)
        codes.update(one.value.language for one in entity.statements if one.form.role in _TERMS)
    unknown = store.slots.unknown(codes & wanted if wanted else codes)
    wrong = frozenset(code for code in unknown if not _CODE.fullmatch(code))
    good = [code for code in unknown if code not in wrong]
    if keep:
        store.number_languages(good)
    else:
        store.slots.pretend(good)
    return wrong


def _rounds(batch: Sequence[Item]) -> Iterator[list[Item]]:
    """The batch in parts in which no entity comes twice."""
    part: dict[str, Item] = {}
    for item in batch:
        if item.entity.id in part:
            yield list(part.values())
            part = {}
        part[item.entity.id] = item
    if part:
        yield list(part.values())


class _Load:
    """One batch of what an origin says, part by part."""

    def __init__(
        self,
        store: Store,
        connection: Connection,
        origin: int,
        languages: frozenset[str] = frozenset(),
        live: bool = False,
    ) -> None:
        self.slots = store.slots
        self.connection = connection
        self.origin = origin
        self.origins = store.ledger.origins
        self.rows = EntityRows(
            store.slots, LedgerEntry(store.ledger, connection), origin, languages
        )
        self.live = live
        self.coverage = CoverageChanges(store.reach)
        self.changed: set[int] = set()
        self.told: set[int] = set()

    def load(self, part: Sequence[Item]) -> LoadCounts:
        items = sorted(part)
        self._begin([item.key for item in items])
        fresh = [item for item in items if item.key not in self.stored]
        other = [item for item in items if item.key in self.stored and not self._is_old(item)]
        self._add_iris(fresh, other)
        for item in fresh:
            self._insert(item)
        held = self._held([item.key for item in other])
        changed = sum(self._change(item, held[item.key]) for item in other)
        self._write()
        new = len(fresh)
        return LoadCounts(len(items), new, changed, len(items) - new - changed)

    def retract(self, keys: Sequence[int]) -> int:
        """Take out what the origin says of these; how many it spoke of."""
        self._begin(sorted(keys))
        held = self._held(self.stored)
        found = 0
        for key, stored in self.stored.items():
            present = self.present.get(key, {})
            if present.pop(self.origin, None) is None:
                continue
            found += 1
            self.absent.append((key, self.origin, 0, 0))
            kept = self.rows.said(held[key], kept=lambda origin, _: origin != self.origin)
            head = (0, None, not present) if self._is_home(self.origin) else stored[1:4]
            if not present:
                head = (stored.revision, None, True)
            self._bring(key, held[key], self.rows.merged(key, [kept]), head, present)
        self._write()
        return found

    def end(self) -> None:
        """Write what all parts together come to."""
        add_changes(self.connection, self.coverage)
        note_changes(self.connection, self.changed, self.told)
        mark_unsettled(self.connection, self.changed)

    def _begin(self, keys: Sequence[int]) -> None:
        """Look at what is stored of some entities."""
        self.new_entities: list[bulk.Row] = []
        self.updates: list[bulk.Row] = []
        self.presences: list[bulk.Row] = []
        self.absent: list[bulk.Row] = []
        self.added, self.removed = no_rows(), no_rows()
        query = select(entities).order_by(entities.c.key).with_for_update()
        rows = rows_with(self.connection, query, entities.c.key, keys)
        self.stored = {row.key: _Stored._make(row) for row in rows}
        self.rows.entry.catch_up()
        self.present: dict[int, dict[int, _Present]] = {}
        query = select(presence)
        for row in rows_with(self.connection, query, presence.c.entity_key, self.stored):
            mine = self.present.setdefault(row.entity_key, {})
            mine[row.origin_id] = _Present(row.digest, row.type)

    def _held(self, keys: Iterable[int]) -> dict[int, Rows]:
        """The stored rows of entities."""
        held: dict[int, Rows] = {key: no_rows() for key in keys}
        for place, table in enumerate(TABLES):
            column = table.c.entity_key
            at = list(table.c).index(column)
            for row in rows_with(self.connection, select(table), column, held):
                held[row[at]][place].append(tuple(row))
        return held

    def _add_iris(self, fresh: Iterable[Item], other: Iterable[Item]) -> None:
        ids: set[str] = set()
        for item in chain(fresh, other):
            entity = item.entity
            ids.update((entity.id, entity.redirect or entity.id), entity.classes, entity.claims)
            for statement in entity.statements:
                role = statement.form.role
                if role in _TERMS:
                    continue
                is_class = role == "class"
                ids.add(statement.value.value if is_class else statement.form.predicate)
        add_iris(self.connection, ids)

    def _insert(self, item: Item) -> None:
        entity = item.entity
        target = entity_key(entity.redirect) if entity.redirect else None
        type = ENTITY_TYPES.index(entity.type)
        rows = no_rows() if item.gone else self._alone(item)
        for added, mine in zip(self.added, rows, strict=True):
            added.extend(mine)
        self.new_entities.append(
            (item.key, entity.revision, target, entity.deleted, len(rows[3]), item.digest, type)
        )
        said = _Present(item.digest, _GONE if item.gone else type)
        self.presences.append((item.key, self.origin, *said))
        self.changed.add(item.key)
        if not item.gone:
            self.told.add(item.key)
            self._note(rows, type, len(rows[3]))

    def _alone(self, item: Item) -> Rows:
        """The rows of an entity that nobody else speaks of."""
        if item.entity.statements:
            return self.rows.alone(item.key, item.entity)
        return self.rows.plain(item.key, item.entity)

    def _change(self, item: Item, held: Rows) -> bool:
        key, entity = item.key, item.entity
        stored, present = self.stored[key], self.present.get(key, {})
        digest = item.digest
        is_alone = not present.keys() - {self.origin}
        touched = None if item.gone else self.rows.touched
        kept_terms = [row for row in held[0] if touched is not None and row[1] not in touched]
        if is_alone and not entity.statements:
            wanted = no_rows() if item.gone else self._alone(item)
            wanted[0].extend(sorted(kept_terms))
        else:
            mine = self._mine(item)

            def is_kept(origin: int, slot: int) -> bool:
                return origin != self.origin or (touched is not None and slot not in {0, *touched})

            wanted = self.rows.merged(key, [self.rows.said(held, kept=is_kept), *mine])
        if kept_terms and is_alone:
            # What is held then is more than what was loaded.
            digest = digest_beside(digest, sorted(kept_terms))
        target = entity_key(entity.redirect) if entity.redirect else None
        head = (max(entity.revision, stored.revision), target, entity.deleted)
        if any(self._is_home(origin) for origin in present if origin != self.origin):
            head = stored[1:4]
        type = _GONE if item.gone else ENTITY_TYPES.index(entity.type)
        said = _Present(digest, type)
        before = present.get(self.origin)
        is_known = before is not None and before.type == type
        present[self.origin] = said
        changed = self._bring(key, held, wanted, head, present, is_known=is_known)
        if changed or not is_known:
            self.presences.append((key, self.origin, *said))
        return changed

    def _mine(self, item: Item) -> list[Sayings]:
        """What the origin says of an entity now."""
        if item.gone:
            return []
        if item.entity.statements:
            return [self.rows.stated(item.key, item.entity)]
        plain = self.rows.plain(item.key, item.entity)
        return [self.rows.said(plain, kept=lambda *_: True)]

    def _bring(
        self,
        key: int,
        held: Rows,
        wanted: Rows,
        head: tuple[int, int | None, bool],
        present: Mapping[int, _Present],
        *,
        is_known: bool = False,
    ) -> bool:
        """Note what makes the rows of an entity those that are wanted; whether anything does. Where
        nothing does, and the origin ``is_known`` to speak of it, nothing is written."""
        stored = self.stored[key]
        revision, target, deleted = head
        is_gone = deleted or target is not None
        links = 0 if is_gone else len(wanted[3])
        digest = _digest(present)
        type = self._type(present, stored.type)
        row = (key, revision, target, deleted, links, digest, type)
        same_rows, is_told = True, stored.gone != is_gone
        for place in range(len(TABLES)):
            before, after = set(held[place]), set(wanted[place])
            if before != after:
                same_rows = False
                is_told |= _is_told(place, before ^ after)
                self.removed[place].extend(before - after)
                self.added[place].extend(after - before)
        if same_rows and row[:5] == stored[:5] and type == stored.type:
            if not is_known:
                self.updates.append(row)
            return False
        self.updates.append(row)
        self.changed.add(key)
        if is_told:
            self.told.add(key)
        if not stored.gone:
            self._note(held, stored.type, stored.links, gone=True)
        if not is_gone:
            self._note(wanted, type, links)
        return True

    def _type(self, present: Mapping[int, _Present], before: int) -> int:
        """What an entity is: what the wiki says, else the most particular that anybody says."""
        said = {origin: one.type for origin, one in present.items() if one.type != _GONE}
        home = [type for origin, type in said.items() if self._is_home(origin)]
        return max(home or said.values(), default=before)

    def _is_home(self, origin: int) -> bool:
        return self.origins[origin].kind == "wiki"

    def _note(self, rows: Rows, type: int, links: int, *, gone: bool = False) -> None:
        texts = {row[1]: row[3] for row in rows[0]}
        everywhere = texts.get(self.slots.labels[MUL], "")
        keys = counted_under(type, [row[0] for row in rows[1]])
        self.coverage.note(keys, texts, links, everywhere, gone=gone)

    def _write(self) -> None:
        bulk.add(self.connection, entities, self.new_entities)
        bulk.replace(self.connection, entities, self.updates)
        bulk.replace(self.connection, presence, self.presences)
        bulk.remove(self.connection, presence, self.absent)
        for table, removed, added in zip(TABLES, self.removed, self.added, strict=True):
            bulk.remove(self.connection, table, removed)
            bulk.add(self.connection, table, added)

    def _is_old(self, item: Item) -> bool:
        mine = self.present.get(item.key, {}).get(self.origin)
        if mine is None:
            return False
        if item.digest == mine.digest:
            return True
        revision, stored = item.entity.revision, self.stored[item.key]
        if not revision:
            return False
        # What was deleted does not come back from a dump of the state before.
        return revision < stored.revision or (
            stored.gone and not item.gone and not self.live and revision == stored.revision
        )


def _is_told(place: int, rows: Set[bulk.Row]) -> bool:
    """Whether what differs in one of `TABLES` is something that is read of an entity where others
    speak of it: its labels, its classes, its claims."""
    if TABLES[place] is terms:
        return any(row[1] % 4 == _LABEL for row in rows)
    return TABLES[place] in (classes, claims)


def _digest(present: Mapping[int, _Present]) -> int:
    """Of what all origins say of an entity, in whatever order they came."""
    return sum(one.digest for one in present.values()) & _LARGEST
