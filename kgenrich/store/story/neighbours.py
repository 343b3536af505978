"""How others of a class are named: what a reviewer compares a proposal with."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, select

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_ids, entity_key
from kgenrich.store.tables import classes, known_terms, terms

_LOOKED_AT = 200
"""Members of a class, for a class may have millions."""


def named_alike(
    store: Store, entity: str, class_ids: tuple[str, ...], language: str, kind: TermKind, limit: int
) -> dict[str, str]:
    """The terms of some other members of the classes in a language, by entity: of those whose keys
    are next, for they often were made together."""
    slot, key = store.slots.slot(language, kind), entity_key(entity)
    found: dict[int, str] = {}
    # What is shown as a proposal, known as it is, is told to nobody.
    shown = select(known_terms.c.entity_key).where(known_terms.c.slot == slot)
    is_told = terms.c.entity_key.not_in(shown)
    with store.read() as connection:
        for class_id in class_ids if slot is not None else ():
            member = classes.c.entity_key
            mine = select(member).where(classes.c.class_key == entity_key(class_id))
            for near in (
                mine.where(member > key).order_by(member),
                mine.where(member < key).order_by(member.desc()),
            ):
                if len(found) < limit:
                    found |= _termed(connection, near, slot, limit - len(found), is_told)
        ids = entity_ids(connection, found)
    return {ids[one]: text for one, text in found.items() if one in ids}


def _termed(
    connection: Connection,
    near: Select[tuple[int]],
    slot: int | None,
    limit: int,
    is_told: ColumnElement[bool],
) -> dict[int, str]:
    """The first of these with a term in this place that is told, and the terms."""
    some = near.limit(_LOOKED_AT).subquery()
    query = (
        select(terms.c.entity_key, terms.c.text)
        .join(some, some.c.entity_key == terms.c.entity_key)
        .where(terms.c.slot == slot, terms.c.ord == 0, is_told)
        .limit(limit)
    )
    return {row.entity_key: row.text for row in connection.execute(query)}
