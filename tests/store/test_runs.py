"""Runs: how they end, and that those which did not get to their end are taken up again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgenrich.errors import StoreError
from kgenrich.model import Reject
from kgenrich.store.base import Store
from kgenrich.store.locks import is_held
from kgenrich.store.opening import open_store
from kgenrich.store.story.runs import (
    Run,
    add_rejects,
    find_rejects,
    running,
    runs,
    set_position,
)

ENDS: dict[type[BaseException], str] = {
    ValueError: "failed",
    KeyboardInterrupt: "stopped",
    SystemExit: "stopped",
}


def latest(store: Store) -> Run:
    return next(runs(store, 1))


def test_a_run_is_noted_with_what_it_counted(store: Store) -> None:
    scope = {"b": [1], "a": "x"}
    with running(store, "enrich", scope, "h") as run:
        during = latest(store)
        assert (during.status, during.position, during.scope) == ("running", "", scope)
        run.counts["new"] = 2
    done = latest(store)
    assert (done.id, done.status, done.counts) == (run.id, "done", {"new": 2})
    assert done.finished >= done.started > ""


@pytest.mark.parametrize("error", ENDS)
def test_a_run_that_did_not_get_to_its_end_is_taken_up_again(
    store: Store, error: type[BaseException]
) -> None:
    with pytest.raises(error), running(store, "enrich", {"a": "x", "b": [1]}, "h") as run:
        with store.begin() as connection:
            set_position(connection, run.id, "5")
        run.counts = {"new": 1}
        raise error
    ended = latest(store)
    assert (ended.status, ended.position, ended.counts) == (ENDS[error], "5", {"new": 1})
    with running(store, "enrich", {"b": [1], "a": "x"}, "h") as again:
        assert (again.id, again.position) == (run.id, "5")
        assert (latest(store).status, latest(store).finished) == ("running", "")
    with running(store, "enrich", {"a": "x", "b": [1]}, "h") as fresh:
        assert fresh.id != run.id and fresh.position == ""


def test_one_that_a_live_process_has_is_left_to_it(store: Store) -> None:
    with running(store, "enrich", {}, "h", alone=True) as run:
        assert f"process {os.getpid()} on " in latest(store).holder
        with (
            pytest.raises(
                StoreError, match=f"going on already, by process {os.getpid()} on .* since"
            ),
            running(store, "enrich", {}, "h", alone=True),
        ):
            pass
        with running(store, "enrich", {}, "other") as one, running(store, "check", {}, "h") as two:
            assert len({run.id, one.id, two.id}) == 3
        with running(store, "enrich", {}, "h") as beside:
            assert beside.id != run.id
        assert latest(store).status == "done"
    assert latest(store).holder == ""


def test_one_whose_process_was_killed_is_taken_up_again(store: Store, store_url: str) -> None:
    script = (
        "import os, signal, sys\n"
        "from kgenrich.store.opening import open_store\n"
        "from kgenrich.store.story.runs import running, set_position\n"
        "store = open_store(sys.argv[1])\n"
        "with running(store, 'enrich', {}, 'h', alone=True) as run:\n"
        "    with store.begin() as connection:\n"
        "        set_position(connection, run.id, '5')\n"
        "    print(run.id, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, store_url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        with store.read() as connection:
            assert is_held(connection, number)
        with (
            pytest.raises(StoreError, match=f"process {process.pid} on"),
            running(store, "enrich", {}, "h", alone=True),
        ):
            pass
        process.kill()
    with running(store, "enrich", {}, "h", alone=True) as run:
        assert (run.id, run.position) == (number, "5")
    with store.read() as connection:
        assert not is_held(connection, number)


def test_a_lock_leaves_no_file(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    with running(store, "enrich", {}, "h"):
        assert len(list(tmp_path.glob("*.lock"))) == 1
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_a_generator_that_is_closed_stops_its_run(store: Store) -> None:
    def steps() -> Iterator[int]:
        with running(store, "export", {}, "h") as run:
            for number in range(9):
                run.counts = {"rows": number}
                yield number

    stream = steps()
    assert [next(stream), next(stream)] == [0, 1]
    stream.close()
    assert (latest(store).status, latest(store).counts) == ("stopped", {"rows": 1})


def test_rejects_are_kept_once_and_cleaned(store: Store) -> None:
    rows = [
        Reject("dump.json", 17, "no JSON", "{\0\ud800"),
        Reject("dump.json", 5, "r", "x" * 999),
        Reject("dump.json", 5, "no label", entity="Q5" * 999),
    ]
    for run in (1, 3):
        with store.begin() as connection:
            add_rejects(connection, run, rows)
    with store.begin() as connection:
        add_rejects(connection, 2, [Reject("a" * 9_999, 0, "r")] * 2)
    found = find_rejects(store)
    assert [(row.run, row.position, len(row.excerpt)) for row in found] == [
        *((3, 5, 500), (3, 5, 0), (3, 17, 3)),
        (2, 0, 0),
    ]
    assert found[1].entity.startswith("Q5Q5") and found[2].excerpt == "{\ufffd?"
    assert find_rejects(store, run=1) == [] and len(find_rejects(store, run=2)) == 1
    assert find_rejects(store, limit=1) == found[:1]
