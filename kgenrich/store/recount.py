"""Counting coverage from the terms themselves: to check the summary, and to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, delete, func, select

from kgenrich.store import bulk
from kgenrich.store.slots import Slots
from kgenrich.store.tables import classes, coverage, entities, terms, totals
from kgenrich.store.tally import Presence, Tally

_PAGE = 5000


def recount(connection: Connection, slots: Slots) -> Tally:
    """The coverage that the stored terms have."""
    tally = Tally(Presence(slots))
    for key_range in _pages(connection):
        first, last = key_range[0][0], key_range[-1][0]
        members: dict[int, list[int]] = {}
        for class_key, key in connection.execute(
            select(classes.c.class_key, classes.c.entity_key).where(
                classes.c.entity_key.between(first, last)
            )
        ):
            members.setdefault(key, []).append(class_key)
        found = connection.execute(
            select(terms.c.entity_key, terms.c.slot)
            .where(terms.c.entity_key.between(first, last))
            .order_by(terms.c.entity_key)
        )
        held = {key: {slot for _, slot in rows} for key, rows in groupby(found, key=itemgetter(0))}
        for key, links in key_range:
            tally.add(members.get(key, ()), held.get(key, ()), links)
    return tally


def differences(connection: Connection, slots: Slots) -> int:
    """How many rows of the summary differ from what the terms say."""
    tally = recount(connection, slots)
    stored = {tuple(row) for row in connection.execute(select(coverage))}
    sums = {tuple(row) for row in connection.execute(select(totals)) if row.entities or row.links}
    wrong = {row[:2] for row in stored ^ set(tally.coverage()) if any(row[2:])}
    return len(wrong) + len({row[0] for row in sums ^ set(tally.totals())})


def repair(connection: Connection, slots: Slots) -> None:
    """Write the summary anew from the terms."""
    tally = recount(connection, slots)
    connection.execute(delete(coverage))
    connection.execute(delete(totals))
    bulk.add(connection, coverage, sorted(tally.coverage()))
    bulk.add(connection, totals, sorted(tally.totals()))


def add_tally(connection: Connection, tally: Tally) -> None:
    """Add differences to the summary, in key order, so that writers queue and never deadlock."""
    bulk.accumulate(connection, totals, list(tally.totals()))
    bulk.accumulate(connection, coverage, list(tally.coverage()))


def _pages(connection: Connection) -> Iterator[list[tuple[int, int]]]:
    last = connection.execute(select(func.min(entities.c.key))).scalar()
    if last is None:
        return
    last -= 1
    while True:
        page = [
            (key, links)
            for key, links in connection.execute(
                select(entities.c.key, entities.c.links)
                .where(
                    entities.c.key > last,
                    entities.c.redirect_key.is_(None),
                    entities.c.deleted.is_(False),
                )
                .order_by(entities.c.key)
                .limit(_PAGE)
            )
        ]
        if not page:
            return
        yield page
        last = page[-1][0]
