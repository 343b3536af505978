"""What people and programs ask of jobs: which there are, what they would do, how they went."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import StoreError, UsageError
from kgenrich.jobs.cron import next_time
from kgenrich.jobs.finding import find_job, job_files
from kgenrich.jobs.job_file import ENDING, Job
from kgenrich.jobs.reading import read_job
from kgenrich.jobs.validation import Plan, plan_of
from kgenrich.store.story.job_runs import JobRun, JobStep, ask_to_stop, job_runs, job_steps
from kgenrich.verbs.workspace import Rows, Workspace


class JobState(Struct, frozen=True):
    """The latest run of a job, and its steps."""

    run: JobRun
    steps: tuple[JobStep, ...]

    @property
    def summary(self) -> str:
        """A line on the run."""
        run = self.run
        who = f", {run.holder}" if run.holder else f" {run.finished}"
        told = f": {run.error}" if run.error else ""
        return f"{run.job}, run {run.id}: {run.status}{who}{told}"


def list_jobs(workspace: Workspace) -> Rows:
    """The jobs that there are: name, what they are for (or what is wrong), how each last ended and
    when, when it is due by its schedule, and the file."""
    last, now = _latest(workspace), datetime.now(UTC)
    rows = []
    for path in job_files(workspace.settings):
        try:
            job = read_job(path)
            about, due = job.about, next_time(job, now)
        except UsageError as error:
            about, due = str(error), None
        run = last.get(path.name.removesuffix(ENDING))
        rows.append(
            {
                "job": path.name.removesuffix(ENDING),
                "about": about,
                "last": run.status if run else "",
                "ended": run.finished if run else "",
                "next": due.isoformat(timespec="seconds") if due else "",
                "file": str(path),
            }
        )
    return Rows(rows)


def validate_jobs(workspace: Workspace, name: str | None = None) -> list[Plan]:
    """What a run of each job would do, of one or of all that there are; what is wrong with one is
    in its plan."""
    if name is not None:
        return [plan_of(workspace, find_job(workspace.settings, name))]
    return [_plan(workspace, path) for path in job_files(workspace.settings)]


def job_status(workspace: Workspace, name: str = "") -> list[JobState]:
    """The latest run of each job, or of one."""
    store, name = workspace.store, _name(name)
    runs = [run for job, run in _latest(workspace).items() if name in ("", job)]
    if name and not runs:
        raise StoreError(f"The job {name} has not run in this store.")
    return [JobState(run, tuple(job_steps(store, run.id))) for run in runs]


def job_history(workspace: Workspace, name: str = "", limit: int = 20) -> Rows:
    """The runs that there were, the newest first, with their steps."""
    rows: list[dict[str, Any]] = []
    found = list(job_runs(workspace.store, _name(name), limit))
    if name and not found:
        raise StoreError(f"The job {_name(name)} has not run in this store.")
    for run in found:
        steps = job_steps(workspace.store, run.id)
        told = asdict(run)
        del told["before"], told["after"]
        seconds = round(sum(step.seconds for step in steps), 3)
        rows.append({"run": told.pop("id"), **told, "seconds": seconds, "steps": steps})
    return Rows(rows)


def stop_job(workspace: Workspace, name: str) -> JobRun:
    """Ask the run of a job to end after the batch in hand. Raises `StoreError` where none runs."""
    name = _name(name)
    run = ask_to_stop(workspace.store, name)
    if run is None:
        raise StoreError(f"The job {name} is not running.")
    return run


def _name(asked: str) -> str:
    """The name of a job that is asked for by its name or its file."""
    return Job(file=Path(asked)).name


def _latest(workspace: Workspace) -> dict[str, JobRun]:
    try:
        store = workspace.store
    except StoreError:
        return {}
    found: dict[str, JobRun] = {}
    for run in job_runs(store, limit=10_000):
        found.setdefault(run.job, run)
    return found


def _plan(workspace: Workspace, path: Path) -> Plan:
    try:
        return plan_of(workspace, read_job(path))
    except UsageError as error:
        return Plan(Job(file=path).name, str(path), error=str(error))
