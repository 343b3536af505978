"""Real processes that publish and are killed: no edit is sent twice, and none is lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgenrich.store.opening import open_store
from tests.publish.edited_wiki import TOKEN, EditedWiki
from tests.publish.world import LABEL, Wanted, fill, wiki_of
from tests.server import Asked, Reply, Server

pytestmark = pytest.mark.slow
TERMS: tuple[Wanted, ...] = tuple((f"Q{n}", "it", LABEL, f"cosa {n}") for n in range(1, 25))
KILLS = 4
SETTINGS = """
store = "store.db"
[network]
contact = "t@example.org"
requests_per_minute = 100000
[publish]
api = "{url}/w/api.php"
edits_per_minute = 100000
settle = 0.3
"""


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kgenrich.cli.main", "--config", "kgenrich.toml", "publish"]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("KGENRICH_")}
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [*command, *words, "--json"],
        cwd=folder,
        env=inherited | {"KGENRICH_WIKI_TOKEN": TOKEN, "PYTHONPATH": path, "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def wiki() -> EditedWiki:
    return wiki_of(TERMS)


@pytest.fixture
def folder(wiki: EditedWiki, tmp_path: Path) -> Iterator[Path]:
    chance = random.Random(5)

    def answer(asked: Asked) -> Reply:
        # An edit takes its time, before it is done and after.
        reply = wiki.answer(asked)
        is_edit = asked.parameters.get("action") == "wbeditentity"
        return reply._replace(pause=chance.uniform(0, 0.1)) if is_edit else reply

    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    fill(store, TERMS)
    store.close()
    with Server(answer) as server:
        text = SETTINGS.format(url=server.url)
        (tmp_path / "kgenrich.toml").write_text(text, encoding="utf-8")
        yield tmp_path


def test_killed_processes_send_each_edit_once(folder: Path, wiki: EditedWiki) -> None:
    chance = random.Random(7)
    out, errors = start(folder, "plan").communicate(timeout=120)
    batch = json.loads(out)["batch"]
    for _ in range(KILLS):
        process = start(folder, "run", batch)
        done = len(wiki.done)
        # It is killed in the midst of its edits, at any moment of one.
        while process.poll() is None and len(wiki.done) < done + 3:
            try:
                process.wait(0.005)
            except subprocess.TimeoutExpired:
                continue
        try:
            process.wait(chance.uniform(0, 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate(timeout=60)
    out, errors = start(folder, "run", batch).communicate(timeout=300)
    report = json.loads(out)
    assert report["terms"] == {"written": len(TERMS)}, errors
    assert sorted(id for id, _ in wiki.done) == sorted(term[0] for term in TERMS)
    out, _ = start(folder, "revert", batch).communicate(timeout=300)
    assert json.loads(out)["left"] == 0
    assert not any("it" in entity.labels for entity in wiki.entities.values())
    assert TOKEN not in (folder / "store.db").read_bytes().decode("latin-1")
