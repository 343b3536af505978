"""Who works at which item of the queue: leases that expire, and items that a reviewer put off."""

from __future__ import annotations

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from kgenrich.store.base import Store
from kgenrich.store.bulk import add_missing
from kgenrich.store.story.queue import Position, QueueFilter, read_items
from kgenrich.store.story.queue_counts import Item
from kgenrich.store.story.queue_upkeep import settle
from kgenrich.store.tables import leases, skips

LEASE = 600.0
"""Seconds for which an item is nobody else's."""
_AT_ONCE = 5


def take_next(
    store: Store,
    chosen: QueueFilter,
    reviewer: str,
    now: float,
    *,
    after: Position | None = None,
) -> Item | None:
    """The next item for a reviewer, who has it for `LEASE` seconds; None where none is left. The
    reviewer's other leases end: one has one item in front of one."""
    settle(store)

    def work(connection: Connection) -> Item | None:
        mine = or_(leases.c.until <= now, leases.c.reviewer == reviewer)
        connection.execute(delete(leases).where(mine))
        last = after
        while found := read_items(store, connection, chosen, _AT_ONCE, last, reviewer, now):
            for item in found:
                if _lease(connection, item.candidate_id, reviewer, now):
                    return item
            last = found[-1].links, found[-1].entity_key, found[-1].slot
        return None

    return store.write(work)


def take(store: Store, candidate: str, reviewer: str, now: float) -> str:
    """Take an item that a reviewer has opened. Back comes who has it: the reviewer, or who else."""
    mine = leases.c.candidate_id == candidate, leases.c.reviewer == reviewer
    lasting = select(leases.c.until).where(*mine, leases.c.until > now + LEASE / 2)
    with store.read() as connection:
        if connection.execute(lasting).first():
            return reviewer

    def work(connection: Connection) -> str:
        if _lease(connection, candidate, reviewer, now):
            return reviewer
        query = select(leases.c.reviewer).where(leases.c.candidate_id == candidate)
        return connection.execute(query).scalar() or reviewer

    return store.write(work)


def _lease(connection: Connection, candidate: str, reviewer: str, now: float) -> bool:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"candidate_id": candidate, "reviewer": reviewer, "until": now + LEASE}
    statement = (
        dialect.insert(leases)
        .values(row)
        .on_conflict_do_update(
            index_elements=[leases.c.candidate_id],
            set_={"reviewer": reviewer, "until": now + LEASE},
            where=or_(leases.c.until <= now, leases.c.reviewer == reviewer),
        )
        .returning(leases.c.candidate_id)
    )
    return connection.execute(statement).first() is not None


def skip(store: Store, candidate: str, reviewer: str) -> None:
    """Put an item off: this reviewer is not shown it again, others are, until `unskip`."""

    def work(connection: Connection) -> None:
        add_missing(connection, skips, [{"reviewer": reviewer, "candidate_id": candidate}])
        mine = leases.c.candidate_id == candidate, leases.c.reviewer == reviewer
        connection.execute(delete(leases).where(*mine))

    store.write(work)


def unskip(store: Store, reviewer: str) -> int:
    """Show a reviewer again what they put off; how many items that was."""
    query = delete(skips).where(skips.c.reviewer == reviewer)
    return store.write(lambda connection: connection.execute(query).rowcount)
