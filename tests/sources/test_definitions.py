"""Definitions, which are prose: translated as they stand, with what is broader as their context."""

from __future__ import annotations

import json

import pytest

from kgenrich.model import Entity, TermKind, TermRequest, Value
from kgenrich.sources.base import Source
from kgenrich.sources.mt.prose import joined, sentences
from kgenrich.sources.plausible import objection, plausible
from tests.asking import ask, fingerprint, make, sent, texts, want
from tests.server import Reply, Server
from tests.sources.test_llm_server import completion, model, terms

DEFINITION = TermKind.DEFINITION
EXAMPLE = "http://example.org/"
BROADER = "http://www.w3.org/2004/02/skos/core#broader"
ENERGY = Entity(
    f"{EXAMPLE}energy",
    labels={"en": "energy", "it": "energia"},
    definitions={"en": "Ability to do work.", "it": "Capacità di compiere lavoro."},
)
ENTHALPY = Entity(
    f"{EXAMPLE}enthalpy",
    labels={"en": "enthalpy"},
    definitions={"en": "A property of a system. It is its internal energy plus pV [J]."},
    claims={BROADER: (Value("entity", ENERGY.id),)},
)
WORLD = (ENERGY, ENTHALPY)
ITALIAN = "Una proprietà di un sistema. È la sua energia interna più pV [J]."


def service(name: str, server: Server) -> Source:
    return make(name, {"url": server.url, "price": 20.0, "key_env": "KEY"}, world=WORLD)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "a key")


def test_a_definition_is_translated_as_it_stands_and_kept_with_its_full_stop() -> None:
    with Server([Reply({"translatedText": ITALIAN})]) as server:
        (got,) = ask(service("libretranslate", server), want(ENTHALPY, kind=DEFINITION))
    assert sent(server.asked[0])["q"] == ENTHALPY.definitions["en"]
    assert texts(got) == [ITALIAN]
    (evidence,) = got.candidates[0].evidence
    assert (evidence.from_language, evidence.from_text) == ("en", ENTHALPY.definitions["en"])
    assert evidence.score is None and evidence.note == "translated from English"


def test_what_is_broader_is_the_context_where_a_service_takes_one() -> None:
    with Server([Reply({"translations": [{"text": ITALIAN}]})]) as server:
        source = service("deepl", server)
        (got,) = ask(source, want(ENTHALPY, kind=DEFINITION))
    asked = sent(server.asked[0])
    assert texts(got) == [ITALIAN]
    assert asked["text"] == [ENTHALPY.definitions["en"]]
    assert asked["context"] == "enthalpy (energy)"
    # Another context may bring another answer.
    alone = Entity(ENTHALPY.id, labels=ENTHALPY.labels, definitions=ENTHALPY.definitions)
    assert fingerprint(source, want(ENTHALPY, kind=DEFINITION)) != fingerprint(
        source, want(alone, kind=DEFINITION)
    )


def test_a_model_is_told_the_definition_what_is_broader_and_an_example() -> None:
    with Server([completion(terms(ITALIAN))]) as server:
        source = make("openai", {"url": server.url + "/v1", "model": "tiny"}, world=WORLD)
        (got,) = ask(source, want(ENTHALPY, kind=DEFINITION))
    assert texts(got) == [ITALIAN]
    system, example, answer, question = [m["content"] for m in sent(server.asked[0])["messages"]]
    assert "multilingual vocabulary" in system
    assert "definition in English: Ability to do work." in example
    assert json.loads(answer)["answers"][0]["text"] == "Capacità di compiere lavoro."
    assert f"definition in English: {ENTHALPY.definitions['en']}" in question
    assert "narrower than: energy" in question
    assert "glossary en = it: energy = energia" in question
    assert "whole sentences" in question


