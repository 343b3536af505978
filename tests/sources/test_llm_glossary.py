"""A glossary of the user's binds language models: they are told its terms, and an answer that it
forbids is asked for once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kgenrich.settings import Settings
from kgenrich.sources.base import Source
from tests.asking import (
    APPLE,
    DESCRIPTION,
    GOOGLE,
    ask,
    fingerprint,
    make,
    sent,
    settings,
    texts,
    want,
)
from tests.server import Server
from tests.sources.test_llm_server import completion, terms

TABLE = """id,en,it,it forbidden
Q312,Apple,Apple Inc.,Mela|La Mela
Q95,Google,Google LLC,Gugol
Q4830453,business,impresa,
Q5,human,,umano
"""


@pytest.fixture
def bound(tmp_path: Path) -> Settings:
    """Settings with a glossary."""
    (tmp_path / "terms.csv").write_text(TABLE, "utf-8")
    glossary = {"use": "glossary", "file": str(tmp_path / "terms.csv")}
    return settings().model_copy(update={"sources": {"my-terms": glossary}})


def model(server: Server, of: Settings | None = None, **options: Any) -> Source:
    return make("openai", {"url": server.url + "/v1", "model": "tiny", **options}, of=of)


def test_a_model_is_told_the_name_that_is_wanted_and_those_that_are_not(bound: Settings) -> None:
    with Server([completion(terms("Apple Inc."))]) as server:
        (got,) = ask(model(server, bound), want(APPLE))
    assert texts(got) == ["Apple Inc."]
    _, shown, _, question = [m["content"] for m in sent(server.asked[0])["messages"]]
    material, _, rest = question.rpartition("</data-")
    assert "The name is: Apple Inc." in rest and "never called: Mela; La Mela" in rest
    assert "Mela" not in material, "what binds is no material"
    assert "Google LLC" not in shown and "Gugol" not in shown, "nor is the example bound"


def test_a_forbidden_answer_is_asked_for_once_more(bound: Settings) -> None:
    with Server([completion(terms("mela")), completion(terms("Apple Inc."))]) as server:
        (got,) = ask(model(server, bound), want(APPLE))
    assert texts(got) == ["Apple Inc."] and len(server.asked) == 2
    assert "a glossary forbids the text" in sent(server.asked[1])["messages"][-1]["content"]


def test_of_several_answers_those_are_left_out_that_it_forbids(bound: Settings) -> None:
    with Server([completion(terms("La mela", "Apple Inc.", "Apple"))]) as server:
        (got,) = ask(model(server, bound), want(APPLE))
    assert texts(got) == ["Apple Inc.", "Apple"]


def test_descriptions_are_told_what_related_things_are_called(bound: Settings) -> None:
    with Server([completion(terms("impresa statunitense"))]) as server:
        ask(model(server, bound), want(APPLE, kind=DESCRIPTION))
    question = sent(server.asked[0])["messages"][-1]["content"]
    assert "glossary en = it: business = impresa" in question
    assert "The name is" not in question


def test_what_it_says_nothing_of_is_asked_as_without_it(bound: Settings, tmp_path: Path) -> None:
    with Server([]) as server:
        other = replace(GOOGLE, id="Q96", labels={"en": "Alphabet"}, classes=(), sitelinks={})
        with_it, without = model(server, bound, example=False), model(server, example=False)
        assert fingerprint(with_it, want(other)) == fingerprint(without, want(other))
        assert fingerprint(with_it, want(APPLE)) != fingerprint(without, want(APPLE))
        # Another glossary is another question.
        (tmp_path / "terms.csv").write_text(TABLE.replace("La Mela", "Melone"), "utf-8")
        assert fingerprint(model(server, bound, example=False), want(APPLE)) != (
            fingerprint(with_it, want(APPLE))
        )
