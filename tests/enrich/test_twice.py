"""Several processes of `kgenrich enrich` over one store: nothing is asked twice, and budgets hold
over all of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Table, func, select

from kgenrich.model import Entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.tables import calls, in_flight, proposals, runs, spending
from tests.server import Asked, Reply, Server
from tests.sources.test_remote_source import answer, named

pytestmark = pytest.mark.slow

ENTITIES = 60


PRICE = 0.01


def slowly(asked: Asked) -> Reply:
    reply = answer(asked)
    reply.body["usage"] = {"prompt_tokens": 1000, "completion_tokens": 10}
    return reply._replace(pause=0.05)


class Runs:
    """Starts commands over one store."""

    def __init__(self, folder: Path, store: str, url: str, **options: Any) -> None:
        opened = open_store(store, create=True)
        load_entities(
            opened,
            [Entity(f"Q{n}", labels={"en": f"Name {n}"}) for n in range(1, ENTITIES + 1)],
        )
        opened.close()
        own = {"use": "openai", "url": url, "model": "m", "price_in": 10.0, **options}
        lines = [f'store = "{store}"', "[network]", 'contact = "t@example.org"', "retries = 0"]
        lines += ["[sources.tiny]", *(f"{k} = {json.dumps(v)}" for k, v in own.items())]
        self.settings = folder / "kgenrich.toml"
        self.settings.write_text("\n".join(lines), encoding="utf-8")

    def start(self, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kgenrich.cli.main", "--config", str(self.settings)]
        command += ["enrich", "-l", "it", "-k", "label", "-s", "tiny", "--batch", "20", "--json"]
        return subprocess.Popen(
            [*command, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"COLUMNS": "200"},
        )


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    report: dict[str, Any] = json.loads(out)
    return report


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def times(server: Server) -> Counter[str]:
    return Counter(named(asked) for asked in server.asked)


def count(url: str, table: Table, *where: ColumnElement[bool]) -> int:
    """Rows of a table."""
    store = open_store(url)
    with store.read() as connection:
        found = connection.execute(select(func.count()).select_from(table).where(*where))
        rows = found.scalar_one()
    store.close()
    return rows


def left_over(url: str) -> tuple[int, int]:
    """Questions that are still claimed, and runs that seem to be held."""
    return count(url, in_flight), count(url, runs, runs.c.holder != "")


def test_an_equal_run_is_refused_while_one_goes_on(tmp_path: Path, store_url: str) -> None:
    refused = threading.Event()

    def until_it_is_refused(asked: Asked) -> Reply:
        if len(server.asked) > 8:
            refused.wait(60)
        return slowly(asked)

    with Server(until_it_is_refused) as server:
        run = Runs(tmp_path, store_url, server.url)
        first = run.start()
        wait_for(lambda: len(server.asked) > 4)
        second = run.start()
        _, errors = second.communicate(timeout=60)
        refused.set()
        assert second.returncode == 1
        assert f"by process {first.pid} on" in errors and "since 20" in errors
        finish(first)
    assert set(times(server).values()) == {1} and len(server.asked) == ENTITIES


def test_different_runs_share_the_questions_in_flight(tmp_path: Path, store_url: str) -> None:
    with Server(slowly) as server:
        run = Runs(tmp_path, store_url, server.url)
        both = [run.start("--minimum", minimum) for minimum in ("0.01", "0.02")]
        reports = [finish(process) for process in both]
    assert len(server.asked) == ENTITIES and set(times(server).values()) == {1}
    for report in reports:
        assert report["answered"] == ENTITIES
    told = [report["sources"]["tiny"] for report in reports]
    assert sum(one["calls"] for one in told) == sum(one["asked"] for one in told) == ENTITIES
    assert left_over(store_url) == (0, 0)


@pytest.mark.parametrize(
    ("option", "limit", "each"), [("--max-calls", 30, 1), ("--max-cost", 0.3, PRICE)]
)
def test_a_budget_holds_over_both(
    tmp_path: Path, store_url: str, option: str, limit: float, each: float
) -> None:
    met = threading.Event()

    def when_both_go_on(asked: Asked) -> Reply:
        if not met.is_set():
            wait_for(lambda: count(store_url, spending) == 2)
            met.set()
        return slowly(asked)

    with Server(when_both_go_on) as server:
        run = Runs(tmp_path, store_url, server.url)
        both = [run.start("--minimum", minimum, option, str(limit)) for minimum in ("0.01", "0.02")]
        reports = [finish(process) for process in both]
        spent = len(server.asked) * each
        assert limit / 2 <= spent <= limit and set(times(server).values()) == {1}
        assert sum(report["sources"]["tiny"]["calls"] for report in reports) == len(server.asked)
        for report in reports:
            assert "budget" in report["sources"]["tiny"]["stopped"]
        # A run that meets no other one has the whole budget.
        finish(run.start("--minimum", "0.03", option, str(limit)))
        assert limit / 2 <= len(server.asked) * each - spent <= limit


def test_when_one_is_killed_the_other_one_asks_the_rest(tmp_path: Path, store_url: str) -> None:
    with Server(slowly) as server:
        run = Runs(tmp_path, store_url, server.url)
        first = run.start("--minimum", "0.01")
        wait_for(lambda: len(server.asked) > 4)
        second = run.start("--minimum", "0.02")
        wait_for(lambda: len(server.asked) > 15)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        report = finish(second)
        assert report["answered"] == ENTITIES
        twice = [name for name, count in times(server).items() if count > 1]
        # What was on the wire, or in the writer's hands.
        assert len(times(server)) == ENTITIES and len(twice) <= 6
        again = finish(run.start("--minimum", "0.01"))
    assert again["sources"]["tiny"]["calls"] == 0
    assert left_over(store_url) == (0, 0)
    assert count(store_url, calls) == count(store_url, proposals) == ENTITIES
