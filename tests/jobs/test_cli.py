"""`kgenrich jobs` as a person types it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kgenrich.cli.main import cli
from kgenrich.errors import StoreError, UsageError
from tests.jobs.world import ENTITIES, World, priced
from tests.server import Server

pytestmark = pytest.mark.slow

Type = Callable[..., tuple[Any, str]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Server(priced) as server:
        yield World(tmp_path / "world", f"sqlite:///{tmp_path / 'store.db'}", server)


@pytest.fixture
def type_(world: World, capsys: pytest.CaptureFixture[str]) -> Type:
    """Types a command; gives its exit code and what it prints."""

    def typed(*words: str) -> tuple[Any, str]:
        code = cli.main(
            ["-q", "--config", str(world.settings), "jobs", *words], standalone_mode=False
        )
        return code, capsys.readouterr().out

    return typed


def test_from_the_list_to_the_history(type_: Type, world: World) -> None:
    assert "nightly" in type_("list")[1]
    plan = json.loads(type_("validate", "nightly", "--json")[1])[0]
    assert [step["name"] for step in plan["steps"]][:2] == ["harvest", "enrich"]
    called = plan["steps"][1]["called"]
    assert [(one["name"], one["max_calls"]) for one in called] == [("tiny", None)]
    assert not (world.folder.parent / "store.db").exists()

    code, told = type_("run", "nightly", "--for", "2h")
    assert code == 0 and "nightly, run 1: done." in told
    code, told = type_("run", str(world.folder / "nightly.toml"), "--json")
    assert code == 0 and json.loads(told)["status"] == "done"

    lines = type_("validate", "nightly")[1]
    assert "it lacks" in lines and "tiny is called at 127.0.0.1" in lines
    (state,) = json.loads(type_("status", "--json")[1])
    assert (state["run"]["id"], state["run"]["status"]) == (2, "done")
    assert "harvest: done" in type_("status", "nightly")[1]
    rows = json.loads(type_("history", "--json")[1])
    assert [row["run"] for row in rows] == [2, 1]
    assert rows[1]["steps"][1]["counts"]["proposals"] == ENTITIES
    assert "done" in type_("history")[1]
    file = str(world.folder / "nightly.toml")
    assert type_("status", file) == type_("status", "nightly")
    assert type_("history", file) == type_("history", "nightly")
    with pytest.raises(StoreError, match="The job nigtly has not run"):
        type_("history", "nigtly")
    with pytest.raises(StoreError, match="The job nightly is not running"):
        type_("stop", "nightly")


def test_a_budget_is_told_before_it_is_spent(type_: Type, world: World) -> None:
    world.write(enrich="max_calls = { tiny = 25 }\nmax_cost = 2.5")
    assert "at most 25 calls, at a cost of at most 2.5" in type_("validate", "nightly")[1]
    assert type_("run", "nightly")[0] == 3


def test_all_that_are_wrong_are_named(type_: Type, world: World) -> None:
    (world.folder / "other.toml").write_text("langages = ['it']", encoding="utf-8")
    code, told = type_("validate")
    assert code == 2 and "is it languages?" in told and "1. harvest" in told
    with pytest.raises(UsageError, match="Is it nightly"):
        type_("run", "nigtly")


@pytest.mark.parametrize(
    ("more", "over"),
    [
        ("[report]\noutput = 'nightly.toml'", "the job itself"),
        ("[report]\noutput = '../store.db'", "the store"),
        ("[[export]]\nformat = 'wbeditentity'\noutput = 'items.json'\nforce = true", "harvested"),
        ("[report]\noutput = './edits.tsv'", "another output"),
    ],
)
def test_no_job_writes_over_what_is_needed(type_: Type, world: World, more: str, over: str) -> None:
    world.write(more=more)
    before = {path: path.read_bytes() for path in world.folder.iterdir()}
    with pytest.raises(UsageError, match=f"would be written over .*{over}"):
        type_("run", "nightly")
    assert {path: path.read_bytes() for path in world.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("[report]\noutput = '.'", "is a folder"),
        ('[report]\noutput = "a\\u0000b"', "NUL"),
        ("[notify]\ncommand = 'no-such-program -v'", "no program 'no-such-program'"),
        ("[notify]\ncommand = []", "no command"),
    ],
)
def test_what_would_go_wrong_at_the_end_is_told_at_the_beginning(
    type_: Type, world: World, more: str, words: str
) -> None:
    world.write(more=more)
    assert re.search(words, type_("validate")[1])
    with pytest.raises(UsageError, match=words):
        type_("run", "nightly")
    assert not world.server.asked


def test_a_misspelt_code_is_told_before_anything_begins(type_: Type, world: World) -> None:
    job = world.folder / "nightly.toml"
    given = job.read_text("utf-8").replace("over = 0.1", "over = 0.1\ndespite = ['W-copi']")
    job.write_text(given, encoding="utf-8")
    with pytest.raises(UsageError, match=r"'W-copi' keeps nothing .* W-copy"):
        type_("run", "nightly")
    assert not world.server.asked


def test_a_file_in_this_folder_is_offered_for_its_name(
    type_: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"There is no job 'mine' in [^?]*$"):
        type_("validate", "mine")
    Path("mine.toml").write_text('languages = ["it"]\n')
    with pytest.raises(UsageError, match=r"Is it mine\.toml\?$"):
        type_("validate", "mine")
