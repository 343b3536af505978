"""Runs of jobs: which step each is at, what became of it, and who has it.

A job has at most one run that is not over, and a lock on it lets one process at a time go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    literal_column,
    select,
    update,
)

from kgenrich.errors import LockedError
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.locks import hold, is_held, me
from kgenrich.store.rows import as_json, as_row, from_row
from kgenrich.store.story.runs import now
from kgenrich.store.tables import job_runs as table
from kgenrich.store.tables import job_steps as steps_table

# The condition of the partial index to the letter: otherwise it is not used.
_is_unfinished: ColumnElement[bool] = literal_column("job_runs.status NOT IN ('done', 'partly')")
_JSON = ("counts",)


class JobStep(Struct):
    """A step of a run of a job, in its ``place`` from 0. ``scope`` is what it was told to do, as
    JSON; ``status`` is waiting, running, done, failed or stopped; ``run_id`` the run of the verb
    (0: none), whose own position is where it goes on; ``position`` is that for people."""

    place: int
    name: str
    scope: str
    status: str = "waiting"
    position: str = ""
    counts: dict[str, Any] = msgspec.field(default_factory=dict)
    error: str = ""
    started: str = ""
    finished: str = ""
    seconds: float = 0.0
    run_id: int = 0

    @property
    def summary(self) -> str:
        """A line on how it is."""
        seconds = f", {self.seconds:.1f} s" if self.seconds else ""
        told = self.error or (self.position if self.status != "done" else "")
        return f"{self.name}: {self.status}{seconds}{f', {told}' if told else ''}"


class JobRun(Struct):
    """A run of the ``job`` of that name. ``status`` is running, done, partly (done, but a budget
    was used up), stopped (the rest goes on next time) or failed. ``started`` is when it first
    began, ``resumed`` when it last did. ``before`` and ``after`` are the coverage then, rows as
    JSON. ``stop`` says who asked it to."""

    id: int
    job: str
    file: str
    status: str
    started: str
    resumed: str
    finished: str
    holder: str = ""
    stop: str = ""
    error: str = ""
    before: str = ""
    after: str = ""


def take_job(store: Store, job: str, file: str) -> tuple[JobRun, Callable[[], None]]:
    """The run of a job that is not over, or a new one, for this process alone; what is given back
    beside it lets others have it. Raises `LockedError` saying who has it."""
    while True:
        run = store.write(lambda connection: _find(connection, job, file))
        release = hold(store.engine, run.id, "job")
        if release is None:
            raise LockedError(_who_has(store, run.id))
        try:
            begun = store.write(lambda connection: _begin(connection, run.id, file))  # noqa: B023
        except BaseException:
            release()
            raise
        if begun is not None:
            return begun, release
        # It came to its end meanwhile.
        release()


def note_run(store: Store, run_id: int, **values: str) -> None:
    """Note something of a run, by the names of the fields of `JobRun`."""
    told = update(table).where(table.c.id == run_id).values(values)
    store.write(lambda connection: connection.execute(told))


def end_job(store: Store, run_id: int, status: str, error: str = "") -> None:
    """Nobody has the run any more."""
    note_run(store, run_id, status=status, error=error, finished=now(), holder="")


def settle_steps(store: Store, run_id: int, scopes: Sequence[tuple[str, str]]) -> list[JobStep]:
    """The steps of a run as the job has them now, by name and scope: those that it begins with and
    that are done stay so, and what follows the first that is another or that is not is to be done.
    """

    def work(connection: Connection) -> list[JobStep]:
        steps: list[JobStep] = []
        kept = True
        known = _steps(connection, run_id)
        for place, (name, scope) in enumerate(scopes):
            before = known[place] if place < len(known) else None
            same = before is not None and (before.name, before.scope) == (name, scope)
            if kept and same and before is not None:
                steps.append(before)
                kept = before.status == "done"
            else:
                kept = False
                steps.append(JobStep(place, name, scope))
        connection.execute(delete(steps_table).where(steps_table.c.job_run_id == run_id))
        bulk.add(connection, steps_table, [_values(run_id, step) for step in steps])
        return steps

    return store.write(work)


def note_step(store: Store, run_id: int, step: JobStep) -> str:
    """Note how far a step is; gives who asked the run to stop, empty for nobody."""
    changed = as_row(step, "place", "name", "scope", *_JSON) | {"counts": as_json(step.counts)}
    which = steps_table.c.job_run_id == run_id, steps_table.c.place == step.place

    def work(connection: Connection) -> str:
        connection.execute(update(steps_table).where(*which).values(changed))
        told: str = connection.execute(
            select(table.c.stop).where(table.c.id == run_id)
        ).scalar_one()
        return told

    return store.write(work)


def ask_to_stop(store: Store, job: str) -> JobRun | None:
    """Ask the run of a job that a live process has to end after its batch; None where there is
    none."""

    def work(connection: Connection) -> JobRun | None:
        row = connection.execute(select(table).where(_is_unfinished, table.c.job == job)).first()
        if row is None or not is_held(connection, row.id, "job"):
            return None
        values = {"stop": f"{me()} at {now()}"}
        connection.execute(update(table).where(table.c.id == row.id).values(values))
        return from_row(JobRun, row)

    return store.write(work)


def job_runs(
    store: Store, job: str = "", limit: int = 20, id: int | None = None
) -> Iterator[JobRun]:
    """The latest runs, of one job or of all, newest first, or the one of this ``id``. One that says
    that it is running, and that no live process has, was killed: it is given as stopped."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if job:
        query = query.where(table.c.job == job)
    if id is not None:
        query = query.where(table.c.id == id)
    with store.read() as connection:
        runs = [from_row(JobRun, row) for row in connection.execute(query)]
        for run in runs:
            if run.status == "running" and not is_held(connection, run.id, "job"):
                run.status, run.error = "stopped", f"{run.holder} was killed"
                run.holder = ""
    yield from runs


