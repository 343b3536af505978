"""Queries and answers of SPARQL endpoints: only what is needed of them is looked at."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from kgenrich.cli.main import cli
from kgenrich.errors import NetworkError
from kgenrich.harvest.sparql import select_ids
from kgenrich.net.sparql import Endpoint, query_form
from tests.asking import settings
from tests.server import Asked, Reply, Server

BASE = "http://www.wikidata.org/entity/"
QUERY = "SELECT ?item WHERE { ?item ?p ?o }"


def item(name: str) -> dict[str, str]:
    return {"type": "uri", "value": BASE + name}


def ask(answer: Any, query: str = QUERY) -> tuple[list[str], Counter[str]]:
    """The ids in an answer, and what of its columns is none."""
    left_out: Counter[str] = Counter()
    with Server([Reply(answer)]) as server:
        endpoint = Endpoint(settings(retries=0).network, server.url)
        return list(select_ids(endpoint, query, BASE, left_out)), +left_out


NO_WORDS = st.sampled_from(
    [
        "# described at ASK\n",
        '"DESCRIBE"',
        "'# ask'",
        "<http://e.x/#ask>",
        "ask:x",
        "?describe",
        "$ask",
    ]
)


@given(st.lists(NO_WORDS, max_size=4), st.sampled_from(["SELECT", "ask", "Construct", "DESCRIBE"]))
def test_words_in_comments_strings_and_names_are_not_the_form(around: list[str], form: str) -> None:
    assert query_form(f"{' '.join(around)} {form} ?x {{ {' '.join(around)} }}") == form.upper()


ODD = [
    {"type": "literal", "value": 42},
    {"type": "triple", "value": {"subject": item("Q9")}},
    {"value": "x"},
    {"type": None, "value": None},
    {"type": "uri", "value": "http://e.x/other"},
    {"type": "bnode", "value": "b0"},
    None,
    42,
    [],
]


@tries(max_examples=25)
@given(st.lists(st.sampled_from(ODD), max_size=6), st.lists(st.sampled_from(ODD), max_size=6))
def test_odd_cells_cost_their_row_in_the_column_that_is_needed(
    odd: list[Any], other: list[Any]
) -> None:
    rows = [{"item": item("Q1"), "n": ODD[0]}]
    rows += [{"item": cell} for cell in odd] + [{"item": item("Q2"), "n": cell} for cell in other]
    table = {"head": {"vars": ["n", "item"]}, "results": {"bindings": rows}}
    ids, left_out = ask(table)
    assert ids == (["Q1", "Q2"] if other else ["Q1"])
    assert left_out == ({"item": len(odd)} if odd else {})


def test_odd_rows_and_a_head_that_is_missing_cost_nothing() -> None:
    rows = [None, 42, {}, {"item": item("Q1")}]
    for head in ({}, {"head": None}, {"head": {}}, {"head": {"link": []}}):
        assert ask({**head, "results": {"bindings": rows}}) == (["Q1"], {})


WHOLE = json.dumps(
    {"head": {"vars": ["item"]}, "results": {"bindings": [{"item": item("Q1")}] * 9}}
)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (WHOLE[:-9].encode(), "an answer that is cut off; if the query takes long"),
        (
            WHOLE[:-40].encode() + b"java.util.concurrent.TimeoutException",
            "an answer that is cut off",
        ),
        (b"<html>Busy</html>", "something else than JSON"),
        (b" ", "an empty answer"),
        (b'{"head": {}, "boolean": true}', "JSON without results"),
        (b'{"results": []}', "JSON without results"),
        (b"[]", "JSON without results"),
    ],
)
def test_what_is_no_table_is_told_apart(answer: bytes, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        ask(answer)


def test_one_that_is_stopped_goes_on_after_its_last_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were read are not asked for again, and the same entities come in the end."""
    names = sorted(f"Q{number}" for number in range(1, 130))
    fetched: list[str] = []
    stops = [True]

    def answer(asked: Asked) -> Reply:
        if "query" in asked.parameters and "SELECT" in asked.parameters["query"]:
            after = asked.parameters["query"].partition('> "')[2].partition('"')[0]
            page = [name for name in names if BASE + name > after][:60]
            bindings = [{"item": item(name)} for name in page]
            return Reply({"head": {"vars": ["item"]}, "results": {"bindings": bindings}})
        if asked.parameters["action"] == "query":
            return Reply({"query": {}})
        ids = asked.parameters["ids"].split("|")
        fetched.extend(ids)
        told = {id: {"id": id, "type": "item", "labels": {}, "lastrevid": 1} for id in ids}
        return Reply({"entities": told})

    def stopping(self: object, done: int | None = None, note: str = "") -> None:
        if done == 60 and stops:
            stops.pop()
            raise KeyboardInterrupt

    monkeypatch.setattr("kgenrich.cli.terminal_progress.TerminalProgress.update", stopping)
    monkeypatch.setenv("KGENRICH_NETWORK__CONTACT", "me@example.org")
    monkeypatch.setenv("KGENRICH_NETWORK__REQUESTS_PER_MINUTE", "1000000")
    with Server(answer) as server:
        store = ["--store", str(tmp_path / "store.db")]
        query = "SELECT ?item { ?item ?p ?o . FILTER(STR(?item) > $after) } ORDER BY STR(?item)"
        asked = ["--endpoint", server.url, "--api", server.url, "--batch", "20"]
        command = [*store, "harvest", "sparql", query, *asked, "--json"]
        assert CliRunner().invoke(cli, command).exit_code != 0
        assert set(names[:60]) <= set(fetched) and len(fetched) <= 60 + 2 * 20
        server.asked.clear()
        fetched.clear()
        done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    first = next(one for one in server.asked if "SELECT" in one.parameters.get("query", ""))
    assert f'> "{BASE}{names[59]}"' in first.parameters["query"]
    assert sorted(fetched) == names[60:] and json.loads(done.stdout)["new"] == len(names) - 60
