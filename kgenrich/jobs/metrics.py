"""What jobs and sources did, as metrics that a scraper reads: OpenMetrics, or Prometheus text.

All of it is read from the store, so that a process that has just begun tells the same as one that
has run for weeks. Times are seconds since 1970, and what is counted is counted since the store was
made. Specification: OpenMetrics 1.0.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kgenrich import __version__
from kgenrich.store.base import Store
from kgenrich.store.story.figures import outcomes, source_figures, waiting
from kgenrich.store.story.job_runs import JobRun, job_steps, job_totals, latest_job_runs
from kgenrich.verbs.streams import known_until

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
"""Of what `render_metrics` gives."""

Values = Mapping[Any, float | None]
"""Numbers by the tuples of their labels; None where there is none yet."""

_STATES = ("running", "done", "partly", "stopped", "failed")
_TERMS = ("explicit", "inherited", "accepted", "proposed", "missing")


def render_metrics(
    store: Store,
    next_runs: Mapping[str, datetime] | None = None,
    *,
    openmetrics: bool = True,
) -> bytes:
    """The metrics of a store as text. ``next_runs`` are the jobs that have a time to run at.
    Without ``openmetrics`` it is the text that node_exporter reads."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.openmetrics import exposition

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(lambda: _metrics(store, next_runs or {})))
    written: Callable[[CollectorRegistry], bytes] = (
        exposition.generate_latest if openmetrics else generate_latest
    )
    return written(registry)


def write_metrics(store: Store, path: Path, next_runs: Mapping[str, datetime]) -> None:
    """Write the metrics for node_exporter's textfile collector, which finds a whole file at any
    time."""
    # It reads every file whose name ends in .prom: not the one beside.
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(render_metrics(store, next_runs, openmetrics=False))
    beside.chmod(0o644)
    beside.replace(path)


class _Collector:
    """What a registry asks."""

    def __init__(self, metrics: Callable[[], Iterator[Metric]]) -> None:
        self.collect = metrics


def _metrics(store: Store, next_runs: Mapping[str, datetime]) -> Iterator[Metric]:
    from prometheus_client.core import InfoMetricFamily

    yield InfoMetricFamily("kgenrich", "The program.", {"version": __version__})
    with store.snapshot() as now:
        yield from _of_jobs(now)
        yield from _of_sources(now)
        yield from _of_terms(now)
    at = {(job,): next.timestamp() for job, next in next_runs.items()}
    yield _gauge("job_next_run_timestamp_seconds", "When a job runs next.", ["job"], at)
    known = known_until(store)
    until = {(feed,): at for feed, at in known.items()}
    help = "When the last change was made that was read of a feed."
    yield _gauge("feed_known_until_timestamp_seconds", help, ["feed"], until)
    behind = {(feed,): max(0.0, time.time() - at) for feed, at in known.items()}
    yield _gauge("feed_lag_seconds", "How long ago that was.", ["feed"], behind)


def _of_jobs(store: Store) -> Iterator[Metric]:
    from prometheus_client.core import StateSetMetricFamily

    last = latest_job_runs(store)
    states = StateSetMetricFamily("kgenrich_job_state", "How the last run is.", labels=["job"])
    for job, run in sorted(last.items()):
        states.add_metric([job], {state: state == run.status for state in _STATES})
    yield states
    times = {"start": "resumed", "end": "finished"}
    for name, field in times.items():
        found = {(job,): _time(getattr(run, field)) for job, run in last.items()}
        help = f"The {name} of the last run."
        yield _gauge(f"job_last_run_{name}_timestamp_seconds", help, ["job"], found)
    totals = job_totals(store)
    done = {(job,): _time(total.last_done) for job, total in totals.items()}
    yield _gauge("job_last_success_timestamp_seconds", "When a run was last done.", ["job"], done)
    counts = {
        (job, status): float(count)
        for job, total in totals.items()
        for status, count in total.runs.items()
    }
    yield _counter("job_runs", "Runs by how they ended.", ["job", "status"], counts)
    yield from _of_steps(store, last)
    yield from _of_coverage(last)