def latest_job_runs(store: Store) -> dict[str, JobRun]:
    """The last run of each job, by name."""
    with store.read() as connection:
        last = select(func.max(table.c.id)).group_by(table.c.job)
        ids = list(connection.execute(last).scalars())
    return {run.job: run for id in sorted(ids) for run in job_runs(store, id=id)}


class JobTotals(Struct):
    """The runs of a job by how they ended, and when one was last done, empty for never."""

    runs: dict[str, int] = {}
    last_done: str = ""


def job_totals(store: Store) -> dict[str, JobTotals]:
    """What became of all runs, by job."""
    query = select(table.c.job, table.c.status, func.count(), func.max(table.c.finished))
    found: dict[str, JobTotals] = {}
    with store.read() as connection:
        for job, status, count, last in connection.execute(
            query.group_by(table.c.job, table.c.status)
        ):
            total = found.setdefault(job, JobTotals())
            total.runs[status] = count
            total.last_done = last if status == "done" else total.last_done
    return found


def live_job_runs(connection: Connection) -> list[JobRun]:
    """The runs of jobs that live processes have."""
    rows = connection.execute(select(table).where(_is_unfinished)).all()
    return [from_row(JobRun, row) for row in rows if is_held(connection, row.id, "job")]


def job_steps(store: Store, run_id: int) -> list[JobStep]:
    """The steps of a run in their order."""
    with store.read() as connection:
        return _steps(connection, run_id)


def _find(connection: Connection, job: str, file: str) -> JobRun:
    empty = dict.fromkeys(("resumed", "finished", "holder", "stop", "error", "before", "after"), "")
    new = {"job": job, "file": file, "status": "running", "started": now()} | empty
    # Of two that begin at once, one finds the row of the other.
    bulk.add_missing(connection, table, [new])
    query = select(table).where(_is_unfinished, table.c.job == job)
    return from_row(JobRun, connection.execute(query).one())


def _begin(connection: Connection, run_id: int, file: str) -> JobRun | None:
    """The run, now of this process; None where it is over."""
    at = now()
    values = {"status": "running", "holder": f"{me()} since {at}", "resumed": at, "file": file}
    values |= {"finished": "", "stop": "", "error": ""}
    which = table.c.id == run_id, _is_unfinished
    row = connection.execute(update(table).where(*which).values(values).returning(table)).first()
    return None if row is None else from_row(JobRun, row)


def _who_has(store: Store, run_id: int) -> str:
    with store.read() as connection:
        run = from_row(JobRun, connection.execute(select(table).where(table.c.id == run_id)).one())
        steps = _steps(connection, run_id)
    at = next((f", at the step {s.name}" for s in steps if s.status == "running"), "")
    return (
        f"The job {run.job} is going on already, by {run.holder or 'another process'}{at}: wait "
        f"for its end, or ask it to stop with `kgenrich jobs stop {run.job}`."
    )


def _steps(connection: Connection, run_id: int) -> list[JobStep]:
    query = select(steps_table).where(steps_table.c.job_run_id == run_id)
    rows = connection.execute(query.order_by(steps_table.c.place))
    return [_step(row) for row in rows]


def _step(row: Row[Any]) -> JobStep:
    return from_row(JobStep, row, counts=msgspec.json.decode(row.counts))


def _values(run_id: int, step: JobStep) -> tuple[Any, ...]:
    told = as_row(step, *_JSON) | {"counts": as_json(step.counts), "job_run_id": run_id}
    return tuple(told[column.name] for column in steps_table.columns)
