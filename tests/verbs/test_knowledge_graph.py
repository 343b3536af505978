"""The Python face: every verb as a method, with the reports that the command line prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import kgenrich
from kgenrich.errors import StoreError, UsageError
from kgenrich.progress import Progress
from kgenrich.resources import resource
from kgenrich.verbs.knowledge_graph import KnowledgeGraph

ITEMS = str(resource("config/demo/items.json.gz"))


class Heard(Progress):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.done: list[int] = []
        self.remarks: list[str] = []

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        self.steps.append(step)

    def update(self, done: int | None = None, note: str = "") -> None:
        if done is not None:
            self.done.append(done)

    def remark(self, text: str, *, grave: bool = False) -> None:
        self.remarks.append(text)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped items, enriched in Italian, with what is nearly certain accepted."""
    path = tmp_path_factory.mktemp("face") / "kg.db"
    with kgenrich.open(path) as graph:
        counts = graph.harvest_dump(ITEMS)
        assert counts["new"] == counts["read"] > 600
        report = graph.enrich(languages=["it"], kinds=["labels"], limit=150)
        assert report.new == report.proposals > 0
        assert report.sources["names"].asked == report.requests
        graph.accept(languages=["it"], over=0.95, author="a policy")
    return path


@pytest.fixture
def graph(store: Path) -> Iterator[KnowledgeGraph]:
    with kgenrich.open(store) as opened:
        yield opened


def printed(store: Path, *arguments: str) -> Any:
    """What the command line prints of the same store."""
    command = [sys.executable, "-m", "kgenrich.cli.main", "--store", str(store), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_to_import_it_loads_nothing_else() -> None:
    code = (
        "import sys, kgenrich\n"
        "kgenrich.open\n"
        "print([m for m in ('pydantic', 'sqlalchemy', 'numpy', 'msgspec', 'click') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "options", "command"),
    [
        (
            "coverage",
            {"languages": ["it", "ja"], "kinds": ["label"]},
            ["coverage", "-l", "it,ja", "-k", "label"],
        ),
        (
            "coverage",
            {"languages": ["it"], "by_class": True, "top": 3},
            ["coverage", "-l", "it", "--by-class", "--top", "3"],
        ),
        ("gaps", {"language": "ja", "limit": 4}, ["gaps", "-l", "ja", "--limit", "4"]),
        ("story", {"entity": "Q5", "languages": ["it"]}, ["show", "Q5", "-l", "it"]),
        (
            "queue",
            {"languages": ["it"], "limit": 5},
            ["decide", "list", "-l", "it", "--limit", "5"],
        ),
        ("sources", {}, ["sources", "list"]),
    ],
)
def test_a_method_gives_what_the_command_prints(
    store: Path, graph: KnowledgeGraph, method: str, options: dict[str, Any], command: list[str]
) -> None:
    report = json.loads(json.dumps(getattr(graph, method)(**options)))
    told = printed(store, *command, "--json")
    if isinstance(told, list):
        assert told
        # The command leaves out the columns that say nothing here.
        report = [{name: row[name] for name in told[0]} for row in report]
    assert report == told


def test_tables_are_rows_that_pandas_takes(graph: KnowledgeGraph) -> None:
    frame = pd.DataFrame(graph.coverage(languages=["it", "de"]))
    assert set(frame["language"]) == {"it", "de"}
    whole = frame["explicit"] + frame["inherited"] + frame["missing"]
    assert (whole == frame["entities"]).all()


def test_a_limit_leaves_the_number_of_all_rows(graph: KnowledgeGraph) -> None:
    every = graph.queue(languages=["it"])
    first = graph.queue(languages=["it"], limit=2)
    assert (len(first), first.total) == (2, len(every))


def test_what_is_decided_is_told_and_kept(graph: KnowledgeGraph) -> None:
    one = graph.queue(languages=["it"], limit=1)[0]
    said = {"author": "Ada", "comment": "so it is called"}
    report = graph.edit(one["candidate"], "Un altro nome", **said)
    ((row, decision),) = report.made
    assert (decision.text, decision.author) == ("Un altro nome", "Ada")
    assert row.stored.proposal.candidate.text == one["text"]
    assert one["candidate"] not in {row["candidate"] for row in graph.queue(languages=["it"])}
    assert (
        graph.edit(one["candidate"], "Un altro nome", author="Ada", comment="so it is called").new
        == 0
    )
    told = graph.story(one["entity"], languages=["it"])
    mine = [p for p in told["proposals"] if p["candidate"] == one["candidate"]]
    assert mine[0]["decisions"][-1]["text"] == "Un altro nome"


def test_exports_say_what_they_wrote(graph: KnowledgeGraph, tmp_path: Path) -> None:
    report = graph.export_rdf(str(tmp_path / "terms.nt"), languages=["it"], states=["accepted"])
    lines = (tmp_path / "terms.nt").read_bytes().splitlines()
    assert report.counts["triples"] == len(lines) > 0
    assert report.bytes == (tmp_path / "terms.nt").stat().st_size
    dry = graph.export_terms(str(tmp_path / "terms.csv"), languages=["it"], dry_run=True)
    assert dry.counts["terms"] > 0
    assert not (tmp_path / "terms.csv").exists()


def test_progress_is_told_to_whoever_listens(store: Path) -> None:
    heard = Heard()
    with kgenrich.open(store, progress=heard) as graph:
        graph.harvest_dump(ITEMS)
        graph.enrich(languages=["it"], kinds=["label"], limit=150, dry_run=True)
    assert heard.steps == ["harvest dump", "enriching"]
    assert 0 < heard.done[-1] <= 150
    assert any("kgenrich sources list" in remark for remark in heard.remarks)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"languages": ["klingonish"]}, "klingonish"),
        ({"languages": "it"}, "languages"),
        ({"limit": "many"}, "limit"),
        ({"language": ["it"]}, "language"),
    ],
)
def test_options_that_make_no_sense_are_named(
    graph: KnowledgeGraph, options: dict[str, Any], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        graph.coverage(**options)


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("coverage", {"limit": -1}),
        ("gaps", {"language": "it", "limit": 0}),
        ("reject", {"under": 95}),
        ("queue", {"from_kinds": 0}),
        ("enrich", {"languages": ["it"], "minimum": -0.1}),
    ],
)
def test_numbers_have_the_bounds_that_the_command_line_gives_them(
    graph: KnowledgeGraph, verb: str, options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match=list(options)[-1]):
        getattr(graph, verb)(**options)


def test_only_to_edit_takes_a_wording(graph: KnowledgeGraph) -> None:
    one = graph.queue(languages=["it"], limit=1)[0]["candidate"]
    for verb in (graph.accept, graph.reject):
        with pytest.raises(UsageError, match="name one candidate and give the text"):
            verb(one, text="Un altro nome")
    assert one in {row["candidate"] for row in graph.queue(languages=["it"])}


def test_who_has_no_login_name_says_who_decides(
    graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    one = graph.queue(languages=["it"], limit=1)[0]["candidate"]
    with pytest.raises(UsageError, match="--author"):
        graph.reject(one, dry_run=True)
    assert graph.reject(one, author="Ada", dry_run=True).decided == 1


def test_a_missing_store_is_an_error_when_it_is_wanted(tmp_path: Path) -> None:
    with kgenrich.open(tmp_path / "none.db") as graph, pytest.raises(StoreError, match=r"none\.db"):
        graph.coverage(languages=["it"])
