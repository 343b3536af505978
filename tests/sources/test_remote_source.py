"""The discipline of called sources, seen from the whole pipeline: `kgenrich enrich` against a local
server. A second run makes no call; a run that is killed repeats and loses none that was kept."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kgenrich.errors import SourceStopped, UsageError
from kgenrich.model import Entity
from kgenrich.sources.base import MemoryGraph
from kgenrich.sources.budget import Budget, Limits
from kgenrich.sources.remote_source import SPARE
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.verbs.assembly import make_sources, read_limits
from tests.asking import settings
from tests.server import Asked, Reply, Server

pytestmark = pytest.mark.slow

KILLS = 5
ENTITIES = 120
NAME = re.compile(r"name in English: (Name \d+)")


def answer(asked: Asked) -> Reply:
    """A chat completion that names the entity it was asked for."""
    content = json.dumps(
        {"known": True, "answers": [{"text": f"Nome {named(asked)}", "quote": ""}]}
    )
    usage = {"prompt_tokens": 50, "completion_tokens": 10}
    choice = {"message": {"content": content}, "finish_reason": "stop"}
    return Reply({"model": "m-1", "choices": [choice], "usage": usage}, pause=0.01)


def named(asked: Asked) -> str:
    """The number of the entity that is asked for."""
    return NAME.findall(json.loads(asked.body)["messages"][-1]["content"])[-1].split()[1]


def prepare(folder: Path, url: str, count: int = ENTITIES, **options: Any) -> list[str]:
    """A store and settings in a folder; the command that enriches."""
    store = open_store(f"sqlite:///{folder / 'store.db'}", create=True)
    names = [
        Entity(f"Q{n}", labels={"en": f"Name {n}"}, classes=("Q5",)) for n in range(1, count + 1)
    ]
    load_entities(store, names)
    store.close()
    own = {"use": "openai", "url": url, "model": "m", "price_in": 10, "concurrency": 4, **options}
    lines = [f'store = "{folder / "store.db"}"', "[network]", 'contact = "t@example.org"']
    lines += ["retries = 0", "[sources.tiny]", *(f"{k} = {json.dumps(v)}" for k, v in own.items())]
    (folder / "kgenrich.toml").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "kgenrich.cli.main", "--config", str(folder / "kgenrich.toml")]
    return [*command, "enrich", "-l", "it", "-k", "label", "-s", "tiny", "--batch", "50", "--json"]


def run(command: Sequence[str], *more: str, code: int = 0) -> dict[str, Any]:
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def kept(folder: Path) -> dict[str, tuple[Any, ...]]:
    """The answered calls of the store by fingerprint, times left out."""
    with sqlite3.connect(folder / "store.db") as connection:
        rows = connection.execute(
            "SELECT fingerprint, answer, tokens_in, cost FROM calls WHERE error = ''"
        )
        return {row[0]: row[1:] for row in rows}


def content(folder: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "store.db") as connection:
        rows = connection.execute(
            "SELECT c.entity_key, c.text, p.probability, p.current FROM proposals p "
            "JOIN candidates c ON c.id = p.candidate_id ORDER BY 1, 2"
        )
        return list(rows)


def test_a_second_run_makes_no_call(tmp_path: Path) -> None:
    with Server(answer) as server:
        command = prepare(tmp_path, server.url)
        first = run(command)
        assert first["sources"]["tiny"]["asked"] == len(server.asked) == ENTITIES
        before = kept(tmp_path)
        unchanged, second = run(command), run([*command, "--again", "all"])
    assert len(server.asked) == ENTITIES and kept(tmp_path) == before
    assert (unchanged["requests"], unchanged["sources"]["tiny"]["calls"]) == (0, 0)
    assert second["sources"]["tiny"] == {
        "asked": 0, "remembered": ENTITIES, "failed": 0, "stopped": "", "calls": 0, "cost": 0.0,
        "host": server.url.removeprefix("http://"),
    }  # fmt: skip
    spent = first["sources"]["tiny"]
    assert spent["calls"] == ENTITIES and spent["cost"] == pytest.approx(ENTITIES * 500 / 1e6)
    assert second["new"] == 0
    assert {row[2] for row in before.values()} == {50 * 10 / 1e6}


def test_killed_at_random_moments_it_repeats_and_loses_no_call_that_was_kept(
    tmp_path: Path,
) -> None:
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    quiet.mkdir()
    killed.mkdir()
    with Server(answer) as server:
        run(prepare(quiet, server.url))
        server.asked.clear()
        command = prepare(killed, server.url)
        chance = random.Random(7)
        interrupted = 0
        for _ in range(KILLS):
            before = {json.loads(row[0])["answers"][0]["text"] for row in kept(killed).values()}
            seen = len(server.asked)
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            target = seen + chance.randrange(1, ENTITIES // KILLS)
            while process.poll() is None and len(server.asked) < target:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
            interrupted += process.wait() == -signal.SIGKILL
            again = {f"Nome {named(asked)}" for asked in server.asked[seen:]}
            assert not again & before, "what was kept is not asked again"
        run(command)
        times = Counter(named(asked) for asked in server.asked)
    assert interrupted >= KILLS // 2
    assert len(times) == ENTITIES, "none is left out"
    # Only what was on the wire, or in the writer's hands, when the run was killed.
    assert sum(times.values()) - ENTITIES <= (4 + SPARE) * interrupted
    assert kept(killed).keys() == kept(quiet).keys()
    assert content(killed) == content(quiet)


def test_interrupted_by_the_user_it_keeps_what_is_in_flight(tmp_path: Path) -> None:
    def slowly(asked: Asked) -> Reply:
        return answer(asked)._replace(pause=0.15)

    with Server(slowly) as server:
        command = prepare(tmp_path, server.url)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(server.asked) < 9:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert len(kept(tmp_path)) == len(server.asked) < ENTITIES


def test_budgets_of_the_command_line(tmp_path: Path) -> None:
    with Server(answer) as server:
        command = prepare(tmp_path, server.url, count=30)
        first = run(command, "--max-calls", "tiny=10")
        assert len(server.asked) == len(kept(tmp_path)) == 10
        assert "budget of 10 calls" in first["sources"]["tiny"]["stopped"]
        second = run(command, "--max-calls", "5", "--max-cost", "tiny=1000")
        assert second["sources"]["tiny"]["remembered"] == 10
        assert len(server.asked) == len(kept(tmp_path)) == 15
        nothing = run(command, "--max-cost", "0.000001")
        assert len(server.asked) == 15 and "may cost" in nothing["sources"]["tiny"]["stopped"]


def test_no_secret_is_in_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_KEY", "sk-very-secret")
    with Server(lambda a: Reply({"error": "no sk-very-secret"}, status=413)) as server:
        command = prepare(tmp_path, server.url, count=12, key_env="TINY_KEY")
        result = run(command, code=3)
    assert "sk-very-secret" in server.asked[0].headers["authorization"]
    assert "10 requests in a row failed" in result["sources"]["tiny"]["stopped"]
    for path in tmp_path.iterdir():
        assert b"sk-very-secret" not in path.read_bytes()
    assert "sk-very-secret" not in json.dumps(result)


def test_sources_test_asks_for_one_term(tmp_path: Path) -> None:
    with Server(answer) as server:
        command = prepare(tmp_path, server.url, count=3)
        place = command[: command.index("enrich")]
        done = subprocess.run(
            [*place, "sources", "test", "tiny", "Q2", "it"],
            capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "100"},
        )  # fmt: skip
        listed = subprocess.run(
            [*place, "sources", "list", "--json"], capture_output=True, text=True, check=True
        )
    assert done.returncode == 0 and "Nome 2" in done.stdout, done.stderr
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert rows["tiny"]["state"] == "ready" and rows["tiny"]["use"] == "openai"
    assert "option model" in rows["openai"]["state"]


def test_a_source_that_asks_others_is_on_only_when_the_settings_name_it() -> None:
    used, unused = make_sources(settings(), MemoryGraph([]), ["it"], None)
    assert {str(source.kind) for source in used} <= {"graph", "dictionary"}
    assert "[sources.deepl]" in unused["deepl"]


def test_one_that_is_not_on_is_not_imported() -> None:
    code = (
        "import sys; from kgenrich.settings import Settings\n"
        "from kgenrich.sources.base import MemoryGraph\n"
        "from kgenrich.verbs.assembly import make_sources\n"
        "make_sources(Settings(), MemoryGraph([]), ['it'])\n"
        "print([m for m in sys.modules if m.startswith(('requests', 'kgenrich.sources.mt.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_budgets_are_read() -> None:
    assert read_limits(["100", "a=5"], ["b=2.5"]) == {
        "": Limits(max_calls=100), "a": Limits(5), "b": Limits(100, 2.5)
    }  # fmt: skip
    for wrong in (["x"], ["a=-1"], ["a=1.5"]):
        with pytest.raises(UsageError, match="give a number"):
            read_limits(wrong, [])


def test_a_budget_holds_however_many_take_from_it() -> None:
    budget = Budget(Limits(max_calls=100, max_cost=50.0))
    taken: list[float] = []

    def take() -> None:
        for _ in range(50):
            try:
                budget.take(1.0)
            except SourceStopped:
                return
            taken.append(1.0)
            budget.settle(1.0, 0.6)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) <= 100 and budget.cost <= 50 and budget.calls == len(taken) >= 80
