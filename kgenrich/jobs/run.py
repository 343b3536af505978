"""Running a job: its steps one after another, each where it stands, until it ends or must end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import Halted, KgenrichError, StoreError
from kgenrich.interrupt import Stopped, deferred
from kgenrich.jobs.checking import checked_steps, deadline_of
from kgenrich.jobs.finding import find_job
from kgenrich.jobs.job_file import Job
from kgenrich.jobs.outcome import summed
from kgenrich.jobs.steps import Step
from kgenrich.jobs.telling import telling_of
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
from kgenrich.store.story.runs import find_run, now
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


def run_job(
    workspace: Workspace,
    job: Job | str,
    until: str = "",
    length: str = "",
    *,
    notify: str = "",
    metrics: str = "",
) -> JobReport:
    """Run a job (or that of a name, or in the file of a path), or go on with the run of it that is
    not over: steps that are done stay so. ``until`` and ``length`` (``--for``) are when it must
    end, ``notify`` and ``metrics`` who is told of it, in place of what the job says.

    A failure is noted in the store and in the report. Raises `UsageError` for a job that makes no
    sense, `LockedError` where another process is running it, `StoreError` where the store cannot
    be written.
    """
    if isinstance(job, str):
        job = find_job(workspace.settings, job)
    steps = checked_steps(workspace, job)
    deadline = deadline_of(job, until, length)
    telling = telling_of(job, notify, metrics)
    store = workspace.make_store()
    run, release = take_job(store, job.name, str(job.file))
    try:
        telling.begun(workspace, run)
        report = _Running(workspace, job, run, steps, deadline).go()
        telling.ended(workspace, report.status, asdict(report))
        return report
    except BaseException as error:
        event: Status = "failed" if isinstance(error, Exception) else "stopped"
        told = {"job": run.job, "run": run.id, "status": event, "error": _said(error)}
        telling.ended(workspace, event, told)
        raise
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
        self.date = str(datetime.fromisoformat(run.started).astimezone().date())
        self.watch = Watch(workspace.progress, self.store, run.id, deadline)
        self.steps = steps
        self.noted = settle_steps(self.store, run.id, [(one.name, one.scope) for one in steps])

    def go(self) -> JobReport:
        """Do what is to be done."""
        try:
            with deferred(self._hear), _listening(self.workspace, self.watch):
                if not self.run.before:
                    note_run(self.store, self.run.id, before=self._coverage())
                problem = self._do_all()
        except BaseException as error:
            ended = "failed" if isinstance(error, Exception) else "stopped"
            with suppress(StoreError):
                end_job(self.store, self.run.id, ended, _said(error))
            raise
        status: Status = "done"
        told = _said(problem) if problem else " ".join(s.error for s in self.noted if s.error)
        if told:
            status = "partly"
        if problem is not None:
            status = "stopped" if isinstance(problem, Halted) else "failed"
        end_job(self.store, self.run.id, status, told)
        run = self.run
        return JobReport(run.id, run.job, status, told, run.started, now(), tuple(self.noted))

    def _do_all(self) -> Exception | None:
        """Do every step that is to be done; gives what ended them."""
        problem: Exception | None = None
        for step, noted in zip(self.steps, self.noted, strict=True):
            if step.always and not self.run.after:
                self.run.after = self._coverage()
                note_run(self.store, self.run.id, after=self.run.after)
            if step.always or (problem is None and noted.status != "done"):
                try:
                    self._do(step, noted)
                except (KgenrichError, OSError, MemoryError) as error:
                    problem = problem or error
        note_run(self.store, self.run.id, after=self._coverage())
        return problem

    def _do(self, step: Step, noted: JobStep) -> None:
        """Do one step, and note what came of it; what it raises is what ended it."""
        before = noted.counts if noted.status == "stopped" else {}
        taken_up, noted.run_id, noted.counts = noted.run_id, 0, {}
        noted.status, noted.error, noted.finished = "running", "", ""
        noted.started = noted.started or now()
        self.watch.watch(noted)
        try:
            if not step.always:
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
            with suppress(StoreError):
                # The run of a verb that was broken off knows what it counted until then.
                run = find_run(self.store, noted.run_id) if noted.run_id else None
                noted.counts = summed(before, noted.counts or (run.counts if run else {}))
                noted.run_id = noted.run_id or taken_up
                noted.finished = now()
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
