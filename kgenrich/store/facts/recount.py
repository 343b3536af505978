"""Counting coverage from the terms themselves: to check the summary, and to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, select, text

from kgenrich.model import MUL
from kgenrich.store import bulk
from kgenrich.store.facts.coverage_counts import (
    NOTHING,
    CoverageChanges,
    add,
    by_slot,
    pack,
    unpack,
)
from kgenrich.store.keys import counted_under, rows_with
from kgenrich.store.tables import classes, coverage, entities, is_alive, terms, totals
from kgenrich.store.term_slots import ReachBits, Slots

_PAGE = 5000


def recount(
    connection: Connection, slots: Slots, *where: ColumnElement[bool], alike: bool = False
) -> CoverageChanges:
    """The coverage that the stored terms have; of the entities that ``where`` selects. With
    ``alike`` those of all types are counted as items are."""
    changes = CoverageChanges(ReachBits(slots))
    for key_range in _pages(connection, where):
        first, last = key_range[0].key, key_range[-1].key
        members: dict[int, list[int]] = {}
        for class_key, key in connection.execute(
            select(classes.c.class_key, classes.c.entity_key).where(
                classes.c.entity_key.between(first, last)
            )
        ):
            members.setdefault(key, []).append(class_key)
        found = connection.execute(
            select(
                terms.c.entity_key,
                terms.c.slot,
                case((terms.c.slot == slots.labels[MUL], terms.c.text), else_=""),
            )
            .where(terms.c.entity_key.between(first, last))
            .order_by(terms.c.entity_key)
        )
        held: dict[int, dict[int, str]] = {}
        for key, rows in groupby(found, key=itemgetter(0)):
            held[key] = {slot: text for _, slot, text in rows}
        for key, links, type in map(tuple, key_range):
            mine = held.get(key, {})
            keys = counted_under(0 if alike else type, members.get(key, ()))
            changes.note(keys, mine, links, mine.get(slots.labels[MUL], ""))
    return changes


def differences(connection: Connection, slots: Slots) -> int:
    """How many classes have a summary that differs from what the terms say."""
    sums, counts = recount(connection, slots).sums()
    counted = {key: by_slot(mine) for key, mine in counts.items()}
    stored = {
        row.class_key: by_slot(unpack(row.counts)) for row in connection.execute(select(coverage))
    }
    stored_sums = {
        row.class_key: (row.entities, row.links)
        for row in connection.execute(select(totals))
        if row.entities or row.links
    }
    wrong = {
        key
        for key in counted.keys() | stored.keys() | stored_sums.keys()
        if counted.get(key, {}) != stored.get(key, {})
        or sums.get(key, (0, 0)) != stored_sums.get(key, (0, 0))
    }
    return len(wrong)


def repair(connection: Connection, slots: Slots) -> None:
    """Write the summary anew from the terms."""
    if connection.dialect.name == "postgresql":
        # Who writes terms adds to these at last: what is not counted here will be added.
        names = f"{totals.name}, {coverage.name}"
        connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
    changes = recount(connection, slots)
    connection.execute(delete(coverage))
    connection.execute(delete(totals))
    add_changes(connection, changes)


def add_changes(connection: Connection, changes: CoverageChanges) -> None:
    """Add differences to the summary.

    The totals of every class that is touched are written first and in order: on PostgreSQL that
    makes writers queue for a class, and never wait for each other in a circle.
    """
    sums, differences = changes.sums()
    bulk.accumulate(connection, totals, [(key, *numbers) for key, numbers in sums.items()])
    stored = {
        row.class_key: unpack(row.counts)
        for row in rows_with(connection, select(coverage), coverage.c.class_key, sums)
    }
    changed = {
        key: add(stored.get(key, NOTHING), counts)
        for key, counts in differences.items()
        if len(counts)
    }
    bulk.replace(connection, coverage, [(key, pack(c)) for key, c in sorted(changed.items())])


def _pages(connection: Connection, where: Sequence[ColumnElement[bool]]) -> Iterator[Sequence[Any]]:
    query = select(entities.c.key, entities.c.links, entities.c.type).where(*is_alive(), *where)
    query = query.order_by(entities.c.key).limit(_PAGE)
    page = connection.execute(query).all()
    while page:
        yield page
        page = connection.execute(query.where(entities.c.key > page[-1].key)).all()
