"""A vocabulary with definitions, from what is missing to the file that has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import SKOS

import kgenrich
from kgenrich.model import Entity, Value
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.verbs.knowledge_graph import KnowledgeGraph
from tests.asking import sent
from tests.server import Asked, Reply, Server
from tests.verbs.test_knowledge_graph import Heard

EXAMPLE = "http://example.org/"
GERMAN = {
    "Ability to do work.": "Die Fähigkeit, Arbeit zu verrichten.",
    "A quantity. It is the internal energy plus pV.": (
        "Eine Größe. Sie ist die innere Energie plus pV."
    ),
}
CONCEPTS = [
    Entity(
        f"{EXAMPLE}energy",
        labels={"en": "energy", "de": "Energie"},
        definitions={"en": "Ability to do work."},
        claims={str(SKOS.broader): (Value("entity", f"{EXAMPLE}quantity"),)},
    ),
    Entity(
        f"{EXAMPLE}enthalpy",
        labels={"en": "enthalpy", "de": "Enthalpie"},
        definitions={"en": "A quantity. It is the internal energy plus pV."},
    ),
    Entity(f"{EXAMPLE}quantity", labels={"en": "quantity", "de": "Größe"}),
]
STAR = Entity("Q523", labels={"en": "star"}, descriptions={"en": "type of astronomical object"})


def translated(asked: Asked) -> Reply:
    return Reply({"translatedText": GERMAN[sent(asked)["q"]]})


@pytest.fixture
def vocabulary(tmp_path: Path) -> Iterator[KnowledgeGraph]:
    """The concepts in a store, with a service that translates their definitions."""
    store = open_store(f"sqlite:///{tmp_path / 'kg.db'}", create=True)
    load_entities(store, CONCEPTS)
    store.close()
    with Server(translated) as server:
        settings = tmp_path / "settings.toml"
        settings.write_text(
            '[network]\ncontact = "test@example.org"\n'
            f'[sources.libretranslate]\nurl = "{server.url}"\n'
        )
        with kgenrich.open(tmp_path / "kg.db", config=settings) as graph:
            yield graph


def test_what_is_missing_is_translated_decided_and_written(
    vocabulary: KnowledgeGraph, tmp_path: Path
) -> None:
    (row,) = vocabulary.coverage(languages=["de"], kinds=["definitions"])
    assert (row["entities"], row["explicit"], row["missing"]) == (3, 0, 3)
    gaps = vocabulary.gaps("de", kind="definition")
    assert {gap["entity"] for gap in gaps} == {entity.id for entity in CONCEPTS}

    report = vocabulary.enrich(languages=["de"], kinds=["definition"], sources=["libretranslate"])
    assert (report.requests, report.answered, report.proposals) == (3, 2, 2)
    assert vocabulary.queue(languages=["de"], kinds=["definition"]) == [], "none is likely"
    queue = vocabulary.queue(languages=["de"], kinds=["definition"], over=0.0)
    assert {row["text"] for row in queue} == set(GERMAN.values())

    # One source without a calibration: its prior, and no more.
    assert {row["probability"] for row in queue} == {0.35}
    assert vocabulary.accept(languages=["de"], kinds=["definition"], over=0.3).new == 2
    (row,) = vocabulary.coverage(languages=["de"], kinds=["definition"])
    assert (row["accepted"], row["proposed"]) == (2, 0)

    vocabulary.export_terms(str(tmp_path / "terms.jsonl"), states=["accepted"])
    terms = [
        json.loads(line) for line in (tmp_path / "terms.jsonl").read_text("utf-8").splitlines()
    ]
    assert {(term["kind"], term["text"]) for term in terms} == {
        ("definition", text) for text in GERMAN.values()
    }
    vocabulary.export_rdf(str(tmp_path / "graph.ttl"))
    graph = rdflib.Graph().parse(tmp_path / "graph.ttl")
    energy = rdflib.URIRef(f"{EXAMPLE}energy")
    assert set(graph.objects(energy, SKOS.definition)) == {
        rdflib.Literal("Ability to do work.", lang="en"),
        rdflib.Literal("Die Fähigkeit, Arbeit zu verrichten.", lang="de"),
    }
    vocabulary.export_quickstatements(str(tmp_path / "edits.qs"))
    assert (tmp_path / "edits.qs").read_text() == ""


def test_the_story_of_a_concept_tells_its_definition(vocabulary: KnowledgeGraph) -> None:
    told = vocabulary.story(f"{EXAMPLE}energy", languages=["en", "de"])["terms"]
    assert [(t["language"], t["state"], t["text"]) for t in told if t["kind"] == "definition"] == [
        ("en", "explicit", "Ability to do work."),
        ("de", "missing", ""),
    ]
    assert vocabulary.story(f"{EXAMPLE}energy")["description"] == "Ability to do work."
    kinds = [t["kind"] for t in vocabulary.story(f"{EXAMPLE}quantity", languages=["en"])["terms"]]
    assert kinds == ["label"], "what a vocabulary need not have is not missing"


def test_without_kinds_it_is_about_those_that_the_graph_has(
    vocabulary: KnowledgeGraph, tmp_path: Path
) -> None:
    kinds = [row["kind"] for row in vocabulary.coverage(languages=["de"])]
    assert sorted(kinds) == ["definition", "label"]
    with kgenrich.open(tmp_path / "wiki.db") as wiki:
        load_entities(wiki.make_store(), [STAR])
        kinds = [row["kind"] for row in wiki.coverage(languages=["de"])]
        assert sorted(kinds) == ["description", "label"]


def test_definitions_for_a_wikibase_are_warned_of(tmp_path: Path) -> None:
    heard = Heard()
    with kgenrich.open(tmp_path / "wiki.db", progress=heard) as wiki:
        load_entities(wiki.make_store(), [STAR])
        wiki.enrich(languages=["de"], kinds=["definition"], sources=["names"])
    assert any("a Wikibase has no place for a definition" in remark for remark in heard.remarks)
