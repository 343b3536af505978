"""What entities are called, in key order and without anything else of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import methodcaller
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, func, select

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import NO_KEYS, Keys
from kgenrich.store.keys import chunks, entity_key
from kgenrich.store.tables import (
    VALUE_KINDS,
    claims,
    classes,
    entities,
    is_alive,
    terms,
)
from kgenrich.store.term_slots import KIND_CODES

_PAGE = 2000
_NAMES = (KIND_CODES[TermKind.LABEL], KIND_CODES[TermKind.ALIAS])


class EntityNames(NamedTuple):
    """The key of an entity, its sitelinks, the keys of its classes, and its labels and aliases,
    each text once."""

    key: int
    links: int
    classes: tuple[int, ...]
    names: tuple[str, ...]


def entity_names(store: Store, keys: Iterable[int] | None = None) -> Iterator[EntityNames]:
    """The names of the entities of these keys, or of all in key order; without those that are
    merged, deleted or nameless. Memory stays flat."""
    if keys is not None:
        for chunk in chunks(keys, _PAGE):
            with store.read() as connection:
                yield from list(_read(connection, methodcaller("in_", chunk)))
        return
    last: int | None = None
    while True:
        query = select(entities.c.key).order_by(entities.c.key).limit(_PAGE)
        if last is not None:
            query = query.where(entities.c.key > last)
        with store.read() as connection:
            page = list(connection.execute(query).scalars())
            if not page:
                return
            yield from list(_read(connection, methodcaller("between", page[0], page[-1])))
        last = page[-1]


def count_entities(store: Store) -> int:
    """How many entities there are."""
    query = select(func.count()).select_from(entities).where(*is_alive())
    with store.read() as connection:
        return connection.execute(query).scalar_one()


def class_keys(store: Store) -> Keys:
    """The keys of what anything is an instance of, sorted."""
    return _sorted(store, select(classes.c.class_key).distinct())


def property_keys(store: Store) -> Keys:
    """The keys of the properties that are stated of anything, sorted."""
    return _sorted(store, select(claims.c.property_key).distinct())


def narrower_pairs(store: Store, properties: Iterable[str]) -> Keys:
    """Pairs of a class and one that is directly under it by these properties, (n, 2), sorted."""
    keys = [entity_key(id) for id in properties]
    query = select(claims.c.value, claims.c.entity_key).where(
        claims.c.property_key.in_(keys), claims.c.kind == VALUE_KINDS.index("entity")
    )
    with store.read() as connection:
        rows = connection.execution_options(yield_per=10_000).execute(query)
        found = np.fromiter(
            ((entity_key(value), key) for value, key in rows), np.dtype((np.int64, 2))
        )
    return np.unique(found, axis=0) if len(found) else NO_KEYS.reshape(0, 2)


def _sorted(store: Store, query: Select[Any]) -> Keys:
    with store.read() as connection:
        return np.sort(np.fromiter(connection.execute(query).scalars(), np.int64))


def _read(
    connection: Connection, chosen: Callable[[ColumnElement[int]], ColumnElement[bool]]
) -> Iterator[EntityNames]:
    alive = select(entities.c.key, entities.c.links).where(chosen(entities.c.key), *is_alive())
    links: dict[int, int] = dict(map(tuple, connection.execute(alive)))
    within = chosen(terms.c.entity_key), (terms.c.slot % 4).in_(_NAMES)
    names: dict[int, dict[str, None]] = {}
    for key, text in connection.execute(select(terms.c.entity_key, terms.c.text).where(*within)):
        names.setdefault(key, {})[text] = None
    members: dict[int, list[int]] = {}
    query = select(classes.c.entity_key, classes.c.class_key).where(chosen(classes.c.entity_key))
    for key, class_key in connection.execute(query):
        members.setdefault(key, []).append(class_key)
    for key in sorted(links):
        if texts := names.get(key):
            yield EntityNames(key, links[key], tuple(members.get(key, ())), tuple(texts))
