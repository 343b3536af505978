"""The stored graph as values: streams of entities, labels, one entity; and what is taken in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import methodcaller
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Table, bindparam, select

from kgenrich.model import UNKNOWN, Entity, TermKind, Value, joined_licences
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_ids, entity_key, rows_with
from kgenrich.store.tables import (
    ENTITY_TYPES,
    VALUE_KINDS,
    claims,
    classes,
    entities,
    is_alive,
    is_indexed_label,
    origins,
    presence,
    sitelinks,
    terms,
)
from kgenrich.store.term_slots import KIND_CODES

_PAGE = 1000
_FIELDS = ("labels", "descriptions", "aliases", "definitions")
"""The fields of an entity by the codes of their kinds."""

_Choice = Callable[[ColumnElement[int]], ColumnElement[bool]]


class StoreGraph:
    """The graph of a store, as sources read it (`kgenrich.sources.base.Graph`)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def entities(
        self, ids: Iterable[str] | None = None, *, after: str | None = None
    ) -> Iterator[Entity]:
        """The named entities in the order given, or all in key order, from the one that follows
        ``after`` on; unknown, deleted and redirected ones are left out. Memory stays flat, and
        writers are not kept waiting."""
        if ids is None:
            yield from self._all(None if after is None else entity_key(after))
            return
        for chunk in chunks(ids, _PAGE):
            keys = [entity_key(id) for id in chunk]
            with self._store.read() as connection:
                found = _read(self._store, connection, methodcaller("in_", keys))
            for key in dict.fromkeys(keys):
                if key in found:
                    yield found[key]

    def _all(self, last: int | None) -> Iterator[Entity]:
        while True:
            with self._store.read() as connection:
                query = select(entities.c.key).where(*is_alive()).order_by(entities.c.key)
                if last is not None:
                    query = query.where(entities.c.key > last)
                keys = list(connection.execute(query.limit(_PAGE)).scalars())
                if not keys:
                    return
                found = _read(self._store, connection, methodcaller("between", keys[0], keys[-1]))
            last = keys[-1]
            for key in keys:
                yield found[key]

    def digests(self, first: int | None = None) -> NDArray[np.int64]:
        """The digest that the store holds of each of the ``first`` entities in key order, of all
        for None: another one where anything of the entity is. No entity is read."""
        query = select(entities.c.digest).where(*is_alive()).order_by(entities.c.key)
        query = query.limit(first).execution_options(yield_per=10_000)
        with self._store.read() as connection:
            return np.fromiter(connection.execute(query).scalars(), np.int64)

    def labels(
        self, ids: Iterable[str], languages: Sequence[str]
    ) -> Mapping[str, Mapping[str, str]]:
        """Labels by entity id and language, for those that have one."""
        slots = self._store.slots.select(languages, (TermKind.LABEL,)) if languages else []
        found: dict[str, dict[str, str]] = {}
        if not slots:
            return found
        for chunk in chunks(dict.fromkeys(ids), _PAGE):
            names = {entity_key(id): id for id in chunk}
            query = (
                select(terms.c.entity_key, terms.c.slot, terms.c.text)
                .where(terms.c.entity_key.in_(list(names)), terms.c.slot.in_(slots))
                .order_by(terms.c.entity_key, terms.c.slot)
            )
            with self._store.read() as connection:
                for key, slot, text in connection.execute(query):
                    label = found.setdefault(names[key], {})
                    label[self._store.slots.language(slot)] = text
        return found

    def licences(self, ids: Iterable[str]) -> dict[str, str]:
        """The licence of all who speak of an entity, as an SPDX expression with `UNKNOWN` for those
        who have none, by id."""
        found: dict[str, list[str]] = {}
        with self._store.read() as connection:
            rows = connection.execute(select(origins.c.id, origins.c.licence))
            by_origin = {number: licence or UNKNOWN for number, licence in rows}
            names = {entity_key(id): id for id in ids}
            query = select(presence.c.entity_key, presence.c.origin_id)
            query = query.where(presence.c.type >= 0).order_by(*presence.primary_key)
            for row in rows_with(connection, query, presence.c.entity_key, names):
                found.setdefault(names[row.entity_key], []).append(by_origin[row.origin_id])
        return {id: joined_licences(*sorted(mine)) for id, mine in found.items()}