def test_a_formula_keeps_its_signs() -> None:
    held = Entity(f"{EXAMPLE}c", labels={"en": "c"}, definitions={"en": "It holds that a < b."})
    with Server([completion(terms("Vale a ‹ b."))]) as server:
        (got,) = ask(model(server), want(held, kind=DEFINITION))
    assert "It holds that a ‹ b." in sent(server.asked[0])["messages"][-1]["content"]
    assert texts(got) == ["Vale a < b."]


def test_a_definition_is_never_cut() -> None:
    long = "It is so, and so on. " * 300
    with Server([completion(terms("Sì."))]) as server:
        source = model(server)
        endless = Entity(f"{EXAMPLE}x", labels={"en": "x"}, definitions={"en": long})
        (got,) = ask(source, want(endless, kind=DEFINITION))
        assert got.call is None and not server.asked, "there is more than is told to a model"
    cut = {"index": 0, "message": {"role": "assistant", "content": '{"known": tr'}}
    with Server([completion("", choices=[{**cut, "finish_reason": "length"}])]) as server:
        (got,) = ask(model(server), want(ENTHALPY, kind=DEFINITION))
        assert got.failure == (
            "the definition does not fit into its 400 tokens: raise tokens under [sources.openai]"
        )
        assert len(server.asked) == 1


@pytest.mark.parametrize("source", ["libretranslate", "openai"])
def test_what_has_no_definition_gets_none(source: str) -> None:
    with Server([Reply("")]) as server:
        options = {"url": server.url + "/v1"} | ({"model": "tiny"} if source == "openai" else {})
        asked = make(source, options, world=WORLD)
        bare = Entity(f"{EXAMPLE}y", labels={"en": "y"}, descriptions={"en": "a letter"})
        (got,) = ask(asked, want(bare, kind=DEFINITION))
    assert got.candidates == () and not server.asked


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A unit. It is old.", [["A unit.", "It is old."]]),
        ("Used, e.g. in Fig. 3 of J. Smith et al. 1990.", None),
        ("It is 3.5 m long. 4 were made.", [["It is 3.5 m long.", "4 were made."]]),
        ("One (or two.) Three?\nFour!", [["One (or two.)", "Three?"], ["Four!"]]),
        ("単位である。古い。", [["単位である。", "古い。"]]),
        ("यह एक इकाई है। यह पुरानी है।", [["यह एक इकाई है।", "यह पुरानी है।"]]),
        ("1. A gamete. 2. A cell.\n3: A germ.", [["1. A gamete.", "2. A cell."], ["3: A germ."]]),
        ("no stop", None),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[list[str]] | None) -> None:
    assert sentences(text) == ([[text]] if parts is None else parts)
    assert joined(sentences(text)) == text


def asked(definition: str) -> TermRequest:
    return TermRequest(Entity(f"{EXAMPLE}z", definitions={"en": definition}), "it", DEFINITION)


@pytest.mark.parametrize(
    ("definition", "text", "why"),
    [
        ("A unit of length.", "Unità di lunghezza.", ""),
        ("A unit of length", "Unità di lunghezza", ""),
        ("A unit of length.", "Unità di", "its last sentence has no end"),
        ("A unit.\nIt is old.", "Unità.\nÈ antica.", ""),
        ("A unit. It is old.", "Unità.\nÈ antica.", "it has several lines"),
        ("See http://example.org.", "Vedi http://example.org.", ""),
        ("A unit.", "Vedi http://example.org.", "it holds markup or an address"),
        ("A unit.", "I'm sorry, as an AI I cannot.", "it is talk, not a term"),
        ("The unit's name is that of a man.", "It is a unit; the name is that of a man.", ""),
        ("A unit of length. " * 20, "Sì.", "far shorter"),
        ("A unit.", "Unità " + " ".join(map(str, range(200))) + ".", "far longer"),
        ("A unit.", "Unità\u202e.", "it has invisible characters"),
    ],
)
def test_what_can_be_a_definition(definition: str, text: str, why: str) -> None:
    request = asked(definition)
    assert why in objection(request, text)
    assert plausible(request, f" {text}  ") == ("" if why else text)
