"""Who else a change touches: the entities for which other things are read of those that changed.

Sources read the labels and claims of the classes and values of an entity, and what its classes are
subclasses of; validators look for another entity of its name and description.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set

from sqlalchemy import ColumnElement, Connection, FromClause, and_, bindparam, select

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import taken_in
from kgenrich.store.keys import entity_ids, entity_key, rows_with
from kgenrich.store.story.conditions import is_current
from kgenrich.store.tables import (
    VALUE_KINDS,
    candidates,
    claims,
    classes,
    is_indexed_label,
    proposals,
    terms,
)
from kgenrich.store.term_slots import KIND_CODES

_LEVELS = 10
"""How many classes up a subclass is one."""
_LABEL, _DESCRIPTION = KIND_CODES[TermKind.LABEL], KIND_CODES[TermKind.DESCRIPTION]
_DUPLICATE = '"E-duplicate"'

Name = tuple[int, str, str]
"""The slot of a label, the label, and the description beside it."""


def dependent(connection: Connection, told: Sequence[int], hierarchy: Collection[str]) -> set[int]:
    """The entities that have one of these as a class or a value, and those whose classes are
    subclasses of one."""
    properties = {entity_key(name) for name in hierarchy}
    found: set[int] = set()
    above, seen = list(told), set(told)
    for level in range(_LEVELS):
        query = select(classes.c.entity_key)
        mine = rows_with(connection, query, classes.c.class_key, above)
        found.update(row.entity_key for row in mine)
        below = set()
        for key, property in _speaking_of(connection, above, properties if level else None):
            found.add(key)
            if property in properties:
                below.add(key)
        above = sorted(below - seen)
        seen |= below
        if not above:
            break
    return found


def _speaking_of(
    connection: Connection, keys: Sequence[int], properties: Set[int] | None
) -> Iterator[tuple[int, int]]:
    """The entities, and by which property, that have one of these as a value."""
    query = select(claims.c.entity_key, claims.c.property_key)
    query = query.where(claims.c.kind == VALUE_KINDS.index("entity"))
    if properties is not None:
        query = query.where(claims.c.property_key.in_(properties))
    names = entity_ids(connection, keys).values()
    for row in rows_with(connection, query, claims.c.value, names):
        yield row.entity_key, row.property_key


def namesakes(connection: Connection, changed: Iterable[int]) -> set[int]:
    """The entities for which a name or description is proposed that makes them one of these, by
    name and description."""
    slots = select(proposals.c.slot).where(is_current(proposals)).distinct()
    labels = {
        slot - slot % 4
        for (slot,) in connection.execute(slots)
        if slot % 4 in (_LABEL, _DESCRIPTION)
    }
    names = set(_names(connection, changed, labels))
    found: set[int] = set()
    described = (
        select(terms.c.entity_key)
        .join(candidates, candidates.c.entity_key == terms.c.entity_key)
        .where(is_indexed_label("terms"))
        .where(terms.c.slot == bindparam("slot"), terms.c.text == bindparam("label"))
        .where(candidates.c.slot == bindparam("beside"))
        .where(candidates.c.text == bindparam("description"))
    )
    for slot, label, description in names:
        named = {"slot": slot, "label": label, "description": description}
        rows = connection.execute(described, named | {"beside": slot + _DESCRIPTION})
        found.update(rows.scalars())
    told = terms.c.text.label("beside")
    query = select(candidates.c.entity_key, candidates.c.slot, candidates.c.text, told)
    query = query.join(
        terms,
        and_(
            terms.c.entity_key == candidates.c.entity_key,
            terms.c.slot == candidates.c.slot + _DESCRIPTION,
            terms.c.ord == 0,
        ),
    ).where(candidates.c.slot.in_(labels))
    for row in rows_with(connection, query, candidates.c.text, {name[1] for name in names}):
        if (row.slot, row.text, row.beside) in names:
            found.add(row.entity_key)
    return found


def _names(connection: Connection, keys: Iterable[int], labels: Collection[int]) -> Iterator[Name]:
    """The labels of entities that have a description in their language too."""
    beside = terms.alias()
    same = and_(
        beside.c.entity_key == terms.c.entity_key,
        beside.c.slot == terms.c.slot + _DESCRIPTION,
        beside.c.ord == 0,
    )
    query = (
        select(terms.c.slot, terms.c.text, beside.c.text.label("beside"))
        .join(beside, same)
        .where(terms.c.slot.in_(labels), terms.c.ord == 0)
    )
    for row in rows_with(connection, query, terms.c.entity_key, keys):
        yield row.slot, row.text, row.beside


def freed(store: Store) -> set[int]:
    """The entities whose proposal was refused for another entity that had its name and description
    and has them no more."""
    label, description = terms.alias("own_label"), terms.alias("own_description")
    base = proposals.c.slot - proposals.c.slot % 4

    def own(table: FromClause, code: int) -> ColumnElement[bool]:
        place = table.c.entity_key == proposals.c.entity_key, table.c.slot == base + code
        return and_(*place, table.c.ord == 0)

    query = (
        select(
            proposals.c.entity_key,
            proposals.c.slot,
            candidates.c.text,
            label.c.text.label("label"),
            description.c.text.label("description"),
        )
        .join(candidates, candidates.c.id == proposals.c.candidate_id)
        .outerjoin(label, own(label, _LABEL))
        .outerjoin(description, own(description, _DESCRIPTION))
        .where(is_current(proposals), proposals.c.codes.contains(_DUPLICATE, autoescape=True))
    )
    taken = taken_in(store)
    with store.read() as connection:
        rows = connection.execute(query).all()
        ids = entity_ids(connection, {row.entity_key for row in rows})
    found = set()
    for row in rows:
        language, kind = store.slots.term(row.slot)
        name, told = row.label or "", row.description or ""
        name, told = (row.text, told) if kind is TermKind.LABEL else (name, row.text)
        if not taken(ids[row.entity_key], language, name, told):
            found.add(row.entity_key)
    return found
