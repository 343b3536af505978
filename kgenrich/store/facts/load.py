"""Loading entities: one transaction a batch, and only what differs is written.

An entity becomes rows of four tables; against those that are stored, the difference of two sets
is what to delete and what to insert. A digest of what was last loaded spares reading back what
did not change, and new entities go in without being looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import chain
from operator import add
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Connection, Table, select

from kgenrich.model import MUL, Entity
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage_counts import CoverageChanges
from kgenrich.store.facts.entity_digest import digest_beside
from kgenrich.store.facts.recount import add_changes
from kgenrich.store.facts.storable import Item, LeftOut, storable_items
from kgenrich.store.keys import add_iris, entity_key, rows_with
from kgenrich.store.tables import VALUE_KINDS, claims, classes, entities, sitelinks, terms

_VALUE_CODES = {kind: code for code, kind in enumerate(VALUE_KINDS)}
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
"""What can be a language code; the longest one in use has 12 characters."""

_TABLES = (terms, classes, claims, sitelinks)
_Rows = tuple[list[bulk.Row], list[bulk.Row], list[bulk.Row], list[bulk.Row]]


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

    @property
    def gone(self) -> bool:
        return self.deleted or self.redirect_key is not None


def load_entities(
    store: Store,
    entities: Sequence[Entity],
    *,
    languages: Sequence[str] = (),
    live: bool = False,
    also: Callable[[Connection, Sequence[LeftOut]], None] | None = None,
) -> LoadCounts:
    """Bring a batch into the store, in one transaction.

    With ``languages`` only the terms in those are touched, others are kept. An entity that is
    stored in a newer revision is skipped, as is one that changes nothing; a revision of 0 is
    unknown and never older. What was deleted comes back in a newer revision, and in the same one
    if it is ``live``: just told by the server that has it. What no database can keep is left out;
    ``also`` is told of it and is done in the same transaction. A few thousand entities a batch are
    best.
    """
    wanted = frozenset(languages)
    wrong = _number_languages(store, entities, wanted)
    items, left_out = storable_items(entities, wrong, " ".join(sorted(wanted)).encode())
    broken = len(entities) - len(items)

    def work(connection: Connection) -> LoadCounts:
        load = _Load(store, connection, wanted, live)
        counts = LoadCounts(read=broken, broken=broken)
        for part in _rounds(items):
            counts += load.load(part)
        add_changes(connection, load.coverage)
        if also is not None:
            also(connection, left_out)
        return counts

    return store.write(work)


def _number_languages(store: Store, entities: Sequence[Entity], wanted: Set[str]) -> frozenset[str]:
    """Give every language an id; back come the codes that are no codes."""
    codes: set[str] = set()
    for entity in entities:
        codes.update(entity.labels, entity.descriptions, entity.definitions, entity.aliases)
    unknown = store.slots.unknown(codes & wanted if wanted else codes)
    wrong = frozenset(code for code in unknown if not _CODE.fullmatch(code))
    store.number_languages(code for code in unknown if code not in wrong)
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
    """One batch, part by part."""

    def __init__(
        self, store: Store, connection: Connection, languages: frozenset[str], live: bool
    ) -> None:
        self.slots = store.slots
        self.connection = connection
        self.languages = languages
        self.live = live
        self.coverage = CoverageChanges(store.reach)

    def load(self, part: Sequence[Item]) -> LoadCounts:
        self.new_entities: list[bulk.Row] = []
        self.updates: list[bulk.Row] = []
        self.added, self.removed = _no_rows(), _no_rows()
        items = sorted(part)
        stored = self._stored([item.key for item in items])
        fresh = [item for item in items if item.key not in stored]
        other = [
            item
            for item in items
            if item.key in stored and not _is_old(item, stored[item.key], self.live)
        ]
        self._add_iris(fresh, other)
        for item in fresh:
            self._insert(item)
        held = self._held([item.key for item in other])
        changed = sum(self._change(item, stored[item.key], held[item.key]) for item in other)
        self._write()
        new = len(fresh)
        return LoadCounts(len(items), new, changed, len(items) - new - changed)

    def _stored(self, keys: list[int]) -> dict[int, _Stored]:
        query = select(entities).order_by(entities.c.key).with_for_update()
        rows = rows_with(self.connection, query, entities.c.key, keys)
        return {row.key: _Stored._make(row) for row in rows}

    def _held(self, keys: list[int]) -> dict[int, _Rows]:
        """The stored rows of entities."""
        held: dict[int, _Rows] = {key: _no_rows() for key in keys}
        for place, table in enumerate(_TABLES):
            column = table.c.entity_key
            at = list(table.c).index(column)
            for row in rows_with(self.connection, select(table), column, keys):
                held[row[at]][place].append(tuple(row))
        return held

    def _add_iris(self, fresh: Iterable[Item], other: Iterable[Item]) -> None:
        ids: set[str] = set()
        for item in chain(fresh, other):
            entity = item.entity
            ids.update((entity.id, entity.redirect or entity.id), entity.classes, entity.claims)
        add_iris(self.connection, ids)

    def _insert(self, item: Item) -> None:
        self.new_entities.append(_entity_row(item, item.entity.revision))
        if item.gone:
            return
        rows = self._rows(item)
        for added, mine in zip(self.added, rows, strict=True):
            added.extend(mine)
        slots = [row[1] for row in rows[0]]
        everywhere = item.entity.labels.get(MUL, "")
        links = len(item.entity.sitelinks)
        self.coverage.note([row[0] for row in rows[1]], slots, links, everywhere)

    def _change(self, item: Item, stored: _Stored, held: _Rows) -> bool:
        wanted = _no_rows() if item.gone else self._rows(item)
        digest = item.digest
        if self.languages and not item.gone:
            touched = set(self.slots.select(self.languages, ()))
            kept = sorted(row for row in held[0] if row[1] not in touched)
            wanted[0].extend(kept)
            # What is held then is more than what was loaded.
            digest = digest_beside(digest, kept) if kept else digest
        row = (*_entity_row(item, max(item.entity.revision, stored.revision))[:5], digest)
        same_rows = True
        for place in range(len(_TABLES)):
            before, after = set(held[place]), set(wanted[place])
            if before != after:
                same_rows = False
                self.removed[place].extend(before - after)
                self.added[place].extend(after - before)
        if same_rows and row[:5] == stored[:5]:
            return False
        self.updates.append(row)
        if not stored.gone:
            self._note(held, stored.links, gone=True)
        if not item.gone:
            self._note(wanted, row[4])
        return True

    def _note(self, rows: _Rows, links: int, *, gone: bool = False) -> None:
        texts = {slot: text for _, slot, _, text in rows[0]}
        everywhere = texts.get(self.slots.labels[MUL], "")
        self.coverage.note([row[0] for row in rows[1]], texts, links, everywhere, gone=gone)

    def _rows(self, item: Item) -> _Rows:
        key, entity = item.key, item.entity
        slots, wanted = self.slots, self.languages
        texts: list[bulk.Row] = []
        for places, by_language in (
            (slots.labels, entity.labels),
            (slots.descriptions, entity.descriptions),
            (slots.definitions, entity.definitions),
        ):
            if wanted:
                by_language = {c: t for c, t in by_language.items() if c in wanted}
            texts += [(key, places[code], 0, text) for code, text in by_language.items()]
        for code, names in entity.aliases.items():
            if not wanted or code in wanted:
                slot = slots.aliases[code]
                texts += [(key, slot, place, text) for place, text in enumerate(names)]
        return (
            texts,
            [
                (entity_key(id), key, place)
                for place, id in enumerate(dict.fromkeys(entity.classes))
            ],
            [
                (
                    key,
                    entity_key(property),
                    place,
                    _VALUE_CODES[value.kind],
                    value.value,
                    value.language,
                    value.precision,
                )
                for property, values in entity.claims.items()
                for place, value in enumerate(values)
            ],
            [(key, site, title) for site, title in entity.sitelinks.items()],
        )

    def _write(self) -> None:
        bulk.add(self.connection, entities, self.new_entities)
        bulk.replace(self.connection, entities, self.updates)
        table: Table
        for table, removed, added in zip(_TABLES, self.removed, self.added, strict=True):
            bulk.remove(self.connection, table, removed)
            bulk.add(self.connection, table, added)


def _is_old(item: Item, stored: _Stored, live: bool) -> bool:
    if item.digest == stored.digest:
        return True
    revision = item.entity.revision
    if not revision:
        return False
    # What was deleted does not come back from a dump of the state before.
    return revision < stored.revision or (
        stored.gone and not item.gone and not live and revision == stored.revision
    )


def _entity_row(item: Item, revision: int) -> bulk.Row:
    entity = item.entity
    target = entity_key(entity.redirect) if entity.redirect else None
    links = 0 if item.gone else len(entity.sitelinks)
    return item.key, revision, target, entity.deleted, links, item.digest


def _no_rows() -> _Rows:
    return [], [], [], []
