"""Queries and answers of SPARQL endpoints: only what is needed of them is looked at."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from kgenrich.errors import NetworkError
from kgenrich.harvest.sparql import select_ids
from kgenrich.net.sparql import Endpoint, query_form
from tests.asking import settings
from tests.server import Reply, Server

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
