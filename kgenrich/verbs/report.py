"""The report of a run: what it did, what became of it, what is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from kgenrich.errors import StoreError, UsageError
from kgenrich.evaluate.reliability import calibration_error, reliability
from kgenrich.languages import name as language_name
from kgenrich.masking import mask
from kgenrich.model import Scope, TermKind
from kgenrich.report.facts import (
    CoverageFacts,
    Fault,
    HeldOut,
    Reliability,
    RunFacts,
    RunReport,
    SourceFacts,
    StepFacts,
    StreamFacts,
    Tenth,
)
from kgenrich.store.base import Store
from kgenrich.store.locks import me
from kgenrich.store.story import figures
from kgenrich.store.story.job_runs import JobRun, JobStep, job_runs, job_steps
from kgenrich.store.story.job_schedules import next_times
from kgenrich.store.story.runs import Run, runs
from kgenrich.verbs.coverage import CoverageOptions, coverage
from kgenrich.verbs.evaluate import HeldoutOptions, evaluate_heldout
from kgenrich.verbs.streams import known_until
from kgenrich.verbs.wanted import address, most_wanted
from kgenrich.verbs.workspace import Count, Options, Workspace

_AGAIN = "the next run, which asks again"


class ReportOptions(Options, frozen=True, kw_only=True):
    """The ``run``: the number of a run of a job, the name of a job (its last run), or ``verb:12``
    for a run of a verb; empty for the last run. ``output`` is the file of the page. ``held_out``
    evaluates on so many entities first; ``reader`` is the language in which entities are named."""

    run: str = ""
    output: str | None = None
    held_out: Count | None = None
    reader: str = ""


def report(workspace: Workspace, options: ReportOptions) -> RunReport:
    """What there is to tell of a run; with an ``output`` it is written as a page.

    Raises `UsageError` for a run that makes no sense, `StoreError` for one that there is not.
    """
    found = _find(workspace.store, options.run)
    told = _Gathering(workspace, options, found).report()
    if options.output is not None:
        from kgenrich.report.page import render

        path = Path(options.output)
        beside = path.with_name(f"{path.name}.part")
        beside.write_bytes(render(told))
        beside.replace(path)
    return told


def _find(store: Store, asked: str) -> JobRun | Run:
    """The run that is asked for."""
    kind, _, number = asked.rpartition(":")
    if kind not in ("", "verb", "job") or (kind == "verb" and not number.isdecimal()):
        raise UsageError(f"{asked!r} is no run: give a number, the name of a job, or verb:NUMBER.")
    of_job: Iterable[JobRun | Run] = ()
    if kind != "verb":
        by_number = number.isdecimal()
        of_job = job_runs(store, "" if by_number else number, 1, int(number) if by_number else None)
    if found := next(iter(of_job), None):
        return found
    if kind != "job" and (not number or number.isdecimal()):
        found = next(runs(store, 1, int(number) if number else None), None)
    if found is None:
        raise StoreError(
            f"There is no run {asked} in this store." if asked else "Nothing has run in this store."
        )
    return found


class _Gathering:
    """Puts together what is told of one run."""

    def __init__(self, workspace: Workspace, options: ReportOptions, run: JobRun | Run) -> None:
        self.workspace, self.options, self.store = workspace, options, workspace.store
        self.run = run
        # The report does not tell of itself.
        self.steps = (
            [step for step in job_steps(self.store, run.id) if step.name != "report"]
            if isinstance(run, JobRun)
            else [_as_step(run)]
        )
        self.runs = [step.run_id for step in self.steps if step.run_id]
        scope = _scope(self.steps)
        # Without languages a verb is about those of the settings.
        self.scope = replace(scope, languages=scope.languages or workspace.settings.languages)

    def report(self) -> RunReport:
        """Everything."""
        held_out = self._held_out()
        sources = self._sources()
        waiting = figures.waiting(self.store)
        run = self._facts()
        return RunReport(
            run,
            tuple(_step_facts(step) for step in self.steps),
            tuple(self._coverage()),
            tuple(figures.outcomes(self.store, self.runs, run.started, run.finished)),
            tuple(sources),
            tuple(figures.agreement(self.store, self.runs)),
            held_out,
            self._reviewed(),
            sum(source.calls for source in sources),
            sum(source.seconds for source in sources),
            sum(source.cost for source in sources),
            tuple(self._faults(sources)),
            tuple(most_wanted(self.workspace, self.scope, self.options.reader)),
            waiting,
            address(self.store, waiting.entity),
            tuple(_streams(self.store, run.finished)),
            self._next_run(),
        )

    def _facts(self) -> RunFacts:
        run, steps = self.run, self.steps
        seconds = sum(step.seconds for step in steps)
        finished = max((step.finished for step in steps), default="") or run.finished
        if isinstance(run, Run):
            return RunFacts(
                "verb", run.id, run.verb, run.status, "", run.started, run.finished, seconds,
                run.holder,
            )  # fmt: skip
        status, holder = run.status, run.holder
        if status == "running" and holder.startswith(me()):
            # It is this process that writes its report: nothing but that is left to do.
            status, holder = _outcome(steps), ""
        return RunFacts(
            "job", run.id, run.job, status, mask(run.error), run.started, finished, seconds, holder
        )

    def _next_run(self) -> str:
        """When the job is due again, where somebody keeps the clock."""
        due = next_times(self.store).get(self.run.job) if isinstance(self.run, JobRun) else None
        return due.astimezone(UTC).isoformat(timespec="seconds") if due else ""

    def _coverage(self) -> list[CoverageFacts]:
        languages, kinds = self.scope.languages, tuple(map(str, self.scope.kinds))
        after: list[dict[str, Any]] = []
        before: dict[tuple[str, str], float] | None = None
        if isinstance(self.run, JobRun):
            after = msgspec.json.decode(self.run.after or "[]")
            if self.run.before:
                before = {
                    (row["language"], row["kind"]): _share(row)
                    for row in msgspec.json.decode(self.run.before)
                }
        if not after and languages:
            options = CoverageOptions(languages=languages, kinds=kinds, types=self.scope.types)
            after = coverage(self.workspace, options)
        rows = [
            CoverageFacts(
                row["language"],
                language_name(row["language"]),
                row["kind"],
                row["entities"],
                row["explicit"],
                row["inherited"],
                row["accepted"],
                row["proposed"],
                row["missing"],
                None if before is None else before.get((row["language"], row["kind"]), 0.0),
            )
            for row in after
        ]
        order = list(TermKind)
        return sorted(rows, key=lambda row: (order.index(TermKind(row.kind)), row.language))

    def _sources(self) -> list[SourceFacts]:
        """The sources that were asked, or that a new proposal rests on."""
        asked: dict[str, dict[str, Any]] = {}
        for step in self.steps:
            for name, told in (step.counts.get("sources") or {}).items():
                mine = asked.setdefault(name, {})
                for key in ("asked", "remembered", "failed"):
                    mine[key] = mine.get(key, 0) + told.get(key, 0)
                mine["stopped"] = told.get("stopped") or mine.get("stopped", "")
        done = {row.name: row for row in figures.source_figures(self.store, self.runs)}
        rows = []
        for name in sorted(asked.keys() | done.keys()):
            mine, row = asked.get(name, {}), done.get(name) or figures.SourceFigures(name, "")
            rows.append(
                SourceFacts(
                    name,
                    row.kind,
                    mine.get("asked", 0),
                    mine.get("remembered", 0),
                    mine.get("failed", row.failed),
                    row.calls,
                    round(row.seconds, 3),
                    round(row.cost, 9),
                    row.proposals,
                    row.accepted,
                    row.rejected,
                    mask(mine.get("stopped", "")),
                )
            )
        return rows

    def _faults(self, sources: Sequence[SourceFacts]) -> list[Fault]:
        found = []
        for step in self.steps:
            if step.error:
                waits = "the next run, which goes on there" if step.status != "done" else _AGAIN
                found.append(Fault(f"step {step.name}", mask(step.error), 0, waits))
            for name, told in (step.counts.get("sources") or {}).items():
                failures = sorted((told.get("failures") or {}).items())
                found += [Fault(name, mask(why), count, _AGAIN) for why, count in failures]
        if not any(fault.count for fault in found):
            kept = figures.failures(self.store, self.runs)
            found += [Fault(name, mask(why), count, _AGAIN) for name, why, count in kept]
        stopped = [source for source in sources if source.stopped]
        return found + [Fault(one.name, mask(one.stopped), 0, _AGAIN) for one in stopped]

    def _held_out(self) -> HeldOut | None:
        """The last evaluation that is kept; one is made first where that is asked for."""
        if self.options.held_out is not None and self.scope.languages:
            kinds = tuple(map(str, self.scope.kinds))
            evaluate_heldout(
                self.workspace,
                HeldoutOptions(
                    languages=self.scope.languages, kinds=kinds, sample=self.options.held_out
                ),
            )
        for run in runs(self.store, 100, verb="evaluate heldout"):
            if run.status == "done" and "all" in run.counts:
                rows = [
                    _reliability(f"{kind}s, {unit} hidden", told)
                    for kind, items in run.counts["all"].items()
                    for unit, told in (("items", items), ("clusters", items["clusters"]))
                ]
                shown = tuple(row for row in rows if row.terms)
                return HeldOut(run.id, run.finished, run.counts["entities"], shown)
        return None

    def _reviewed(self) -> Reliability | None:
        probability, right = figures.reviewed(self.store)
        if not right:
            return None
        bins = reliability(probability, right)
        tenths = (Tenth(one.count, one.expected, one.right) for one in bins)
        error = calibration_error(probability, right)
        return Reliability("decided", len(right), error, tuple(tenths))


def _streams(store: Store, until: str) -> Iterator[StreamFacts]:
    for feed, at in known_until(store).items():
        known = datetime.fromtimestamp(int(at), UTC)
        end = datetime.fromisoformat(until) if until else known
        yield StreamFacts(feed, known.isoformat(), max(0.0, (end - known).total_seconds()))


def _scope(steps: Iterable[JobStep]) -> Scope:
    """The languages and kinds that the steps are about."""
    told = [msgspec.json.decode(step.scope or "{}") for step in steps]
    options: list[Mapping[str, Any]] = [one.get("options", one) for one in told]
    languages = dict.fromkeys(code for one in options for code in one.get("languages") or ())
    kinds = dict.fromkeys(kind for one in options for kind in one.get("kinds") or ())
    types = dict.fromkeys(kind for one in options for kind in one.get("types") or ())
    return Scope(
        tuple(languages),
        tuple(map(TermKind, kinds)) or (TermKind.LABEL, TermKind.DESCRIPTION),
        types=tuple(types),
    )


def _outcome(steps: Sequence[JobStep]) -> str:
    """How a run ends whose steps are these."""
    states = {step.status for step in steps}
    if "failed" in states:
        return "failed"
    if states - {"done"}:
        return "stopped"
    return "partly" if any(step.error for step in steps) else "done"


def _as_step(run: Run) -> JobStep:
    """A run of a verb, as the only step."""
    return JobStep(
        0,
        run.verb,
        msgspec.json.encode(run.scope).decode(),
        run.status,
        run.position,
        run.counts,
        started=run.started,
        finished=run.finished,
        seconds=_seconds_between(run.started, run.finished),
        run_id=run.id,
    )


def _seconds_between(started: str, finished: str) -> float:
    if not finished:
        return 0.0
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()


def _step_facts(step: JobStep) -> StepFacts:
    counts = {
        name: value
        for name, value in step.counts.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and name != "seconds"
    }
    return StepFacts(step.name, step.status, step.error, step.seconds, counts)


def _share(row: Mapping[str, Any]) -> float:
    present = int(row["explicit"] + row["inherited"] + row["accepted"])
    return present / max(1, int(row["entities"]))


def _reliability(name: str, told: Mapping[str, Any]) -> Reliability:
    tenths = tuple(
        Tenth(one["count"], one["expected"], one["right"]) for one in told["reliability"]
    )
    return Reliability(name, sum(one.count for one in tenths), told["ece"], tenths)
