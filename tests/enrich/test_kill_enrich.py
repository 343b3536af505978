"""`kill -9` in the middle of enriching, at random moments: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from secrets import token_hex

import pytest

from kgenrich.resources import resource

pytestmark = pytest.mark.slow

KILLS = 6
CONTENT = {
    "entities": "*",
    "terms": "*",
    "candidates": "id, entity_key, slot, text",
    "evidence": "id, candidate_id, source_id, call, raw, score, note",
    "proposals": "id, candidate_id, probability, reasons, current",
    "coverage": "*",
    "decisions": "candidate_id, verdict",
}


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything but run numbers and times."""
    with sqlite3.connect(path) as connection:
        return {
            table: sorted(connection.execute(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in CONTENT.items()
        }


def start(
    store: Path, *arguments: str, output: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "kgenrich.cli.main", "--store", str(store), *arguments],
        stdout=output,
        stderr=subprocess.PIPE,
        # Nothing learned before: with what a run before kept, it would be over too soon.
        env=os.environ | {"COLUMNS": "80", "XDG_CACHE_HOME": str(store.parent / token_hex(4))},
    )


def finish(store: Path, *arguments: str) -> float:
    began = time.monotonic()
    process = start(store, *arguments)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    return time.monotonic() - began


def position(path: Path) -> str:
    """How far enriching is; empty before it has kept anything."""
    with sqlite3.connect(path) as connection:
        told = connection.execute("SELECT position FROM runs WHERE verb = 'enrich'").fetchone()
        return str(told[0]) if told else ""


def test_enrich_survives_being_killed(tmp_path: Path) -> None:
    quiet, killed = tmp_path / "quiet.db", tmp_path / "killed.db"
    finish(quiet, "harvest", "dump", str(resource("config/demo/items.json.gz")), "--limit", "250")
    shutil.copy(quiet, killed)
    enrich = ["enrich", "--languages", "it,ja", "--batch", "5"]
    seconds = finish(quiet, *enrich)

    chance = random.Random(4)
    midway = 0
    for kill in range(KILLS):
        before = position(killed)
        process = start(killed, *enrich)
        if kill % 3:
            while process.poll() is None and position(killed) == before:
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.02))
        else:
            # While it starts, learns from the graph, or does its first batches.
            time.sleep(chance.uniform(0.2, 0.8) * seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        midway += process.returncode == -signal.SIGKILL and position(killed) != before
    finish(killed, *enrich)

    assert midway >= KILLS // 3, "most kills must hit a run at work"
    assert content(killed)["proposals"]
    assert content(killed) == content(quiet)
