"""Processes that run a job: two at once, one that is told to end, one that is killed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgenrich.jobs.overview import job_status
from tests.enrich.test_twice import wait_for
from tests.jobs.world import ENTITIES, World, priced
from tests.server import Asked, Reply, Server

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(priced) as running:
        yield running


def test_two_that_are_started_at_once_do_it_once(tmp_path: Path, store_url: str) -> None:
    with Server(priced) as server:
        quiet = World(tmp_path / "quiet", f"sqlite:///{tmp_path / 'quiet.db'}", server)
        assert quiet.run().status == "done"
        server.asked.clear()
        world = World(tmp_path / "world", store_url, server)
        both = [world.start("jobs", "run", "nightly") for _ in range(2)]
        told = [process.communicate(timeout=180) for process in both]
        codes = sorted(process.returncode for process in both)
        # One that comes when the other is over finds nothing left to do.
        assert codes in ([0, 4], [0, 0]), told
        assert set(world.times().values()) == {1} and len(server.asked) == ENTITIES
        assert world.files() == quiet.files()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_one_that_ends_before_its_end_is_gone_on_with(
    tmp_path: Path, store_url: str, number: signal.Signals
) -> None:
    ended = threading.Event()

    def until_it_ends(asked: Asked) -> Reply:
        if len(server.asked) > 15:
            ended.wait(60)
        return priced(asked)

    with Server(until_it_ends) as server:
        world = World(tmp_path / "world", store_url, server)
        process = world.start("jobs", "run", "nightly")
        wait_for(lambda: len(server.asked) > 15)
        process.send_signal(number)
        if number == signal.SIGTERM:
            # What is on the wire is waited for.
            assert process.stderr is not None
            assert any("ends after the batch in hand" in line for line in process.stderr)
        ended.set()
        process.communicate(timeout=120)
        assert process.returncode == (3 if number == signal.SIGTERM else -number)
        with world.workspace() as workspace:
            (state,) = job_status(workspace)
            assert [step.status for step in state.steps][1:3] in (
                ["stopped", "waiting"],
                ["running", "waiting"],
            )
            assert state.run.status == "stopped"
        report = world.run()
        assert (report.run, report.status) == (state.run.id, "done")
        again = sum(times - 1 for times in world.times().values())
        # Those on the wire, and those whose answers were being stored.
        assert again <= (0 if number == signal.SIGTERM else 6)
