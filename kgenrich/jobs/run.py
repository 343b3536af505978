"""Running a job: its steps one after another, each where it stands, until it ends or must end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from kgenrich.errors import Halted, KgenrichError, StoreError
from kgenrich.interrupt import Stopped, deferred
from kgenrich.jobs.deadline import read_deadline
from kgenrich.jobs.job_file import Job
from kgenrich.jobs.steps import Step, steps_of
from kgenrich.jobs.watch import Watch
from kgenrich.masking import mask
from kgenrich.progress import SILENT, Progress
from kgenrich.store.story.job_runs import (
    JobRun,
    JobStep,
    end_job,
    note_run,
    settle_steps,
    take_job,
)
from kgenrich.store.story.runs import now
from kgenrich.verbs.coverage import CoverageOptions, coverage
from kgenrich.verbs.workspace import Workspace

Status = Literal["done", "partly", "stopped", "failed"]
EXIT_CODES: dict[str, int] = {"done": 0, "failed": 1, "partly": 3, "stopped": 3}
"""What a run's status is to cron."""


class JobReport(Struct, frozen=True):
    """What a run of a job came to: its number, its ``status`` and why, and its steps."""

    run: int
    job: str
    status: Status
    error: str
    started: str
    finished: str
    steps: tuple[JobStep, ...]

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed, 3 partly done."""
        return EXIT_CODES[self.status]


def run_job(workspace: Workspace, job: Job, until: str = "", length: str = "") -> JobReport:
    """Run a job, or go on with the run of it that is not over: steps that are done stay so.
    ``until`` and ``length`` (``--for``) are when it must end, in place of what the job says.

    A failure is noted in the store and in the report. Raises `UsageError` for a job that makes no
    sense, `LockedError` where another process is running it, `StoreError` where the store cannot
    be written.
    """
    steps = steps_of(job)
    begun = datetime.now().astimezone()
    deadline = read_deadline(until or job.until, length or job.for_, begun)
    store = workspace.make_store()
    run, release = take_job(store, job.name, str(job.file))
    try:
        return _Running(workspace, job, run, steps, deadline).go()
    finally:
        release()


class _Running:
    """A run in this process."""

    def __init__(
        self,
        workspace: Workspace,
        job: Job,
        run: JobRun,
        steps: list[Step],
        deadline: datetime | None,
    ) -> None:
        self.workspace, self.job, self.run = workspace, job, run
        self.store = workspace.store
        self.date = run.started[:10]
        self.watch = Watch(workspace.progress, self.store, run.id, deadline)
        self.steps = steps
        self.noted = settle_steps(self.store, run.id, [(one.name, one.scope) for one in steps])

    def go(self) -> JobReport:
        """Do what is to be done."""
        status: Status = "done"
        error = ""
        try:
            if not self.run.before:
                note_run(self.store, self.run.id, before=self._coverage())
            with deferred(self._hear), _listening(self.workspace, self.watch):
                for step, noted in zip(self.steps, self.noted, strict=True):
                    if noted.status != "done":
                        self._do(step, noted)
        except (KgenrichError, OSError, MemoryError) as problem:
            status = "stopped" if isinstance(problem, Halted) else "failed"
            error = _said(problem)
        except BaseException as problem:
            ended = "failed" if isinstance(problem, Exception) else "stopped"
            with suppress(StoreError):
                end_job(self.store, self.run.id, ended, _said(problem))
            raise
        if status == "done" and (left := [s.error for s in self.noted if s.error]):
            status, error = "partly", " ".join(left)
        end_job(self.store, self.run.id, status, error, self._coverage())
        run = self.run
        return JobReport(run.id, run.job, status, error, run.started, now(), tuple(self.noted))

    def _do(self, step: Step, noted: JobStep) -> None:
        """Do one step, and note what came of it; what it raises is what ended it."""
        noted.status, noted.error, noted.finished = "running", "", ""
        noted.started = noted.started or now()
        self.watch.watch(noted)
        try:
            self.watch.checkpoint()
            outcome = step.act(self.workspace, self.date)
            noted.counts = dict(outcome.counts)
            noted.error = outcome.failed or outcome.partly
            if outcome.failed:
                raise KgenrichError(outcome.failed)
            noted.status = "done"
        except BaseException as problem:
            broken_off = isinstance(problem, Halted) or not isinstance(problem, Exception)
            noted.status = "stopped" if broken_off else "failed"
            noted.error = _said(problem)
            raise
        finally:
            noted.finished = now()
            with suppress(StoreError):
                self.watch.note()

    def _hear(self, signal: BaseException) -> None:
        number = signal.number if isinstance(signal, Stopped) else ""
        self.watch.end(f"Signal {number} asked for an end")

    def _coverage(self) -> str:
        """What the languages of the job have and lack, as JSON."""
        options = CoverageOptions(
            languages=self.job.languages, kinds=self.job.kinds, types=self.job.types
        )
        with _listening(self.workspace, SILENT):
            rows: list[dict[str, Any]] = coverage(self.workspace, options)
        return msgspec.json.encode(rows).decode()


@contextmanager
def _listening(workspace: Workspace, progress: Progress) -> Iterator[None]:
    before, workspace.progress = workspace.progress, progress
    try:
        yield
    finally:
        workspace.progress = before


def _said(problem: BaseException) -> str:
    if isinstance(problem, OSError):
        return f"{problem.strerror or type(problem).__name__} {problem.filename or ''}".strip()
    return mask(str(problem) or type(problem).__name__)