def ids_after(store: Store, after: str) -> Iterator[tuple[str, bool]]:
    """The bare ids of all entities in key order, from the one that follows ``after`` on, with
    whether they are there still; the store may be written to meanwhile."""
    last = entity_key(after) if after else 0
    while True:
        gone = entities.c.deleted | entities.c.redirect_key.is_not(None)
        query = select(entities.c.key, gone.label("gone")).where(entities.c.key > last)
        with store.read() as connection:
            rows = connection.execute(query.order_by(entities.c.key).limit(_PAGE)).all()
            ids = entity_ids(connection, [row.key for row in rows])
        if not rows:
            return
        yield from ((ids[row.key], not row.gone) for row in rows)
        last = rows[-1].key


def most_linked(store: Store, keys: Iterable[int]) -> list[str]:
    """The ids of the entities of these keys that are there, those with most sitelinks first, then
    by key."""
    query = select(entities.c.key, entities.c.links).where(*is_alive())
    with store.read() as connection:
        links = {row.key: row.links for row in rows_with(connection, query, entities.c.key, keys)}
        ids = entity_ids(connection, links)
    return [ids[key] for key in sorted(links, key=lambda key: (-links[key], key))]


def revisions(store: Store, ids: Iterable[str]) -> dict[str, int]:
    """The revisions of entities, 0 where the graph has none; without those that are not there."""
    found: dict[str, int] = {}
    for chunk in chunks(dict.fromkeys(ids), _PAGE):
        keys = {entity_key(id): id for id in chunk}
        query = select(entities.c.key, entities.c.revision).where(entities.c.key.in_(list(keys)))
        with store.read() as connection:
            found.update((keys[row.key], row.revision) for row in connection.execute(query))
    return found


