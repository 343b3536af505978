"""Runs whose sources fail: said at once, told by the exit code; nothing is lost or paid twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgenrich.cli.main import main
from kgenrich.model import Entity
from kgenrich.store.facts.load import load_entities
from kgenrich.store.migrate import downgrade, upgrade
from kgenrich.store.opening import open_store
from tests.server import Asked, Reply, Server

COUNT = 12
GOOD = Reply({"translatedText": "[Nome] è un nome."})
FAILED = Reply({"error": "too long"}, status=413)
USELESS = Reply({"translatedText": "Nome è un nome."})

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`kgenrich enrich --json` over a store of nameless things: exit code, report, what is said."""
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    names = [Entity(f"Q{n}", labels={"en": f"Name {n}"}) for n in range(1, COUNT + 1)]
    load_entities(store, names)
    store.close()

    def enrich(*options: str, **urls: str) -> tuple[int, dict[str, Any], str]:
        lines = [f'store = "{tmp_path / "store.db"}"', "[network]", 'contact = "t@example.org"']
        for name, url in urls.items():
            lines += [f"[sources.{name}]", 'use = "libretranslate"', f'url = "{url}"']
            lines += ["concurrency = 1", "requests_per_minute = 1e6", "stop_after = 100"]
        config = tmp_path / "kgenrich.toml"
        config.write_text("\n".join(lines), encoding="utf-8")
        command = ["--config", str(config), "enrich", "-l", "it", "-k", "label", "--json"]
        with pytest.raises(SystemExit) as ended:
            main([*command, "-s", ",".join(urls), *options])
        said = capsys.readouterr()
        assert said.out, said.err
        return int(ended.value.code or 0), json.loads(said.out), said.err

    return enrich


def dead() -> str:
    with Server([GOOD]) as server:
        return server.url


def test_a_dead_source_is_said_and_told_by_the_exit_code(run: Run) -> None:
    code, report, said = run(one=dead())
    assert code == 3 and report["failed"] is True and report["sources"]["one"]["stopped"]
    assert said.count("one is off for the rest of this run: 127.0.0.1") == 1
    assert "could not be reached" in " ".join(said.split())
    with Server([GOOD]) as server:
        code, report, _ = run(one=server.url)
        assert (code, report["failed"], report["answered"]) == (0, False, COUNT)
        assert len(server.asked) == COUNT


def test_beside_one_that_answers_it_is_no_failed_run(run: Run) -> None:
    with Server([GOOD]) as server:
        code, report, said = run(one=dead(), two=server.url)
        again = run(one=dead(), two=server.url)
    assert code == 0 and report["failed"] is False and report["answered"] == COUNT
    assert "one is off" in said and len(server.asked) == COUNT
    assert again[0] == 3, "this time only the dead one was called"


def test_what_every_source_refuses_is_a_failed_run_but_a_spent_budget_is_none(run: Run) -> None:
    with Server([FAILED]) as server:
        code, report, _ = run(one=server.url)
        assert code == 3 and report["sources"]["one"]["failed"] == COUNT
        assert run("--max-calls", "0", one=server.url)[0] == 0
        assert run("--dry-run", one=server.url)[0] == 0


def test_again_asks_what_failed_or_was_of_no_use_and_nothing_else(run: Run) -> None:
    """Of twelve a third is answered, a third useless, a third fails; afterwards all is well."""
    state = {"well": False}

    def answer(asked: Asked) -> Reply:
        number = int(json.loads(asked.body)["q"].strip("[]").split()[1])
        return GOOD if state["well"] or number % 3 == 0 else (USELESS, FAILED)[number % 3 - 1]

    with Server(answer) as server:

        def asked(*options: str) -> int:
            server.asked.clear()
            run(*options, one=server.url)
            return len(server.asked)

        assert asked() == 12
        assert asked("--again", "failed") == 4, "what fails is asked again in every run"
        assert asked("--again", "unusable") == 8
        assert asked("--again", "unusable") == 8, "a run that is done is begun anew"
        state["well"] = True
        assert asked("--again", "failed") == 4
        assert asked("--again", "failed") == 0
        assert asked("--again", "unusable") == 4
        assert asked("--again", "unusable") == asked() == 0


def test_failures_that_an_older_version_kept_as_answers_are_asked_again(
    run: Run, tmp_path: Path
) -> None:
    with Server([GOOD]) as server:
        run(one=server.url)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    downgrade(url, "0005")
    kept = {
        1: ("llm", "m", ""),
        2: ("llm", "m", '{"known": false, "answers": []}'),
        3: ("llm", "m", "I am not sure"),
        4: ("search", "searxng", "[]"),
        5: ("search", "brave", "[]"),
        6: ("mt", "libretranslate", '[{"lost": "no brackets came back"}]'),
    }
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("DELETE FROM evidence")
        marks = [row[0] for row in connection.execute("SELECT fingerprint FROM calls")]
        for n, (kind, model, answer) in kept.items():
            connection.execute(
                "INSERT INTO sources (id, name, kind, licence) VALUES (?, ?, ?, '')",
                (100 + n, f"s{n}", kind),
            )
            connection.execute(
                "UPDATE calls SET source_id = ?, model_requested = ?, answer = ?, error = '' "
                "WHERE fingerprint = ?",
                (100 + n, model, answer, marks[n]),
            )
    upgrade(url)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        rows = connection.execute("SELECT source_id - 100, answer, error FROM calls")
        now = {n: (bool(answer), bool(error)) for n, answer, error in rows if n in kept}
    useless, failed, fine = (True, True), (False, True), (True, False)
    assert now == {1: failed, 2: fine, 3: useless, 4: failed, 5: fine, 6: useless}