def _of_steps(store: Store, last: Mapping[str, JobRun]) -> Iterator[Metric]:
    seconds: dict[tuple[str, ...], float] = {}
    asked: dict[tuple[str, ...], float] = {}
    for job, run in last.items():
        for step in job_steps(store, run.id):
            key = job, step.name
            seconds[key] = seconds.get(key, 0.0) + step.seconds
            for source, counts in (step.counts.get("sources") or {}).items():
                for outcome in ("asked", "remembered", "failed"):
                    name = job, source, outcome
                    asked[name] = asked.get(name, 0) + counts.get(outcome, 0)
    yield _gauge("job_step_seconds", "Work of the last run.", ["job", "step"], seconds)
    help = "Requests of the last run: asked, answered from memory, failed."
    yield _gauge("job_source_requests", help, ["job", "source", "outcome"], asked)


def _of_coverage(last: Mapping[str, JobRun]) -> Iterator[Metric]:
    """As it was when jobs last ended; where two are about a language, the later one."""
    terms: dict[tuple[str, ...], float] = {}
    entities: dict[tuple[str, ...], float] = {}
    for run in sorted(last.values(), key=lambda run: run.finished):
        rows: list[dict[str, Any]] = msgspec.json.decode(run.after or "[]")
        for row in rows:
            entities[row["language"], row["kind"]] = row["entities"]
            for state in _TERMS:
                terms[row["language"], row["kind"], state] = row[state]
    labels = ["language", "kind"]
    yield _gauge("coverage_entities", "Entities that want a term.", labels, entities)
    yield _gauge("coverage_terms", "Terms by their state.", [*labels, "state"], terms)


def _of_sources(store: Store) -> Iterator[Metric]:
    rows = {(row.name,): row for row in source_figures(store)}
    counters = {
        "calls": "Calls of a source.",
        "failed_calls": "Calls that failed.",
        "call_seconds": "Time that calls took.",
        "cost": "Money that calls cost, in the currency of the source.",
        "tokens": "Tokens read and written by language models.",
    }
    fields = {"failed_calls": "failed", "call_seconds": "seconds"}
    for name, help in counters.items():
        values = {key: float(getattr(row, fields.get(name, name))) for key, row in rows.items()}
        yield _counter(f"source_{name}", help, ["source"], values)
    states = {
        (*key, state): float(getattr(row, state))
        for key, row in rows.items()
        for state in ("proposals", "accepted", "rejected")
    }
    help = "Proposals that a source supports, and those that were decided on."
    yield _gauge("source_proposals", help, ["source", "state"], states)


def _of_terms(store: Store) -> Iterator[Metric]:
    rows = outcomes(store)
    proposed = {(row.language, str(row.kind)): float(row.proposed) for row in rows}
    yield _gauge("proposals", "Proposals that hold.", ["language", "kind"], proposed)
    decided = {
        (row.language, str(row.kind), verdict): float(getattr(row, verdict))
        for row in rows
        for verdict in ("accepted", "edited", "rejected")
    }
    labels = ["language", "kind", "verdict"]
    yield _gauge("decisions", "Decisions that hold.", labels, decided)
    undecided = waiting(store)
    yield _gauge("undecided_proposals", "Proposals that wait.", [], {(): float(undecided.count)})
    since = {(): _time(undecided.since)} if undecided.since else {}
    help = "Since when the oldest of them waits."
    yield _gauge("oldest_undecided_timestamp_seconds", help, [], since)


def _gauge(name: str, help: str, labels: list[str], values: Values) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    return _filled(GaugeMetricFamily(f"kgenrich_{name}", help, labels=labels), values)


def _counter(name: str, help: str, labels: list[str], values: Values) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    return _filled(CounterMetricFamily(f"kgenrich_{name}", help, labels=labels), values)


def _filled(family: Any, values: Values) -> Metric:
    for labels, value in sorted(values.items()):
        if value is not None:
            family.add_metric(list(labels), value)
    metric: Metric = family
    return metric


def _time(at: str) -> float | None:
    return datetime.fromisoformat(at).timestamp() if at else None