def any_labels(store: Store, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """A label and its language for each entity that has any: English, else that of the language
    that the store met first."""
    english = store.slots.slot("en", TermKind.LABEL)
    keys = {entity_key(id): id for id in ids}
    query = select(terms.c.entity_key, terms.c.slot, terms.c.text).where(
        terms.c.slot % 4 == KIND_CODES[TermKind.LABEL], terms.c.ord == 0
    )
    found: dict[str, tuple[str, str]] = {}
    with store.read() as connection:
        rows = rows_with(connection, query, terms.c.entity_key, keys)
        for row in sorted(rows, key=lambda row: (row.slot != english, row.slot)):
            label = row.text, store.slots.language(row.slot)
            found.setdefault(keys[row.entity_key], label)
    return found


def find_entity(store: Store, id: str) -> Entity | None:
    """One entity, deleted and redirected ones too; None for one that was never loaded."""
    return find_entities(store, [id]).get(id)


def find_entities(store: Store, ids: Iterable[str]) -> dict[str, Entity]:
    """The named entities by id, deleted and redirected ones too, without those that were never
    loaded."""
    found: dict[str, Entity] = {}
    for chunk in chunks(dict.fromkeys(ids), _PAGE):
        keys = {entity_key(id): id for id in chunk}
        with store.read() as connection:
            read = _read(store, connection, methodcaller("in_", list(keys)), alive=False)
        found.update((keys[key], entity) for key, entity in read.items())
    return found


def has_class(store: Store, id: str) -> bool:
    """Whether any entity belongs to the class."""
    query = select(classes.c.entity_key).where(classes.c.class_key == entity_key(id)).limit(1)
    with store.read() as connection:
        return connection.execute(query).first() is not None


def taken_in(store: Store) -> Callable[[str, str, str, str], bool]:
    """A look-up of (entity, language, label, description) for the validators: True where an
    entity other than the one named has both (`kgenrich.consensus.validators.Taken`). Labels of more
    than `LONGEST_INDEXED` characters are not looked for."""
    labels, descriptions = terms.alias("labels"), terms.alias("descriptions")
    query = (
        select(labels.c.entity_key)
        .join(descriptions, descriptions.c.entity_key == labels.c.entity_key)
        .where(
            is_indexed_label("labels"),
            labels.c.slot == bindparam("label_slot"),
            labels.c.text == bindparam("label"),
            descriptions.c.slot == bindparam("description_slot"),
            descriptions.c.text == bindparam("description"),
            labels.c.entity_key != bindparam("own"),
        )
        .limit(1)
    )

    def taken(entity: str, language: str, label: str, description: str) -> bool:
        asked = {
            "label_slot": store.slots.slot(language, TermKind.LABEL),
            "label": label,
            "description_slot": store.slots.slot(language, TermKind.DESCRIPTION),
            "description": description,
            "own": entity_key(entity),
        }
        with store.read() as connection:
            return connection.execute(query, asked).first() is not None

    return taken


def _read(
    store: Store, connection: Connection, chosen: _Choice, *, alive: bool = True
) -> dict[int, Entity]:
    """The entities whose keys are chosen, by key."""
    slots = store.slots
    query = select(entities).where(chosen(entities.c.key))
    if alive:
        query = query.where(*is_alive())
    rows = {row.key: row for row in connection.execute(query)}
    parts: dict[int, dict[str, dict[str, Any]]] = {
        key: {field: {} for field in (*_FIELDS, "claims", "sitelinks")} for key in rows
    }

    def rows_of(table: Table, *order: Any) -> Any:
        columns = [column for column in table.c if column.name != "said"]
        query = select(*columns).where(chosen(table.c.entity_key)).order_by(*order)
        return connection.execute(query)

    for key, slot, place, text in rows_of(terms, *terms.primary_key):
        language, kind = slots.language(slot), slot & 3
        if kind == KIND_CODES[TermKind.ALIAS]:
            parts[key]["aliases"].setdefault(language, []).append(text)
        elif place == 0:
            parts[key][_FIELDS[kind]][language] = text
    members: dict[int, list[tuple[int, int]]] = {}
    for class_key, key, place in rows_of(classes):
        members.setdefault(key, []).append((place, class_key))
    said = list(rows_of(claims, *claims.primary_key))
    for key, site, title in rows_of(sitelinks, *sitelinks.primary_key):
        parts[key]["sitelinks"][site] = title
    wanted = set(rows)
    wanted.update(class_key for found in members.values() for _, class_key in found)
    wanted.update(row.property_key for row in said)
    wanted.update(row.redirect_key for row in rows.values() if row.redirect_key is not None)
    ids = entity_ids(connection, wanted)
    for row in said:
        value = Value(VALUE_KINDS[row.kind], row.value, row.language, row.precision)
        parts[row.entity_key]["claims"].setdefault(ids[row.property_key], []).append(value)
    return {
        key: Entity(
            ids[key],
            labels=parts[key]["labels"],
            descriptions=parts[key]["descriptions"],
            definitions=parts[key]["definitions"],
            aliases={code: tuple(names) for code, names in parts[key]["aliases"].items()},
            classes=tuple(ids[class_key] for _, class_key in sorted(members.get(key, ()))),
            claims={p: tuple(values) for p, values in parts[key]["claims"].items()},
            sitelinks=parts[key]["sitelinks"],
            revision=row.revision,
            redirect=ids[row.redirect_key] if row.redirect_key is not None else "",
            deleted=row.deleted,
            type=ENTITY_TYPES[row.type],
        )
        for key, row in rows.items()
    }
