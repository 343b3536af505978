"""A store where nothing can be written: read as ever, and a sentence for what would write."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kgenrich.model import Entity
from kgenrich.resources import resource
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.proposals import save_proposals
from tests.store.test_proposals import proposal

pytestmark = pytest.mark.slow

CITY = Entity("Q64", labels={"en": "Berlin", "de": "Berlin"}, classes=("Q515",), revision=8)
Run = Callable[..., subprocess.CompletedProcess[str]]
MOUNT = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"'


def can_mount() -> bool:
    """Root writes whatever the rights say, but not to what is mounted read-only."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    asked = ["unshare", "--mount", "true"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a store."""
    place = tmp_path / "fixed"
    place.mkdir()
    store = open_store(f"sqlite:///{place / 'graph.db'}", create=True)
    load_entities(store, [CITY])
    save_proposals(store, 1, [proposal("Q64", "Berlino")], {"Q64": 8})
    store.close()
    return place


@pytest.fixture
def kgenrich(folder: Path, tmp_path: Path) -> Iterator[Run]:
    """The command line where the folder of the store is read-only."""
    root = os.geteuid() == 0
    if root and not can_mount():
        pytest.skip("root writes to every folder, and none can be mounted read-only here")
    if not root:
        folder.chmod(0o500)

    def run(*arguments: str, store: str = "graph.db") -> subprocess.CompletedProcess[str]:
        path = str(folder / store)
        command = [sys.executable, "-m", "kgenrich.cli.main", "--store", path, *arguments]
        if root:
            script = f"{MOUNT} && exec {shlex.join(command)}"
            command = ["unshare", "--mount", "sh", "-c", script, str(folder)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "80"},
        )

    yield run
    folder.chmod(0o700)


def test_what_reads_works(kgenrich: Run, folder: Path, tmp_path: Path) -> None:
    for command in (
        "coverage -l it",
        "gaps -l it",
        "show Q64",
        "decide list",
        "db info",
        "db check",
        "check -l de --sources names --dry-run",
        "decide accept --over 0.1 --dry-run",
    ):
        done = kgenrich(*command.split())
        assert done.returncode == 0, f"{command}: {done.stderr}"
    done = kgenrich("export", "rdf", "--output", str(tmp_path / "terms.nt"))
    assert done.returncode == 0 and "not noted" in done.stderr
    assert '"Berlin"@de' in (tmp_path / "terms.nt").read_text()
    assert [path.name for path in folder.iterdir()] == ["graph.db"]


@pytest.mark.parametrize(
    "command",
    [
        "enrich -l it --unharvested",
        "check -l de --sources names",
        "decide accept --over 0.1",
        f"harvest dump {resource('config/demo/items.json.gz')} --limit 5",
    ],
)
def test_what_writes_says_that_it_cannot(kgenrich: Run, command: str) -> None:
    done = kgenrich(*command.split())
    assert done.returncode == 1
    assert "graph.db is read-only here" in done.stderr.splitlines()[-1]


def test_what_a_writer_left_in_its_log_is_not_passed_over(kgenrich: Run, folder: Path) -> None:
    """A copy that was taken while the store was open: all of it, or an error."""
    folder.chmod(0o700)
    writer = sqlite3.connect(folder / "graph.db")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("UPDATE terms SET text = 'Spree-Athen'")
    writer.commit()
    for name in ("half.db", "whole.db"):
        for end in ("", "-wal", "-shm"):
            if (name, end) != ("half.db", "-shm"):
                shutil.copy(folder / f"graph.db{end}", folder / f"{name}{end}")
    writer.close()
    if os.geteuid() != 0:
        folder.chmod(0o500)
    assert "Spree-Athen" in kgenrich("show", "Q64", "-l", "de", store="whole.db").stdout
    done = kgenrich("show", "Q64", store="half.db")
    assert done.returncode == 1 and "was not closed" in done.stderr
