"""What was never harvested is not taken for missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kgenrich.cli.main import cli
from kgenrich.errors import UsageError
from kgenrich.resources import resource
from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.runs import harvested_languages, running, set_position

ITEMS = str(resource("config/demo/items.json.gz"))
WARNING = "de was not harvested: what is missing here may exist in the graph."


def call(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *arguments], env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def italian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that a dump was harvested into, in Italian and Japanese alone."""
    path = tmp_path_factory.mktemp("store") / "graph.db"
    done = call(path, "harvest", "dump", ITEMS, "--languages", "it,ja", "--limit", "60")
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "verb", [["coverage", "--languages", "it,de"], ["gaps", "--language", "de"]], ids=lambda v: v[0]
)
def test_reports_warn_of_languages_that_were_not_harvested(italian: Path, verb: list[str]) -> None:
    told = call(italian, *verb, "--json")
    assert told.exit_code == 0
    assert told.stderr.count(WARNING) == 1 and "it," not in told.stderr
    assert json.loads(told.stdout)


def test_what_was_harvested_raises_no_alarm(italian: Path) -> None:
    for verb in (["coverage", "-l", "it,ja,en,mul"], ["coverage"], ["gaps", "-l", "ja"]):
        assert "harvested" not in call(italian, *verb).stderr


def test_enrich_refuses_what_may_exist_unless_told(italian: Path) -> None:
    enrich = ["enrich", "--languages", "it,de,fr", "--limit", "2", "--dry-run", "--json"]
    refused = call(italian, *enrich)
    assert isinstance(refused.exception, UsageError)
    assert "de, fr were not harvested" in str(refused.exception)
    assert "--unharvested" in str(refused.exception)
    told = call(italian, *enrich, "--unharvested")
    assert told.exit_code == 0 and "de, fr were not harvested" in told.stderr
    assert json.loads(told.stdout)["requests"] > 0
    assert call(italian, *enrich[:2], "it", *enrich[3:]).exit_code == 0


def test_an_rdf_file_has_all_its_languages(tmp_path: Path) -> None:
    graph = tmp_path / "graph.nt"
    name = "<http://www.w3.org/2000/01/rdf-schema#label>"
    graph.write_text(f'<http://example.org/a> {name} "a"@en .\n', encoding="utf-8")
    assert call(tmp_path / "a.db", "harvest", "rdf", str(graph)).exit_code == 0
    assert "harvested" not in call(tmp_path / "a.db", "coverage", "-l", "de").stderr


def run(
    store: Store, verb: str, *languages: str, status: str = "done", at: str = "9", **more: object
) -> None:
    scope = {"languages": languages, "classes": (), "limit": 0, **more}
    error = {"failed": ValueError, "stopped": KeyboardInterrupt}.get(status)
    noted = running(store, f"harvest {verb}", scope, "h")
    with suppress(ValueError, KeyboardInterrupt), noted as begun:
        with store.begin() as connection:
            set_position(connection, begun.id, at)
        if error is not None:
            raise error


def test_a_store_without_harvests_left_nothing_out(store: Store) -> None:
    assert harvested_languages(store) is None
    with running(store, "enrich", {"languages": ["it"]}, "h"):
        pass
    assert harvested_languages(store) is None


def test_harvests_add_up(store: Store) -> None:
    run(store, "dump", "it", "mul", "en")
    run(store, "ids", "ja", "mul", "en", status="stopped")
    run(store, "dump", "de", at="", status="failed")
    assert harvested_languages(store) == ("en", "it", "ja", "mul"), "what loaded nothing is none"


@pytest.mark.parametrize("verb", ["dump", "rdf", "ids", "sparql"])
def test_a_harvest_of_all_languages_has_them_all(store: Store, verb: str) -> None:
    run(store, verb)
    assert harvested_languages(store) is None


def test_only_a_whole_harvest_makes_up_for_one_of_some_languages(store: Store) -> None:
    run(store, "dump", "it")
    run(store, "ids")
    run(store, "dump", limit=10)
    run(store, "dump", classes=("Q5",))
    run(store, "dump", file="other", status="stopped")
    assert harvested_languages(store) == ("it",)
    run(store, "dump")
    assert harvested_languages(store) is None
