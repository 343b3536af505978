"""A whole session at the queue on a terminal, key by key."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from kgenrich.cli.main import cli
from kgenrich.model import Entity, Value
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import find_proposal, save_proposals
from tests.store.test_proposals import decision, proposal

ENTITIES = [
    Entity(
        f"Q{number}",
        labels={"en": f"place {number}", "de": f"Ort {number}"}
        | ({"it": "sito"} if number == 9 else {}),
        descriptions={"en": "a hamlet"},
        classes=("Q515",),
        claims={"P571": (Value("time", "+1900-01-01T00:00:00Z"),)},
        sitelinks=dict.fromkeys(("enwiki", "dewiki", "frwiki")[: max(4 - number, 0)], "x"),
        revision=1,
    )
    for number in (1, 2, 3, 9)
]
FIRST, SECOND, THIRD = (proposal(f"Q{n}", f"luogo {n}") for n in (1, 2, 3))
RIVAL = proposal("Q1", "posto 1", rank=2, probability=0.3)
Play = Callable[..., str]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "graph.db"
    store = open_store(f"sqlite:///{path}", create=True)
    load_entities(store, ENTITIES)
    save_proposals(store, 1, [FIRST, SECOND, THIRD, RIVAL], {f"Q{n}": 1 for n in (1, 2, 3)})
    store.close()
    return path


@pytest.fixture
def play(database: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """What a session prints where these keys are typed."""

    monkeypatch.setattr("kgenrich.cli.decide_next.demand_terminal", lambda: None)

    def typed(keys: str, *options: str) -> str:
        words = ["--store", str(database), "decide", "next", "--author", "ann", *options]
        done = CliRunner().invoke(cli, words, input=keys, env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return done.output

    return typed


def held(database: Path) -> dict[str, str]:
    store = open_store(f"sqlite:///{database}")
    found = {}
    for one in (FIRST, SECOND, THIRD, RIVAL):
        if told := find_proposal(store, one.candidate.id).decision:
            said = f"{told.verdict} {told.text} {told.reason}{told.comment}"
            found[one.candidate.text] = said.strip()
    store.close()
    return found


def test_one_key_a_decision(play: Play, database: Path) -> None:
    out = play("a" + "r4" + "ehamlet 3\n", "--readers", "de,en")
    assert out.count("place") and "Ort 1" in out and "a hamlet" in out and "1900-01-01" in out
    assert "Ort 9 = sito" in out, "how others of its class are named"
    assert "1 posto 1  0.30" in out and "big" in out
    assert held(database) == {
        "luogo 1": "accept luogo 1",
        "luogo 2": "reject luogo 2 spelling",
        "luogo 3": "edit hamlet 3",
    }
    assert "Nothing is left to decide here." in out and "3 decided." in out


def test_a_digit_takes_another_candidate(play: Play, database: Path) -> None:
    play("1q")
    assert held(database) == {"posto 1": "accept posto 1"}


def test_what_leaves_it_open(play: Play, database: Path) -> None:
    play("u" + "dis this a name?\n" + "s" + "q")
    assert held(database) == {
        "luogo 1": "unsure luogo 1",
        "luogo 2": "discuss luogo 2 is this a name?",
    }
    out = play("q", "--states", "discuss")
    assert "discuss by ann: is this a name?" in out
    assert "1 that you skipped before come again" in out


def command(database: Path) -> list[str]:
    module = [sys.executable, "-m", "kgenrich.cli.main", "--store", str(database)]
    return [*module, "decide", "next", "--author", "ann"]


def test_without_a_terminal_it_says_so_and_ends(database: Path) -> None:
    done = subprocess.run(
        command(database),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        start_new_session=True,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert "this is no terminal" in done.stderr and "Traceback" not in done.stderr


def read_until(stream: IO[bytes] | None, end: bytes) -> None:
    assert stream is not None
    told = b""
    while not told.endswith(end):
        piece = os.read(stream.fileno(), 4096)
        assert piece, told
        told += piece


@pytest.mark.parametrize(("keys", "code"), [("aq", 0), ("a\x04", 130)])
def test_on_a_real_terminal(database: Path, keys: str, code: int) -> None:
    """A key is enough, without Enter; the end of what is typed ends the session."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(database), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            for key in keys:
                read_until(process.stdout, b"> ")
                # What is typed before the terminal gives single keys is thrown away.
                while not select.select([process.stdout], [], [], 0.5)[0]:
                    os.write(ours, key.encode())
                    if process.poll() is not None:
                        break
            assert process.wait(30) == code
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)
    assert held(database) == {"luogo 1": "accept luogo 1"}


def test_undo_shows_it_again(play: Play, database: Path) -> None:
    out = play("az" + "az" + "r1" + "z" + "z" + "q")
    assert out.count("1 taken back.") == 3
    assert held(database) == {"luogo 1": "reopen luogo 1"}
    assert "nothing of ann to take back" in out


def test_unknown_keys_do_nothing_and_the_keys_are_told(play: Play, database: Path) -> None:
    out = play("xy9?q")
    assert "a accept" in out and "z undo" in out
    assert held(database) == {}


def test_what_another_has_decided_meanwhile_stays(
    play: Play, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While ann looks at the first item, ben accepts another name for it."""
    keys = iter("aq")

    def typed() -> str:
        store = open_store(f"sqlite:///{database}")
        save_decisions(store, [decision(RIVAL, author="ben")])
        store.close()
        return next(keys)

    monkeypatch.setattr("kgenrich.cli.decide_next.typed", typed)
    assert "ben has decided on this term meanwhile: accept 'posto 1'" in play("")
    assert held(database) == {"posto 1": "accept posto 1"}


def test_hostile_names_steer_no_terminal(play: Play, database: Path) -> None:
    store = open_store(f"sqlite:///{database}")
    hostile = replace(ENTITIES[0], labels={"en": "a\x1b[31mb\u202e"}, revision=2)
    load_entities(store, [hostile])
    store.close()
    out = play("q")
    assert "\x1b" not in out and "\u202e" not in out and "\\x1b[31m" in out


def test_filters(play: Play) -> None:
    assert "Nothing is left" in play("", "-l", "fr")
    assert "luogo 1" in play("q", "-l", "it", "-k", "label", "--class", "Q515", "--links", "1")
    assert "Nothing is left" in play("", "--over", "0.95")
    assert "Nothing is left" in play("", "--source", "nobody")
    assert "luogo 1" in play("q", "--source", "big")
