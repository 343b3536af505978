"""Held-out evaluation: what is hidden is really hidden, and the figures are what they say."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from msgspec.structs import asdict, replace

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.evaluate.heldout.outcomes import Outcome, cluster, family, fold, half, hide, run
from kgenrich.evaluate.heldout.report import picture, reliability, report, score, slices, thresholds
from kgenrich.evaluate.heldout.slices import Slicer
from kgenrich.model import (
    Candidate,
    Entity,
    Evidence,
    Scope,
    SourceKind,
    TermKind,
    TermRequest,
    Value,
)
from kgenrich.property_roles import OF_WIKIDATA
from kgenrich.sources.base import FreeSource
from kgenrich.sources.candidate_collector import CandidateCollector, discard, forget

LABEL, DESCRIPTION = TermKind.LABEL, TermKind.DESCRIPTION


def item(number: int) -> Entity:
    return Entity(
        f"Q{number}",
        labels={"en": f"Name {number}", "it": f"Nome {number}", "zh-hant": "名", "mul": "N"},
        descriptions={"en": "thing", "it": "cosa"},
        aliases={"it": (f"Alias {number}",)},
        classes=("Q5",),
        claims={"P27": (Value("entity", f"Q{number % 3 + 1000}"),)},
        sitelinks={"itwiki": f"Nome {number}", "enwiki": f"Name {number}"},
    )


ITEMS = [item(number) for number in range(1, 101)]


class Copier(FreeSource):
    """Proposes the English label as the Italian name, sure of it by half."""

    name, kind, licence = "copier", SourceKind.GRAPH, "CC0-1.0"

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        text = request.entity.labels["en"].replace("Name", "Nome")
        evidence = Evidence(self.name, self.kind, score=0.5)
        yield Candidate(request.entity.id, request.language, request.kind, text, (evidence,))


def test_a_hidden_entity_shows_no_term_of_the_language_or_its_family() -> None:
    hidden = hide(ITEMS, Scope(("it", "zh"), (LABEL, DESCRIPTION)), unit="item")
    assert hidden.requests
    for request in hidden.requests:
        gone = family(request.language)
        entity = request.entity
        assert not gone & {*entity.labels, *entity.descriptions, *entity.aliases}
        assert "en" in entity.labels
        if request.language == "it":
            assert "itwiki" not in entity.sitelinks and "enwiki" in entity.sitelinks
            assert "zh-hant" in entity.labels, "another language stays visible to this request"


def test_sources_learn_from_a_graph_without_anything_that_is_asked() -> None:
    hidden = hide(ITEMS, Scope(("it", "zh"), (LABEL, DESCRIPTION)), unit="item")
    asked = {request.entity.id for request in hidden.requests}
    for entity in hidden.graph.entities(asked):
        assert not {"it", "zh", "zh-hant", "mul"} & {*entity.labels, *entity.descriptions}


def test_a_fifth_is_hidden_and_the_parts_cover_everything_once() -> None:
    parts = [hide(ITEMS, Scope(("it",), (LABEL,)), unit="item", part=part) for part in range(5)]
    ids = [request.entity.id for part in parts for request in part.requests]
    assert sorted(ids) == sorted(entity.id for entity in ITEMS)
    assert all(10 <= len(part.requests) <= 30 for part in parts)


def test_a_cluster_is_hidden_as_a_whole() -> None:
    for entity in ITEMS:
        same = [other for other in ITEMS if cluster(other) == cluster(entity)]
        assert len({fold(other, "cluster", 5) for other in same}) == 1


def test_gold_are_the_label_and_its_aliases() -> None:
    hidden = hide(ITEMS, Scope(("it",), (LABEL, DESCRIPTION)), unit="item")
    by_kind = {
        request.kind: gold for request, gold in zip(hidden.requests, hidden.gold, strict=True)
    }
    assert by_kind[DESCRIPTION] == ("cosa",)
    assert len(by_kind[LABEL]) == 2


def test_the_figures_of_a_source_that_is_always_right_and_half_sure() -> None:
    outcomes = run(
        ITEMS,
        Scope(("it",), (LABEL,)),
        lambda graph: CandidateCollector([Copier()], discard, forget),
        Consensus(PoolRanker(), lambda request, text: ()),
        unit="item",
        parts=range(5),
    )
    assert asdict(score(outcomes, 0.5)) == {
        "requested": 100,
        "answered": 100,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "ece": 0.5,
    }
    assert score(outcomes, 0.6).answered == 0


def outcome(probability: float, right: bool, half: int = 0, language: str = "it") -> Outcome:
    return Outcome(language, LABEL, "Q1", ("a",), "a", probability, right, ("s",), half)


def test_a_slice_has_its_own_figures() -> None:
    named = replace(outcome(0.95, True), slices=("upper case", "instance"))
    common = replace(outcome(0.95, False), slices=("lower case", "instance"))
    unsure = replace(outcome(0.5, True), slices=("lower case",))
    told = {name: asdict(one) for name, one in slices([named, common, unsure]).items()}
    assert list(told) == ["instance", "lower case", "upper case"]
    assert told["instance"] == {
        "proposed": 2, "sure": 2, "sure_right": 0.5, "ece": pytest.approx(0.45)
    }  # fmt: skip
    assert told["lower case"]["proposed"] == 2 and told["lower case"]["sure_right"] == 0
    assert told["upper case"]["ece"] == pytest.approx(0.05)


def test_slices_are_of_the_graph_without_what_is_hidden() -> None:
    above = replace(ITEMS[0], claims={"P279": (Value("entity", "Q1"),)}, classes=())
    slicer = Slicer([*ITEMS[1:12], *ITEMS[40:60]], ["it"], OF_WIKIDATA)
    assert slicer.slices(ITEMS[0], "it", LABEL, "Nome 1") == (
        "instance", "many of the class", "few of the language", "script Latn",
        "several words", "upper case",
    )  # fmt: skip
    assert slicer.slices(above, "it", LABEL, "nome")[:2] == ("class", "few of the class")
    assert slicer.slices(above, "it", LABEL, "nome")[-1] == "lower case"
    assert slicer.slices(replace(above, id="Q5"), "ja", LABEL, "人")[-2:] == (
        "script Jpan",
        "one word",
    )


SILENT = Outcome("it", LABEL, "Q3", ("d",), "", 0.0, False, ())


def test_report_has_items_and_clusters_side_by_side() -> None:
    outcomes = [outcome(0.9, True), outcome(0.9, False), SILENT]
    cell = report({"item": outcomes, "cluster": outcomes[:1]}, ["it"], [LABEL], 0.5)["it"]["label"]
    assert (cell["requested"], cell["answered"], cell["precision"]) == (3, 2, 0.5)
    assert cell["recall"] == pytest.approx(1 / 3, abs=1e-4)
    assert cell["ece"] == pytest.approx(0.4)
    assert cell["clusters"]["precision"] == 1.0


def test_report_has_the_reliability_of_each_language_and_of_all_together() -> None:
    outcomes = [outcome(0.95, True), outcome(0.95, False), outcome(0.15, False, language="fr")]
    found = report({"item": outcomes, "cluster": []}, ["it", "fr"], [LABEL], 0.5)
    italian, french, both = (found[code]["label"]["reliability"] for code in ("it", "fr", "all"))
    assert italian == [{"low": 0.9, "count": 2, "expected": 0.95, "right": 0.5}]
    assert french == [{"low": 0.1, "count": 1, "expected": 0.15, "right": 0.0}]
    assert both == [*french, *italian]
    assert found["it"]["label"]["clusters"]["reliability"] == []


def test_what_was_not_answered_has_no_reliability() -> None:
    assert reliability([SILENT]) == []
    assert score([SILENT], 0.5).ece == 0


def test_a_threshold_is_chosen_on_one_half_and_reported_on_the_other() -> None:
    first = [outcome(0.9, True), outcome(0.8, True), outcome(0.7, False), outcome(0.2, False)]
    second = [outcome(0.85, True, 1), outcome(0.8, False, 1), outcome(0.3, True, 1)]
    (found,) = thresholds([*first, *second], wanted=[1.0])
    assert found.probability == 0.8, "the lowest over which all of the first half is right"
    assert (found.answered, found.share, found.right) == (2, pytest.approx(2 / 3), 0.5)


def test_where_nothing_is_right_so_often_there_is_no_threshold() -> None:
    (found,) = thresholds([outcome(0.9, False), outcome(0.9, True, 1)], wanted=[0.5])
    assert found.probability is None and found.answered == 0
    assert [row.probability for row in thresholds([])] == [None] * 3


def test_a_cluster_falls_into_one_half_and_halves_cut_every_part() -> None:
    for entity in ITEMS:
        same = [other for other in ITEMS if cluster(other) == cluster(entity)]
        assert len({half(other, "cluster") for other in same}) == 1
    for folds in (2, 5):
        parts = {(fold(entity, "item", folds), half(entity, "item")) for entity in ITEMS}
        assert len(parts) == 2 * folds


def test_the_picture_has_a_panel_for_each_language_and_kind() -> None:
    outcomes = [outcome(0.95, True), outcome(0.15, True), SILENT]
    svg = picture({"item": outcomes, "cluster": outcomes}, ["it", "fr"], [LABEL, DESCRIPTION])
    root = ElementTree.fromstring(svg)
    texts = {text.text for text in root.iter() if text.text}
    assert {"all label", "it label", "fr description", "items hidden"} <= texts
    panels = [g for g in root if g.tag.endswith("}g")]
    assert len(panels) == 6
    assert sum(one.tag.endswith("circle") for one in panels[0]) == 4
    assert not any(one.tag.endswith("circle") for one in panels[-1])


def test_calibration_error_is_weighted_by_the_size_of_a_bin() -> None:
    outcomes = [outcome(0.95, True)] * 3 + [outcome(0.15, True)]
    assert [row.count for row in reliability(outcomes)] == [1, 3]
    assert score(outcomes, 0.5).ece == pytest.approx(0.75 * 0.05 + 0.25 * 0.85)
