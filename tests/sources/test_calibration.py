"""Probabilities hold by kind of name, not only on average."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.consensus.validators import validate
from kgenrich.evaluate.heldout.outcomes import run
from kgenrich.evaluate.heldout.report import slices
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import Entity, Form, Scope, Statement, TermKind, Value
from kgenrich.property_roles import OF_WIKIDATA
from kgenrich.resources import resource
from kgenrich.settings import DEFAULT_PROPERTIES, Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.calibration import Example, Prior, calibrate, traits
from kgenrich.sources.candidate_collector import CandidateCollector, discard, forget
from kgenrich.sources.graph.names import factory

PRIOR = Prior(np.array([0.0, 1.0]), np.array([0.02, 1.0]), np.array([-np.inf, 0.0]))
SAME = np.array([1.0, 1.0])
LOWER, UPPER = ("lower class",), ("upper instance",)


def examples(right: int, wrong: int, kind: tuple[str, ...]) -> Iterator[Example]:
    """Candidates that nothing but their kind tells apart."""
    for number in range(right + wrong):
        yield Example(SAME, number < right, f"Q{number}", kind)


def test_common_nouns_are_not_as_probable_as_names() -> None:
    known = {"fr": [*examples(180, 20, UPPER), *examples(6, 54, LOWER)]}
    found = calibrate(known, PRIOR)
    assert found is not None
    common, name = found.chances([SAME, SAME], "fr", [LOWER, UPPER])
    assert common == pytest.approx(0.1, abs=0.06) and name == pytest.approx(0.9, abs=0.04)
    (unseen,) = found.chances([SAME], "fr", [("no case instance",)])
    assert common < unseen < name
    assert found.chances([SAME], "fr") == found.chances([SAME], "fr", [()])


def test_eight_are_not_eight_hundred() -> None:
    few = calibrate({"fr": [*examples(300, 300, UPPER), *examples(8, 0, LOWER)]}, PRIOR)
    many = calibrate({"fr": [*examples(300, 300, UPPER), *examples(800, 0, LOWER)]}, PRIOR)
    assert few is not None and many is not None
    assert few.chances([SAME], "fr", [LOWER])[0] < 0.88 < many.chances([SAME], "fr", [LOWER])[0]


def test_a_language_without_examples_of_its_own_has_those_of_all() -> None:
    known = {"fr": [*examples(180, 20, UPPER), *examples(6, 54, LOWER)], "it": []}
    found = calibrate(known, PRIOR)
    assert found is not None
    common, name = found.chances([SAME, SAME], "it", [LOWER, UPPER])
    assert common < 0.3 < 0.7 < name


def test_the_order_of_candidates_of_one_kind_stays() -> None:
    chance = random.Random(3)
    known = {
        language: [
            Example(np.array([1.0, x]), chance.random() < 1 / (1 + np.exp(-x)), f"Q{n}", kind)
            for n in range(120)
            for kind in (LOWER, UPPER)
            for x in [chance.uniform(-3, 3) if kind is UPPER else chance.uniform(-1, 1)]
        ]
        for language in ("fr", "it")
    }
    found = calibrate(known, PRIOR)
    assert found is not None
    rows = [np.array([1.0, x]) for x in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    for kind in (LOWER, UPPER):
        chances = found.chances(rows, "fr", [kind] * len(rows))
        assert chances == sorted(chances)


def test_traits_are_of_entity_and_text() -> None:
    item = Entity("Q1", labels={"en": "lake"})
    above = {"P279": (Value("entity", "Q2"),)}
    of_wikidata = Entity("Q1", claims=above)
    broader = Statement(Form("hierarchy"), Value("entity", "http://ex.org/b"))
    of_vocabulary = Entity("http://ex.org/a", statements=(broader,))
    assert traits(item, "Lake Como", OF_WIKIDATA)[0] == "instance"
    assert traits(of_wikidata, "lake", OF_WIKIDATA) == traits(of_vocabulary, "lake", OF_WIKIDATA)
    assert "lower class" in traits(of_wikidata, "lake", OF_WIKIDATA)
    assert "upper several words" in traits(item, "Lake Como", OF_WIKIDATA)
    assert "no case one word" in traits(item, "湖", OF_WIKIDATA)


@pytest.mark.slow
def test_what_is_promised_holds_in_each_slice_of_the_shipped_items() -> None:
    """Of the labels at .9 or more at least .88 are right in each slice that has 50 of them, and
    where 200 labels or more are proposed the calibration error is at most .05."""
    languages = ("es", "nl", "de")
    with Input(str(resource("config/demo/items.json.gz"))) as file:
        read = read_dump(file, Reader((), DEFAULT_PROPERTIES))
        items = [entity for batch in read for entity in batch.entities]

    def collector(graph: MemoryGraph) -> CandidateCollector:
        source = factory(SourceContext(graph, languages, Settings()))
        return CandidateCollector([source], discard, forget)

    outcomes = run(
        items,
        Scope(languages, (TermKind.LABEL,)),
        collector,
        Consensus(PoolRanker(), validate),
        unit="item",
        parts=range(5),
    )
    of_slices = slices(outcomes)
    sure = {name: one for name, one in of_slices.items() if one.sure >= 50}
    assert {"instance", "upper case", "one word", "several words"} <= sure.keys()
    for name, one in sure.items():
        assert one.sure_right >= 0.88, (name, one)
    many = {name: one for name, one in of_slices.items() if one.proposed >= 200}
    assert {"instance", "upper case", "one word", "several words", "script Latn"} <= many.keys()
    for name, one in many.items():
        assert one.ece <= 0.05, (name, one)
