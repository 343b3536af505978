"""What a run of a job would do, step by step, and what it would at most cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from kgenrich.errors import StoreError
from kgenrich.jobs.checking import checked_steps, deadline_of, idle_sources
from kgenrich.jobs.cron import next_time
from kgenrich.jobs.job_file import Job
from kgenrich.jobs.steps import Step
from kgenrich.sources.base import Source
from kgenrich.sources.budget import Budget
from kgenrich.store.story.job_runs import job_runs, job_steps
from kgenrich.verbs.check import CheckOptions
from kgenrich.verbs.coverage import CoverageOptions, coverage
from kgenrich.verbs.enrich import EnrichOptions
from kgenrich.verbs.workspace import Workspace


class CalledSource(Struct, frozen=True):
    """A source that asks a ``host``, or a model, and the most that it may do so in one run; None
    where nothing limits it."""

    name: str
    host: str
    max_calls: int | None
    max_cost: float | None

    @property
    def summary(self) -> str:
        """It in words."""
        calls = "" if self.max_calls is None else f"at most {self.max_calls:,} calls"
        cost = "" if self.max_cost is None else f"at a cost of at most {self.max_cost:g}"
        limits = ", ".join(part for part in (calls, cost) if part) or "without a limit"
        return f"{self.name} is called{f' at {self.host}' if self.host else ''}, {limits}"


class PlannedStep(Struct, frozen=True):
    """A step that would be done: which ``sources`` it asks, those among them that are ``called``,
    and how many terms are ``missing``, by language and kind, as the store is now."""

    name: str
    about: str
    sources: tuple[str, ...] = ()
    called: tuple[CalledSource, ...] = ()
    missing: dict[str, dict[str, int]] = {}

    @property
    def lines(self) -> Iterator[str]:
        """It in words."""
        yield f"{self.name}: {self.about}"
        for language, kinds in self.missing.items():
            counts = ", ".join(f"{number:,} {kind}s" for kind, number in kinds.items())
            yield f"    {language} lacks {counts}"
        if self.sources:
            yield f"    asks {', '.join(self.sources)}"
        for source in self.called:
            yield f"    {source.summary}"


class Plan(Struct, frozen=True):
    """What a run of a job would do, by when it would end, the run that it would go on with at
    which step, and when it is due (``next``); or what is wrong with the job (``error``)."""

    job: str
    file: str
    steps: tuple[PlannedStep, ...] = ()
    until: str = ""
    goes_on: str = ""
    next: str = ""
    error: str = ""

    @property
    def lines(self) -> Iterator[str]:
        """It in words."""
        if self.error:
            yield self.error
            return
        if self.goes_on:
            yield self.goes_on
        for place, step in enumerate(self.steps, 1):
            first, *more = step.lines
            yield f"{place}. {first}"
            yield from more
        if self.next:
            yield f"By its schedule it runs next at {self.next}."
        if self.until:
            yield f"It would end at {self.until} at the latest, after the batch in hand."


def plan_of(workspace: Workspace, job: Job) -> Plan:
    """What a run would do. Nothing is asked, fetched or written.

    Raises `UsageError` for a job that makes no sense.
    """
    steps = checked_steps(workspace, job)
    deadline = deadline_of(job)
    planned = tuple(_planned(workspace, step) for step in steps)
    until = "" if deadline is None else f"{deadline:%Y-%m-%d %H:%M %Z}".strip()
    due = next_time(job, datetime.now(UTC))
    following = "" if due is None else f"{due.astimezone():%Y-%m-%d %H:%M %Z}".strip()
    goes_on = _unfinished(workspace, job, steps)
    return Plan(job.name, str(job.file), planned, until, goes_on, following)


def _planned(workspace: Workspace, step: Step) -> PlannedStep:
    options = step.options
    if not isinstance(options, EnrichOptions | CheckOptions):
        return PlannedStep(step.name, step.about)
    sources = idle_sources(workspace, options)
    missing = _missing(workspace, options) if isinstance(options, EnrichOptions) else {}
    return PlannedStep(
        step.name,
        step.about,
        tuple(source.name for source in sources),
        tuple(called for source in sources if (called := _called(source)) is not None),
        missing,
    )


def _called(source: Source) -> CalledSource | None:
    budget = getattr(source, "budget", None)
    if not isinstance(budget, Budget):
        return None
    most = budget.limits
    return CalledSource(source.name, getattr(source, "host", ""), most.max_calls, most.max_cost)


def _missing(workspace: Workspace, options: EnrichOptions) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    try:
        rows = coverage(
            workspace,
            CoverageOptions(
                languages=options.languages,
                kinds=options.kinds,
                classes=(options.class_id,) if options.class_id else (),
                types=options.types,
            ),
        )
    except StoreError:
        # There is nothing yet.
        return found
    for row in rows:
        if row["class"] == (options.class_id or ""):
            found.setdefault(row["language"], {})[row["kind"]] = row["missing"]
    return found


def _unfinished(workspace: Workspace, job: Job, steps: list[Step]) -> str:
    """What a run would go on with, in words."""
    try:
        store = workspace.store
    except StoreError:
        return ""
    last = next(job_runs(store, job.name, 1), None)
    if last is None or last.status in ("done", "partly"):
        return ""
    if last.status == "running":
        return f"Run {last.id} is going on, by {last.holder}."
    known = {one.place: one for one in job_steps(store, last.id)}
    for place, step in enumerate(steps):
        was = known.get(place)
        if was is None or (was.name, was.scope) != (step.name, step.scope) or was.status != "done":
            return f"Run {last.id} ({last.status}) would go on at step {place + 1}, {step.name}."
    return f"Run {last.id} ({last.status}) would end."
