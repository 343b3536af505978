"""Which jobs are due: pure, given what time it is and what runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from kgenrich.jobs.cron import Cron
from kgenrich.jobs.job_file import Schedule

ON_TIME = timedelta(seconds=60)
"""What is later than this was missed: nobody was there, or the machine slept."""


class Due(Struct, frozen=True):
    """A ``job`` whose time came ``at``, and whether it is to ``run``; it is not where that time was
    ``missed`` or it still runs (``skip``, or ``wait`` for its end)."""

    job: str
    at: datetime
    what: Literal["run", "missed", "skip", "wait"]


class Entry(Struct):
    """A job's times, the rules of its file, and the last time that was dealt with."""

    cron: Cron
    rules: Schedule
    last: datetime
    waiting: bool = False
    _next: tuple[datetime, datetime | None] | None = None

    @property
    def next(self) -> datetime | None:
        """The first time that was not dealt with; None where there is none any more."""
        if self._next is None or self._next[0] != self.last:
            self._next = self.last, self.cron.next(self.last)
        return self._next[1]


class Timetable:
    """The jobs that have a schedule."""

    def __init__(self, entries: Mapping[str, Entry] = {}) -> None:
        self.entries = dict(entries)

    def due(self, now: datetime, running: Collection[str]) -> Iterator[Due]:
        """What is due of all that has come up to ``now``, each job once; what it gives is dealt
        with."""
        for job, entry in self.entries.items():
            at = entry.next
            if at is not None and at <= now:
                at = entry.cron.latest(entry.last, now) or at
                entry.last = at
                what = self._what(entry, now - at, job in running)
                entry.waiting = entry.waiting or what == "wait"
                yield Due(job, at, what)
            elif entry.waiting and job not in running:
                entry.waiting = False
                yield Due(job, entry.last, "run")

    def next(self) -> datetime | None:
        """When the next job is due; None where none will ever be."""
        return min((at for one in self.entries.values() if (at := one.next)), default=None)

    @staticmethod
    def _what(
        entry: Entry, late: timedelta, runs: bool
    ) -> Literal["run", "missed", "skip", "wait"]:
        if late > ON_TIME and entry.rules.missed == "skip":
            return "missed"
        if runs:
            return entry.rules.overlap
        entry.waiting = False
        return "run"
