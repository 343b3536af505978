"""``kgenrich evaluate heldout`` says of its run how it ended."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kgenrich.resources import resource

ITEMS = str(resource("config/demo/items.json.gz"))


def start(store: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kgenrich.cli.main", "--store", str(store)]
    return subprocess.Popen(
        [*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def statuses(store: Path) -> list[str]:
    with sqlite3.connect(store) as connection:
        query = "SELECT status FROM runs WHERE verb = 'evaluate heldout'"
        return [status for (status,) in connection.execute(query)]


@pytest.fixture
def harvested(tmp_path: Path) -> Path:
    store = tmp_path / "a.db"
    assert start(store, "harvest", "dump", ITEMS).wait() == 0
    return store


@pytest.mark.slow
def test_one_that_is_wrong_failed_and_one_that_is_broken_off_stopped(harvested: Path) -> None:
    evaluate = ["evaluate", "heldout", "-l", "it"]
    assert start(harvested, *evaluate, "--sources", "none-such").wait() != 0
    assert statuses(harvested) == ["failed"]
    process = start(harvested, *evaluate)
    while process.poll() is None and statuses(harvested) != ["running"]:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert statuses(harvested) == ["stopped"], "the failed one was taken up again"
