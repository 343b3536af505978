"""Metrics: what the store says, in the two formats that scrapers read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from kgenrich.jobs.metrics import render_metrics, write_metrics
from kgenrich.store.base import Store
from kgenrich.store.story.job_runs import job_runs, note_run
from tests.report.happened import FEED, KNOWN_UNTIL, much_happens

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
NEXT = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


def samples(data: bytes, *, openmetrics: bool = True) -> Samples:
    """Every sample; the format's own reader finds nothing wrong."""
    read = read_openmetrics if openmetrics else read_text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in read(data.decode())
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"kgenrich_{name}", frozenset(labels.items())]


@pytest.mark.parametrize("openmetrics", [True, False], ids=["openmetrics", "text"])
def test_they_say_what_the_store_says(store: Store, openmetrics: bool) -> None:
    run_id = much_happens(store)
    after = '[{"language":"it","kind":"label","entities":10,"explicit":3,"inherited":0,'
    after += '"accepted":2,"proposed":1,"missing":7}]'
    note_run(store, run_id, after=after)
    data = render_metrics(store, {"nightly": NEXT}, openmetrics=openmetrics)
    found = samples(data, openmetrics=openmetrics)
    (run,) = job_runs(store)
    ended = datetime.fromisoformat(run.finished).timestamp()
    assert value(found, "job_last_run_end_timestamp_seconds", job="nightly") == ended
    assert value(found, "job_state", job="nightly", kgenrich_job_state="partly") == 1
    assert value(found, "job_state", job="nightly", kgenrich_job_state="done") == 0
    assert value(found, "job_runs_total", job="nightly", status="partly") == 1
    assert value(found, "job_step_seconds", job="nightly", step="enrich") == 1.5
    asked = {"job": "nightly", "source": "deepl"}
    assert value(found, "job_source_requests", **asked, outcome="asked") == 9
    assert value(found, "job_source_requests", **asked, outcome="failed") == 1
    assert value(found, "source_calls_total", source="deepl") == 5
    assert value(found, "source_failed_calls_total", source="deepl") == 1
    assert value(found, "source_cost_total", source="deepl") == 1.0
    assert value(found, "source_proposals", source="deepl", state="accepted") == 3
    italian = {"language": "it", "kind": "label"}
    assert value(found, "coverage_terms", **italian, state="missing") == 7
    assert value(found, "decisions", **italian, verdict="rejected") == 1
    assert value(found, "proposals", **italian) == 5
    assert value(found, "undecided_proposals") == 2
    assert value(found, "oldest_undecided_timestamp_seconds") <= ended
    assert value(found, "feed_known_until_timestamp_seconds", feed=FEED) == KNOWN_UNTIL
    assert value(found, "feed_lag_seconds", feed=FEED) > 0
    assert value(found, "job_next_run_timestamp_seconds", job="nightly") == NEXT.timestamp()
    # It was never done, which is not the same as long ago.
    assert not [name for name, _ in found if name == "kgenrich_job_last_success_timestamp_seconds"]


def test_an_empty_store_has_metrics_too(store: Store) -> None:
    found = samples(render_metrics(store))
    assert value(found, "undecided_proposals") == 0


def test_the_file_is_whole_at_any_time(store: Store, tmp_path: Path) -> None:
    much_happens(store)
    path = tmp_path / "kgenrich.prom"
    path.write_text("something_else 1\n", encoding="utf-8")
    write_metrics(store, path, {})
    found = samples(path.read_bytes(), openmetrics=False)
    assert value(found, "source_calls_total", source="apertium") == 4
    assert "something_else" not in path.read_text(encoding="utf-8")
    assert list(tmp_path.glob("*.prom")) == [path]
    assert path.stat().st_mode & 0o777 == 0o644
    with pytest.raises(OSError, match="absent"):
        write_metrics(store, tmp_path / "absent" / "kgenrich.prom", {})
