"""A scope as conditions on rows: one place for every query that is narrowed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, ColumnElement, bindparam, select

from kgenrich.model import Scope
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_key
from kgenrich.store.tables import classes, entities, origins, presence, type_codes
from kgenrich.store.term_slots import KIND_CODES


def within(
    store: Store, scope: Scope, key: ColumnElement[int], slot: ColumnElement[int] | None = None
) -> list[ColumnElement[bool]]:
    """The conditions for an entity key, and where it is given a slot, to lie within the scope."""
    where: list[ColumnElement[bool]] = []
    if slot is not None and scope.languages:
        where.append(slot.in_(store.slots.select(scope.languages, scope.kinds)))
    elif slot is not None and scope.kinds:
        # Hundreds of languages, each looked up for each entity, would take their time.
        where.append((slot % 4).in_([KIND_CODES[kind] for kind in scope.kinds]))
    if scope.class_id is not None:
        class_key = entity_key(scope.class_id)
        where.append(key.in_(select(classes.c.entity_key).where(classes.c.class_key == class_key)))
    if scope.types:
        # Of its own name, for the key may be that of the same table.
        one = entities.alias()
        is_one = one.c.key == key, one.c.type.in_(type_codes(scope.types))
        where.append(select(one.c.key).where(*is_one).exists())
    if scope.origin:
        named = select(origins.c.id).where(origins.c.name == scope.origin).scalar_subquery()
        is_there = presence.c.entity_key == key, presence.c.origin_id == named
        where.append(select(presence.c.entity_key).where(*is_there).exists())
    if scope.ids:
        where.append(among(key, scope.ids))
    return where


def among(key: ColumnElement[int], ids: Iterable[str]) -> ColumnElement[bool]:
    """The condition for a key to be that of one of the entities. The keys are written into the
    statement: databases bound its parameters, and there may be many."""
    keys = sorted({entity_key(id) for id in ids})
    return key.in_(bindparam(None, keys, BigInteger, expanding=True, literal_execute=True))
