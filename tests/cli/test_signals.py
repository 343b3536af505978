"""SIGTERM and SIGHUP end a command as Ctrl-C does, and what is waited for is told."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from kgenrich.resources import resource
from kgenrich.store.opening import open_store
from kgenrich.store.tables import calls, runs
from tests.enrich.test_twice import ENTITIES, Runs, slowly, wait_for
from tests.server import Reply, Server

pytestmark = pytest.mark.slow

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
COMMAND = [sys.executable, "-m", "kgenrich.cli.main"]
ITEMS = str(resource("config/demo/items.json.gz"))
MEANWHILE = 0.3
HELD_AT_THE_END = """
import sys
import time
from kgenrich.cli.main import main

def hold(event, given):
    if event == "os.rename":
        time.sleep(60)

sys.addaudithook(hold)
main()
"""
"""A command that waits, for ever to a test, before a file takes the place of an older one."""
SMALL_DISK = """
import resource
from kgenrich.cli.main import main

resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
main()
"""
"""A command that finds no room for more than 50,000 bytes."""


def start(store: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--store", str(store), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"} | (env or {}),
    )


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the shipped items."""
    store = tmp_path_factory.mktemp("items") / "store.db"
    process = start(store, "harvest", "dump", ITEMS)
    process.communicate(timeout=120)
    assert process.returncode == 0
    return store


@pytest.fixture
def store(items: Path, tmp_path: Path) -> Path:
    return shutil.copy(items, tmp_path / "store.db")


def wait_that_is_told(process: subprocess.Popen[str]) -> str:
    """The line in which a process says what it waits for."""
    assert process.stderr is not None
    return next(line for line in process.stderr if "Waiting" in line)


def has_heard(process: subprocess.Popen[str]) -> bool:
    """Whether it got a first SIGTERM: it does not catch another one, as Linux says."""
    told = Path(f"/proc/{process.pid}/status").read_text()
    (caught,) = re.findall(r"SigCgt:\s*(\w+)", told)
    return not int(caught, 16) >> (signal.SIGTERM - 1) & 1


def states(url: str) -> list[str]:
    store = open_store(url)
    with store.read() as connection:
        found = list(connection.execute(select(runs.c.status).order_by(runs.c.id)).scalars())
    store.close()
    return found


@pytest.mark.parametrize("number", SIGNALS)
def test_answers_on_the_wire_are_kept_and_the_run_is_closed(
    tmp_path: Path, store_url: str, number: signal.Signals
) -> None:
    with Server(lambda asked: slowly(asked)._replace(pause=MEANWHILE)) as server:
        process = Runs(tmp_path, store_url, server.url).start()
        wait_for(lambda: len(server.asked) > 4)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 128 + number, errors
        assert "Stopped. What was written is kept" in errors and "Traceback" not in errors
        asked = len(server.asked)
    store = open_store(store_url)
    with store.read() as connection:
        assert len(connection.execute(select(calls)).all()) == asked < ENTITIES
    store.close()
    assert states(store_url) == ["stopped"]


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with Server(lambda asked: slowly(asked)._replace(pause=20)) as server:
        process = Runs(tmp_path, url, server.url).start()
        wait_for(lambda: len(server.asked) == 4)
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: has_heard(process))
        assert process.poll() is None
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == -signal.SIGTERM and time.monotonic() - begun < 10
        again = Runs(tmp_path, url, server.url).start()
        wait_for(lambda: len(server.asked) == 8)
        again.kill()
        again.communicate()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_wait_for_a_server_is_told_and_ends_with_the_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    busy = Reply(status=503, headers={"Retry-After": "120"})
    with Server([busy]) as server:
        store = tmp_path / "store.db"
        command = ["harvest", "ids", "Q1", "Q2", "--api", server.url]
        process = start(store, *command, env={"KGENRICH_NETWORK__CONTACT": "t@example.org"})
        assert "Waiting 120 seconds for 127.0.0.1" in wait_that_is_told(process)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert states(f"sqlite:///{store}") == ["stopped"]


def waiting(store: Path) -> tuple[subprocess.Popen[str], sqlite3.Connection]:
    """A process that waits for the database and said so, and the connection that it waits for."""
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    process = start(store, "harvest", "dump", ITEMS, "--limit", "1")
    told = wait_that_is_told(process)
    assert f"Waiting up to 30 seconds for {store}, which another process is writing to" in told
    return process, other


def test_a_wait_for_the_database_is_told_and_ends_with_the_process(store: Path) -> None:
    process, other = waiting(store)
    process.terminate()
    wait_for(lambda: has_heard(process))
    # It still tries to note that it was stopped.
    other.close()
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


def test_who_waits_for_the_database_goes_on_when_it_is_free(store: Path) -> None:
    process, other = waiting(store)
    other.close()
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("number", SIGNALS)
def test_a_file_that_was_begun_goes(tmp_path: Path, store: Path, number: signal.Signals) -> None:
    target = tmp_path / "out" / "terms.nt"
    target.parent.mkdir()
    target.write_text("old")
    export = ["--store", str(store), "export", "rdf", "--labels", "all", "--force"]
    process = subprocess.Popen([sys.executable, "-c", HELD_AT_THE_END, *export, "-o", str(target)])
    wait_for(lambda: any(path.suffix == ".part" for path in target.parent.iterdir()))
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert [path.name for path in target.parent.iterdir()] == ["terms.nt"]
    assert target.read_text() == "old"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, store: Path) -> None:
    target = tmp_path / "terms.nt"
    target.write_text("old")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            SMALL_DISK,
            "--store",
            store,
            "export",
            "rdf",
            "--force",
            "-o",
            target,
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors == (
        f"Error: {target} cannot be written: the disk is full. Nothing was changed; an older "
        "file is as it was.\n"
    )
    assert target.read_text() == "old"
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".part"]


def locked(store: Path) -> Callable[[], None]:
    other = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def test_an_export_of_a_locked_store_goes_out_unnoted(tmp_path: Path, store: Path) -> None:
    target = tmp_path / "terms.nt"
    release = locked(store)
    process = start(store, "export", "rdf", "-o", str(target))
    wait_for(target.exists)
    assert target.stat().st_size > 100_000
    _, errors = process.communicate(timeout=60)
    release()
    assert process.returncode == 0
    assert "Waiting up to 5 seconds for" in errors
    assert "The export is not noted in the store. The database" in errors
    assert states(f"sqlite:///{store}") == ["done"]
