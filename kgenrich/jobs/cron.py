"""When a job is due: cron expressions in a time zone, as Debian's cron reads them.

A job at a fixed time of day runs once a day: in the night when clocks go forward as soon as they
have, in the night when they go back at the first of both. One that runs every hour or minute goes
by the time that passes. (Of the libraries for it, croniter and APScheduler run the first kind twice
when clocks go back.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b
from itertools import takewhile
from pathlib import Path
from socket import gethostname
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from kgenrich.errors import UsageError
from kgenrich.jobs.deadline import read_length
from kgenrich.jobs.job_file import Job, Schedule

_RECENT = timedelta(days=2)


class Cron:
    """A ``cron`` expression of five fields (six: seconds first) in a ``zone``, each time later by
    ``delay``. Raises `UsageError` for what is none, or never comes."""

    def __init__(self, expression: str, zone: tzinfo, delay: timedelta = timedelta(0)) -> None:
        self.expression, self.zone, self.delay = expression, zone, delay
        try:
            next(CronSim(expression, datetime.now(zone)))
        except CronSimError as error:
            raise UsageError(
                f"{expression!r} is no time for cron: give minute, hour, day, month and day of the "
                'week, as "0 2 * * *" for each night at two.'
            ) from error
        except StopIteration as error:
            raise UsageError(f"{expression!r} never comes.") from error

    def times(self, after: datetime) -> Iterator[datetime]:
        """Every time after one, in UTC."""
        last = after
        for local in CronSim(self.expression, (after - self.delay).astimezone(self.zone)):
            at = local.astimezone(UTC) + self.delay
            # Of the hour that comes twice cronsim gives the first one, also to who asks in the
            # second; and what lies in the hour that there is not falls together after it.
            if at > last:
                yield at
                last = at

    def next(self, after: datetime) -> datetime | None:
        """The first time after one; None where there is none any more."""
        return next(self.times(after), None)

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """The last time after one and up to another; None where there is none."""
        for start in (max(after, until - _RECENT), after):
            found = None
            for found in takewhile(lambda at: at <= until, self.times(start)):  # noqa: B007
                pass
            if found is not None or start == after:
                return found
        raise AssertionError


def cron_of(job: Job, rules: Schedule) -> Cron:
    """When a job is due by the rules of its file. Raises `UsageError` naming the file."""
    try:
        spread = read_length(rules.spread) if rules.spread else timedelta(0)
        return Cron(rules.cron, read_zone(rules.timezone), delay_of(job.name, spread))
    except UsageError as error:
        raise job.error(str(error)) from error


def next_time(job: Job, now: datetime) -> datetime | None:
    """When a job is next due; None where it has no schedule. Raises as `cron_of` does."""
    return cron_of(job, job.schedule).next(now) if job.schedule else None


def read_zone(name: str) -> tzinfo:
    """A time zone by its name in the IANA database; that of the machine for an empty one. Raises
    `UsageError` where there is none."""
    name = name or os.environ.get("TZ", "").lstrip(":")
    machine = Path("/etc/localtime")
    if not name and machine.exists():
        with machine.open("rb") as file:
            return ZoneInfo.from_file(file, key="the machine's")
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"There is no time zone {name!r}: give one as Europe/Berlin.") from error


def delay_of(job: str, spread: timedelta, machine: str = "") -> timedelta:
    """By how much a job is later than its time: whole seconds below ``spread``, other ones for
    other jobs and machines, and the same for ever for each."""
    seconds = int(spread.total_seconds())
    if not seconds:
        return timedelta(0)
    digest = blake2b(f"{job}\n{machine or gethostname()}".encode(), digest_size=8).digest()
    return timedelta(seconds=int.from_bytes(digest, "big") % seconds)
