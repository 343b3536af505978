"""What is known of the times of jobs: when each was last due, and when it will be next."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import select

from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.rows import from_row
from kgenrich.store.tables import job_schedules as table


class NotedSchedule(Struct, frozen=True):
    """The ``cron`` expression and time ``zone`` of a job, the ``last`` of its times that was dealt
    with, and the ``next``; empty where there is none."""

    job: str
    cron: str
    zone: str
    last: str
    next: str


def noted_schedules(store: Store) -> dict[str, NotedSchedule]:
    """All of them by job."""
    with store.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.job))
        return {row.job: from_row(NotedSchedule, row) for row in rows}


def next_times(store: Store) -> dict[str, datetime]:
    """When each job will be due."""
    known = noted_schedules(store).values()
    return {one.job: datetime.fromisoformat(one.next) for one in known if one.next}


def note_schedule(store: Store, noted: NotedSchedule) -> None:
    """Keep it, in the place of what was known of the job."""
    store.write(lambda connection: bulk.replace(connection, table, [astuple(noted)]))
