"""A job tells of itself: a page, a file of metrics, a program; none of them changes what it did."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kgenrich.errors import LockedError, UsageError
from kgenrich.jobs.run import run_job
from kgenrich.store.story.job_runs import take_job
from kgenrich.verbs.report import ReportOptions, report
from tests.jobs.world import World, priced
from tests.server import Reply, Server

pytestmark = pytest.mark.slow

MORE = """
[report]
output = "report.html"
keep = 2
[notify]
command = {command}
on = "{on}"
"""
DEAD = Reply({"error": "out of order"}, status=500)


class Told:
    """A program that keeps what it is told."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "told.jsonl"
        code = f"import sys; open({str(self.file)!r}, 'a').write(sys.stdin.read() + '\\n')"
        self.command = [sys.executable, "-c", code]

    @property
    def events(self) -> list[dict[str, Any]]:
        if not self.file.exists():
            return []
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(priced) as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, server: Server) -> World:
    return World(tmp_path / "world", f"sqlite:///{tmp_path / 's.db'}", server)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def write(world: World, command: list[str], on: str = "always", metrics: str = "job.prom") -> None:
    """The job with a page, a program to tell and a file of metrics."""
    world.write(more=MORE.format(command=json.dumps(command), on=on))
    path = world.folder / "nightly.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"metrics = {json.dumps(metrics)}\n{text}", encoding="utf-8")


def test_a_run_leaves_a_page_metrics_and_word(world: World, told: Told) -> None:
    write(world, told.command)
    done = world.run()
    assert done.status == "done"
    assert [event["event"] for event in told.events] == ["start", "done"]
    begun, ended = told.events
    assert (begun["job"], begun["run"]) == ("nightly", done.run)
    assert ended["status"] == "done"
    assert [step["name"] for step in ended["steps"]][-1] == "report"
    enriched = ended["steps"][1]
    assert enriched.keys() == {"name", "status", "error", "seconds", "counts", "run_id"}
    assert enriched["counts"]["proposals"] > 0
    metrics = (world.folder / "job.prom").read_text(encoding="utf-8")
    assert 'kgenrich_job_state{job="nightly",kgenrich_job_state="done"} 1.0' in metrics

    page = world.folder / "report.html"
    assert len(list(world.folder.glob("report*.html"))) == 2
    with world.workspace() as workspace:
        later = world.folder / "later.html"
        report(workspace, ReportOptions(run="nightly", output=str(later)))
    # The page that the run wrote of itself is that which is written afterwards.
    assert later.read_bytes() == page.read_bytes()


def test_a_failure_is_told_and_has_its_page(tmp_path: Path, told: Told) -> None:
    broken = [DEAD]
    with Server(lambda asked: broken[0] if broken else priced(asked)) as server:
        world = World(tmp_path / "world", f"sqlite:///{tmp_path / 's.db'}", server)
        write(world, told.command, on="failure")
        failed = world.run()
        assert failed.status == "failed"
        assert [event["event"] for event in told.events] == ["failed"]
        assert "500" in told.events[0]["error"]
        page = (world.folder / "report.html").read_text(encoding="utf-8")
        assert "Failed" in page
        assert "500" in page
        broken.clear()
        assert world.run().status == "done"
    assert len(told.events) == 1, "of what went well nobody wanted to hear"


def test_what_cannot_be_told_changes_nothing(world: World, tmp_path: Path) -> None:
    (world.folder / "folder.prom").mkdir()
    write(world, ["false"], metrics="folder.prom")
    process = world.start("jobs", "run", "nightly")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "could not be told of done" in errors
    assert "metrics cannot be written" in errors


def test_who_is_told_is_checked_before_anything_begins(world: World, tmp_path: Path) -> None:
    for command, metrics, words in (
        ("say 'it", "", "taken apart"),
        ("x", "no/x.prom", "no folder"),
    ):
        with world.workspace() as workspace, pytest.raises(UsageError, match=words):
            run_job(workspace, "nightly", notify=command, metrics=metrics)
    assert not world.server.asked


def test_of_a_run_that_another_process_has_nothing_is_told(world: World, told: Told) -> None:
    write(world, told.command)
    with world.workspace() as workspace:
        _, release = take_job(workspace.make_store(), "nightly", "")
        with pytest.raises(LockedError):
            world.run()
        release()
    assert told.events == []
