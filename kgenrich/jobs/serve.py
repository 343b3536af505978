"""Keeps the clock: starts each job when it is due, in a process of its own.

A process of its own gives back all memory, takes nobody down with it, hears the same signals as one
that a person started, and is kept from running twice by the same lock.
"""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import NamedTuple

import msgspec

from kgenrich.errors import StoreError, UsageError
from kgenrich.jobs.cron import cron_of
from kgenrich.jobs.finding import find_job, job_files
from kgenrich.jobs.health import Page
from kgenrich.jobs.job_file import Job, Schedule
from kgenrich.jobs.reading import read_job
from kgenrich.jobs.timetable import Due, Entry, Timetable
from kgenrich.store.story.job_runs import job_runs
from kgenrich.store.story.job_schedules import NotedSchedule, note_schedule, noted_schedules
from kgenrich.verbs.workspace import Workspace

_LONGEST = 30.0
"""Seconds between two looks at the clock, which may have been set, or have stood still."""
_ENDED = {0: "done", 1: "failed", 2: "cannot run", 3: "partly done", 4: "is running elsewhere"}

Clock = Callable[[], datetime]


class _Ended(NamedTuple):
    job: str
    code: int


class Server:
    """Runs jobs by their schedules until it is asked to end.

    ``names`` are those of jobs, or paths of their files; without any all jobs that have a schedule
    are run. ``command`` runs the job in the file that is added to it.
    """

    def __init__(
        self,
        workspace: Workspace,
        names: Sequence[str],
        command: Sequence[str],
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self.workspace, self.names = workspace, names
        self.timetable = Timetable()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ending = False
        self._command, self._clock = command, clock
        self._files: dict[str, Path] = {}
        self._events: SimpleQueue[signal.Signals | _Ended] = SimpleQueue()

    def serve(self) -> None:
        """Until SIGTERM or Ctrl-C: then what runs is asked to finish its batch, and waited for; a
        second one ends it at once. SIGHUP reads the files again.

        Raises `UsageError` where a job makes no sense or none has a schedule.
        """
        with _heard(self._events.put):
            self._read(at_start=True)
            while not self.ending or self.running:
                if not self.ending:
                    for due in self.timetable.due(self._clock(), self.running):
                        self._act(due)
                try:
                    event = self._events.get(timeout=self._wait())
                except Empty:
                    continue
                if isinstance(event, _Ended):
                    self._note_end(event)
                elif event is signal.SIGHUP:
                    self._read_again()
                else:
                    self._end()

    def next_runs(self) -> dict[str, datetime]:
        """When each job is due next."""
        entries = sorted(self.timetable.entries.items())
        return {job: at for job, entry in entries if (at := entry.next) is not None}

    def health(self) -> Page:
        """What it does, for whoever asks whether it is well."""
        told = {
            "status": "ending" if self.ending else "ok",
            "running": sorted(self.running),
            "next": self.next_runs(),
        }
        status = 503 if self.ending else 200
        return Page(msgspec.json.encode(told), "application/json", status)

    def _wait(self) -> float:
        following = None if self.ending else self.timetable.next()
        if following is None:
            return _LONGEST
        return min(max((following - self._clock()).total_seconds(), 0), _LONGEST)

    def _act(self, due: Due) -> None:
        """Do what is due, and note that it was; one that waits is noted when it runs."""
        if due.what == "run":
            self._start(due.job)
        elif due.what == "skip":
            self._tell(f"{due.job} still runs: it is not run for {_shown(due.at)}.")
        elif due.what == "wait":
            self._tell(f"{due.job} still runs: it is run again when it is done.")
            return
        else:
            self._tell(f"{due.job} was missed at {_shown(due.at)}.")
        self._note(due.job)

    def _start(self, job: str) -> None:
        process = subprocess.Popen(  # noqa: S603
            [*self._command, str(self._files[job])],
            stdin=subprocess.DEVNULL,
            # What the terminal sends to everybody is passed on once, by this process.
            start_new_session=True,
        )
        self.running[job] = process
        self._tell(f"{job} is run.")
        wait = threading.Thread(
            target=lambda: self._events.put(_Ended(job, process.wait())), daemon=True
        )
        wait.start()

    def _note_end(self, event: _Ended) -> None:
        del self.running[event.job]
        told = _ENDED.get(event.code, f"ended with {event.code}")
        self._tell(f"{event.job} {told}.", grave=event.code not in (0, 3, 4))

    def _end(self) -> None:
        if self.running:
            jobs = ", ".join(sorted(self.running))
            how = "at once" if self.ending else "after the batch in hand"
            self._tell(f"{jobs}: to end {how}.")
        self.ending = True
        for process in self.running.values():
            process.terminate()

    def _read_again(self) -> None:
        self._tell("The job files are read again.")
        try:
            self._read()
        except StoreError as error:
            self._tell(f"{error} The jobs stay as they were.", grave=True)

    def _read(self, *, at_start: bool = False) -> None:
        """Read the files. One that is wrong is an error at the start, and later leaves the job as
        it was."""
        entries: dict[str, Entry] = {}
        noted = noted_schedules(self.workspace.make_store())
        for path, read in self._jobs():
            try:
                job = read()
                if job.schedule is not None:
                    entry = self._entry(job, job.schedule, noted)
                    entries[job.name], self._files[job.name] = entry, job.file
            except UsageError as error:
                if at_start and self.names:
                    raise
                self._tell(str(error), grave=True)
                name = path.stem
                if name in self.timetable.entries:
                    entries[name] = self.timetable.entries[name]
        if at_start and not entries:
            raise UsageError("No job has a [schedule]: see `kgenrich jobs list`.")
        self.timetable = Timetable(entries)
        for job_name, entry in entries.items():
            self._note(job_name)
            following = entry.next
            self._tell(f"{job_name}: next at {_shown(following) if following else 'no time'}.")

    def _jobs(self) -> Iterator[tuple[Path, Callable[[], Job]]]:
        settings = self.workspace.settings
        for name in self.names:
            yield Path(name), lambda name=name: find_job(settings, name)  # type: ignore[misc]
        if not self.names:
            for path in job_files(settings):
                yield path, lambda path=path: read_job(path)  # type: ignore[misc]

    def _entry(self, job: Job, rules: Schedule, noted: Mapping[str, NotedSchedule]) -> Entry:
        cron = cron_of(job, rules)
        known, running = noted.get(job.name), self.timetable.entries.get(job.name)
        last = self._clock()
        if known is not None and (known.cron, known.zone) == (rules.cron, rules.timezone):
            last = datetime.fromisoformat(known.last)
            # A run that somebody began since makes up for what was missed.
            for run in job_runs(self.workspace.store, job.name, 1):
                last = max(last, datetime.fromisoformat(run.resumed or run.started))
        return Entry(cron, rules, last, running is not None and running.waiting)

    def _note(self, job: str) -> None:
        entry = self.timetable.entries[job]
        rules, following = entry.rules, entry.next
        noted = NotedSchedule(
            job,
            rules.cron,
            rules.timezone,
            entry.last.isoformat(),
            following.isoformat() if following else "",
        )
        try:
            note_schedule(self.workspace.store, noted)
        except StoreError as error:
            # The clock goes on; after a restart a run too many is better than none.
            self._tell(str(error), grave=True)

    def _tell(self, text: str, *, grave: bool = False) -> None:
        self.workspace.progress.remark(text, grave=grave)


def _shown(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


@contextmanager
def _heard(put: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Within, signals are told instead of ending the process."""

    def hear(number: int, frame: FrameType | None) -> None:
        put(signal.Signals(number))

    before = {
        number: signal.signal(number, hear)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
