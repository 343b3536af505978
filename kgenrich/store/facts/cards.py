"""Entities in short: what they are called, what they are, which claims they have of some
properties; many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import func, select

from kgenrich.model import TermKind, Value
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_ids, entity_key, rows_with
from kgenrich.store.tables import VALUE_KINDS, claims, classes, terms, totals
from kgenrich.store.term_slots import KIND_CODES

_SAMPLE = 1000
_DESCRIBED = (TermKind.DESCRIPTION, TermKind.DEFINITION)


class EntityCard(NamedTuple):
    """The id of an entity, its labels and what it is said to be by language, and the ids of its
    classes."""

    id: str
    labels: Mapping[str, str]
    descriptions: Mapping[str, str]
    classes: tuple[str, ...]


def entity_cards(store: Store, keys: Iterable[int]) -> dict[int, EntityCard]:
    """The cards of the entities of these keys that have an id."""
    labels: dict[int, dict[str, str]] = {}
    told: dict[int, dict[str, str]] = {}
    members: dict[int, list[int]] = {}
    wanted = list(dict.fromkeys(keys))
    codes = [KIND_CODES[kind] for kind in (TermKind.LABEL, *_DESCRIBED)]
    query = select(terms.c.entity_key, terms.c.slot, terms.c.text).where(
        (terms.c.slot % 4).in_(codes), terms.c.ord == 0
    )
    belongs = select(classes.c.entity_key, classes.c.class_key, classes.c.ord)
    with store.read() as connection:
        # Of a language that has both the description comes first, for its slot is lower.
        for row in sorted(rows_with(connection, query, terms.c.entity_key, wanted)):
            key, slot, text = tuple(row)
            is_label = slot & 3 == KIND_CODES[TermKind.LABEL]
            mine = (labels if is_label else told).setdefault(key, {})
            mine.setdefault(store.slots.language(slot), text)
        rows = rows_with(connection, belongs, classes.c.entity_key, wanted)
        for row in sorted(rows, key=lambda row: (row.entity_key, row.ord)):
            members.setdefault(row.entity_key, []).append(row.class_key)
        ids = entity_ids(connection, {*wanted, *(one for mine in members.values() for one in mine)})
    return {
        key: EntityCard(
            ids[key],
            labels.get(key, {}),
            told.get(key, {}),
            tuple(ids[one] for one in members.get(key, ()) if one in ids),
        )
        for key in wanted
        if key in ids
    }


def claims_of(
    store: Store, keys: Iterable[int], properties: Collection[str]
) -> dict[int, dict[str, tuple[Value, ...]]]:
    """The values that the entities of these keys have of some properties, by key and property."""
    found: dict[int, dict[str, tuple[Value, ...]]] = {}
    named = {entity_key(id): id for id in properties}
    query = select(claims).where(claims.c.property_key.in_(list(named)))
    with store.read() as connection:
        for chunk in chunks(dict.fromkeys(keys)):
            rows = connection.execute(
                query.where(claims.c.entity_key.in_(chunk)).order_by(*claims.primary_key)
            )
            for row in rows:
                value = Value(VALUE_KINDS[row.kind], row.value, row.language, row.precision)
                mine = found.setdefault(row.entity_key, {})
                name = named[row.property_key]
                mine[name] = (*mine.get(name, ()), value)
    return found


def usual_properties(store: Store, class_id: str, limit: int) -> list[str]:
    """The properties that most of some entities of a class have, the most usual ones first."""
    members = select(classes.c.entity_key).where(classes.c.class_key == entity_key(class_id))
    some = members.limit(_SAMPLE).subquery()
    number = func.count(claims.c.entity_key.distinct())
    query = (
        select(claims.c.property_key)
        .join(some, some.c.entity_key == claims.c.entity_key)
        .group_by(claims.c.property_key)
        .order_by(number.desc(), claims.c.property_key)
        .limit(limit)
    )
    with store.read() as connection:
        keys = list(connection.execute(query).scalars())
        ids = entity_ids(connection, keys)
    return [ids[key] for key in keys if key in ids]


def largest_classes(store: Store, limit: int) -> list[str]:
    """The classes that most entities belong to, the largest first."""
    query = (
        select(totals.c.class_key)
        .where(totals.c.class_key.in_(select(classes.c.class_key)))
        .order_by(totals.c.entities.desc(), totals.c.class_key)
        .limit(limit)
    )
    with store.read() as connection:
        keys = list(connection.execute(query).scalars())
        ids = entity_ids(connection, keys)
    return [ids[key] for key in keys if key in ids]
