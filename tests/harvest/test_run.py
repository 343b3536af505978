"""`kgenrich harvest dump` as people run it: resumed, repeated, killed, given bad input."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kgenrich.cli.main import cli
from kgenrich.errors import InputError, UsageError
from kgenrich.harvest.run import wanted_languages
from kgenrich.resources import resource

pytestmark = pytest.mark.slow

DUMP = resource("config/demo/items.json.gz")
KILLS = 9
CONTENT = (
    *("languages", "iris", "entities", "classes", "terms", "claims", "sitelinks"),
    *("coverage", "totals", "rejects"),
)


def content(path: Path) -> dict[str, list[Any]]:
    """Every row of what was harvested."""
    with sqlite3.connect(path) as connection:
        return {
            table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)
            for table in CONTENT
        }


def position(path: Path) -> tuple[str, str]:
    """How far the last run is, and its status; empty before there is one."""
    if not path.is_file():
        return "", ""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1) as connection:
            query = "SELECT position, status FROM runs ORDER BY id DESC LIMIT 1"
            return connection.execute(query).fetchone() or ("", "")
    except sqlite3.OperationalError:
        return "", ""


def harvest(store: Path, *arguments: str) -> dict[str, Any]:
    result = attempt(store, *arguments, "--json")
    if result.exception:
        raise result.exception
    counts: dict[str, Any] = json.loads(result.stdout)
    return counts


def attempt(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), "harvest", "dump", *arguments])


def lines() -> list[bytes]:
    return gzip.decompress(DUMP.read_bytes()).splitlines(keepends=True)


def test_the_same_command_twice_changes_nothing(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    first = harvest(store, str(DUMP))
    assert first["new"] == first["read"] == 698
    before = content(store)
    second = harvest(store, str(DUMP))
    assert (second["unchanged"], second["new"], second["changed"]) == (698, 0, 0)
    assert content(store) == before


def test_the_size_of_batches_makes_no_difference(tmp_path: Path) -> None:
    harvest(tmp_path / "a.db", str(DUMP), "--limit", "200")
    harvest(tmp_path / "b.db", str(DUMP), "--limit", "200", "--batch", "7")
    assert content(tmp_path / "a.db") == content(tmp_path / "b.db")


def test_languages_come_with_what_stands_in_for_them(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    harvest(store, str(DUMP), "--languages", "de-at,ja")
    query = "SELECT DISTINCT code FROM languages JOIN terms ON slot / 4 = languages.id"
    with sqlite3.connect(store) as connection:
        assert {row[0] for row in connection.execute(query)} <= {"de-at", "de", "ja", "mul", "en"}
    assert wanted_languages(["zh_Hant"])[0] == "zh-hant"
    with pytest.raises(UsageError, match="'itt'"):
        wanted_languages(["itt"])


def test_classes_and_limit_choose_and_everything_read_is_counted(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    counts = harvest(store, str(DUMP), "--classes", "http://www.wikidata.org/entity/Q5,Q6256")
    assert 0 < counts["new"] < 698 == counts["read"] == counts["new"] + counts["not_asked_for"]
    with sqlite3.connect(store) as connection:
        query = """SELECT count(*) FROM entities WHERE NOT EXISTS (SELECT * FROM classes
                   WHERE entity_key = key AND class_key IN (5 * 4, 6256 * 4))"""
        assert connection.execute(query).fetchone() == (0,)
    few = harvest(tmp_path / "b.db", str(DUMP), "--classes", "Q5", "--limit", "3")
    assert few["new"] == 3 < few["read"] == 3 + few["not_asked_for"] < 698


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    counts = harvest(store, str(DUMP), "--classes", "Q5", "--dry-run")
    assert counts["read"] == 698 > counts["not_asked_for"] > 0
    assert not store.exists()


def test_broken_lines_are_counted_and_kept_aside(tmp_path: Path) -> None:
    path, store = tmp_path / "items.json", tmp_path / "a.db"
    some = lines()[:11]
    path.write_bytes(b"".join([*some[:5], b"{garbage,\n", *some[5:], b"]\n"]))
    for _ in range(2):
        counts = harvest(store, str(path))
        assert (counts["read"], counts["broken"]) == (11, 1)
    with sqlite3.connect(store) as connection:
        (row,) = connection.execute("SELECT input, position, reason, excerpt FROM rejects")
    assert row[:2] == (str(path), sum(map(len, some[:5])))
    assert row[3] == "{garbage"
    shown = CliRunner().invoke(cli, ["--store", str(store), "rejects", "--json"])
    (told,) = json.loads(shown.output)
    assert (told["run"], told["input"], told["position"], told["excerpt"]) == (2, *row[:2], row[3])
    none = CliRunner().invoke(cli, ["--store", str(store), "rejects", "--run", "1"])
    assert none.exit_code == 0 and "{garbage" not in none.output


def test_a_dump_that_is_cut_off_keeps_what_was_read(tmp_path: Path) -> None:
    path, store = tmp_path / "items.json.gz", tmp_path / "a.db"
    path.write_bytes(DUMP.read_bytes()[:300_000])
    result = attempt(store, str(path))
    assert isinstance(result.exception, InputError)
    assert "cut off" in str(result.exception) and "entities before that are kept" in str(
        result.exception
    )
    with sqlite3.connect(store) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM entities").fetchone()
    assert f" {kept} entities" in str(result.exception)
    again = str(attempt(store, str(path)).exception)
    assert "cut off" in again and again.endswith("What was read before that is kept.")
    path.write_bytes(DUMP.read_bytes())
    assert harvest(store, str(path))["new"] == 698 - kept


def test_the_standard_input_is_a_dump_too(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    for expected in (698, 0):
        done = subprocess.run(
            [*command(store), "-", "--json"], input=DUMP.read_bytes(), capture_output=True
        )
        assert json.loads(done.stdout)["new"] == expected, done.stderr


def test_an_interrupted_harvest_goes_on_where_it_was(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    process = start(store, "--batch", "1")
    wait_for_progress(process, store, "")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and b"What was written is kept" in errors
    at, status = position(store)
    assert status == "stopped"
    rest = harvest(store, str(DUMP))
    assert rest["new"] == 698 - json.loads(at)["taken"] < 698
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT status FROM runs").fetchall() == [("done",)]


def command(store: Path) -> list[str]:
    return [sys.executable, "-m", "kgenrich.cli.main", "--store", str(store), "harvest", "dump"]


def start(store: Path, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*command(store), str(DUMP), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"COLUMNS": "80"},
    )


def wait_for_progress(process: subprocess.Popen[bytes], store: Path, before: str) -> None:
    while process.poll() is None and position(store)[0] in ("", before):
        time.sleep(0.005)


def test_harvest_survives_being_killed(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole.db", tmp_path / "killed.db"
    begun = time.monotonic()
    process = start(whole, "--limit", "1")
    assert process.wait(60) == 0
    startup = time.monotonic() - begun
    whole.unlink()
    harvest(whole, str(DUMP))
    chance = random.Random()
    midway = 0
    for kill in range(KILLS):
        before = position(killed)[0]
        process = start(killed, "--batch", "1")
        if kill % 3:
            wait_for_progress(process, killed, before)
            time.sleep(chance.uniform(0, 0.01))
        else:
            # While it starts, makes the database, or does its first batches.
            time.sleep(chance.uniform(0.3, 1.1) * startup)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        at, status = position(killed)
        midway += status == "running" and at != before
    assert midway >= KILLS // 3, "most kills must hit a harvest at work"
    harvest(killed, str(DUMP))
    assert content(killed) == content(whole)
    assert position(killed)[1] == "done"
