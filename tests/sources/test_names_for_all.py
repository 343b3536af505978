"""Labels for all languages: of some classes, in the Latin script, where no two languages differ."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.harvest.document import Reader
from kgenrich.languages import base, script
from kgenrich.model import Candidate, Entity, TermKind, Value
from kgenrich.settings import DEFAULT_PROPERTIES, Settings
from kgenrich.sources.base import MemoryGraph, SourceContext, build
from kgenrich.text import clean
from tests.asking import ALIAS, DESCRIPTION, LABEL, ask, want

SIX = ("en", "de", "fr", "it", "nl", "fi")


def native(text: str, language: str = "en") -> dict[str, tuple[Value, ...]]:
    return {"P1559": (Value("text", text, language),)}


def entity(
    text: str = "Jane Doe",
    languages: Sequence[str] = SIX,
    classes: tuple[str, ...] = ("Q5",),
    claims: Mapping[str, tuple[Value, ...]] | None = None,
    **others: str,
) -> Entity:
    labels = dict.fromkeys(languages, text) | others
    claims = native(text) if claims is None else claims
    return Entity("Q1", labels=labels, classes=classes, claims=claims)


def proposed(
    asked: Entity,
    world: Sequence[Entity] = (),
    kind: TermKind = LABEL,
    settings: Settings | None = None,
    **options: object,
) -> list[Candidate]:
    context = SourceContext(
        MemoryGraph(world), ("mul",), settings or Settings(), options, name="names"
    )
    (answer,) = ask(build("names", context), want(asked, "mul", kind))
    return list(answer.candidates)


def texts(asked: Entity, world: Sequence[Entity] = (), **options: object) -> list[str]:
    return [one.text for one in proposed(asked, world, **options)]  # type: ignore[arg-type]


def test_a_name_that_languages_share_is_proposed_for_all() -> None:
    (candidate,) = proposed(entity(ru="Джейн Доу", ja="ジェーン"))
    assert candidate.text == "Jane Doe" and candidate.language == "mul"
    (evidence,) = candidate.evidence
    assert "in 6 languages of the Latin script, and in none of them another" in evidence.note
    assert evidence.from_language == "en"
    assert proposed(entity(), kind=ALIAS) == proposed(entity(), kind=DESCRIPTION) == []


def test_one_language_that_differs_is_enough_against_it() -> None:
    assert texts(entity(cs="Jane Doeová")) == []
    assert texts(entity(**{"en-gb": "Jane A. Doe"})) == []


labels = st.dictionaries(
    st.sampled_from([*SIX, "en-gb", "lv", "ru", "zh", "sr-el", "mul"]),
    st.sampled_from(["Jane Doe", "Jana Doe", "Джейн", "珍", "4711", "Ǩ Doe"]),
    min_size=1,
)


@given(labels)
def test_it_is_never_proposed_where_two_languages_differ(told: dict[str, str]) -> None:
    asked = Entity("Q1", labels=told, classes=("Q4167410",))
    latin = {clean(text) for code, text in told.items() if script(code) == "Latn"}
    for text in texts(asked):
        assert latin == {text}
        assert len({base(code) for code in told if script(code) == "Latn"}) >= 5


def test_variants_of_a_language_count_once() -> None:
    few = ("en", "en-gb", "en-ca", "de", "de-at", "de-ch", "pt", "pt-br")
    assert texts(entity(languages=few)) == []
    assert texts(entity(languages=(*few, "fr", "it"))) == ["Jane Doe"]


def test_places_and_what_the_guideline_does_not_name_get_none() -> None:
    for class_id in ("Q515", "Q6256", "Q4830453", "Q11424"):
        assert texts(entity("Portland", classes=(class_id,), claims={})) == []
    assert texts(entity("Portland", classes=("Q4167410",), claims={})) == ["Portland"]


def test_a_class_below_one_that_is_named_is_one() -> None:
    above = [
        Entity("Q900", claims={"P279": (Value("entity", "Q901"),)}),
        Entity("Q901", claims={"P279": (Value("entity", "Q523"), Value("entity", "Q900"))}),
    ]
    star = entity("Vega", classes=("Q900",), claims={})
    assert texts(star, above) == ["Vega"]
    assert texts(star) == []


def test_a_person_s_native_name_is_in_the_latin_script() -> None:
    assert texts(entity(claims=native("Jane Doe", "sv"))) == ["Jane Doe"]
    assert texts(entity("Xi Jinping", claims=native("习近平", "zh"))) == []
    assert texts(entity(claims=native("Jane Mary Doe"))) == []
    # Where nobody knows it, nothing is said.
    assert texts(entity(claims={})) == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["Jane Doe"] * 6, ["Jane Doe"]), (["Jane Doe"] * 4, []), (["Jane Doe", "Яна"] * 6, [])],
)
def test_or_else_those_of_nearly_all_compatriots_are(names: list[str], expected: list[str]) -> None:
    citizen = {"P27": (Value("entity", "Q30"),)}
    world = [
        replace(entity(claims=citizen | native(name)), id=f"Q{n}")
        for n, name in enumerate(names, 10)
    ]
    assert texts(entity(claims=citizen), world) == expected


def test_a_taxon_is_called_by_its_scientific_name() -> None:
    claims = {"P225": (Value("string", "Felis catus"),)}
    assert texts(entity("Felis catus", classes=("Q16521",), claims=claims)) == ["Felis catus"]
    assert texts(entity("Katze", classes=("Q16521",), claims=claims)) == []


def test_another_wiki_names_its_classes() -> None:
    own = Settings(base="http://wiki.example.org/entity/")  # type: ignore[call-arg]
    manuscript = entity("Codex Aureus", classes=("Q5",), claims={})
    assert proposed(manuscript, settings=own) == []
    (candidate,) = proposed(
        replace(manuscript, classes=("Q1",)), settings=own, all_languages=["Q1"]
    )
    assert candidate.text == "Codex Aureus"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
def test_the_probability_is_counted_on_labels_for_all_languages(share: float) -> None:
    world = [
        replace(
            entity(f"Name {n}", mul=f"Name {n}" if n % 100 < share * 100 else f"Other {n}"),
            id=f"Q{n + 10}",
        )
        for n in range(1000)
    ]
    (candidate,) = proposed(entity(), world)
    assert candidate.evidence[0].score == pytest.approx(share, abs=0.01)


def test_where_the_graph_has_none_it_is_bounded() -> None:
    (candidate,) = proposed(entity())
    assert candidate.evidence[0].score == 0.5
    world = [replace(entity(f"Name {n}"), id=f"Q{n + 10}") for n in range(200)]
    (candidate,) = proposed(entity(), world)
    assert candidate.evidence[0].score == 0.8


@pytest.mark.slow
def test_on_real_entities_one_more_language_says_the_same(shared_data: Path) -> None:
    """Hide one language of those that share a name: it has that name too."""
    reader = Reader((), DEFAULT_PROPERTIES)
    path = shared_data / "wikidata_entities" / "entities.ndjson.gz"
    with gzip.open(path) as file:
        world = [e for line in file for e in reader.read(line) if e.type == "item"]
    hidden = right = 0
    for asked in world:
        for language in SIX:
            if language not in asked.labels:
                continue
            rest = {c: t for c, t in asked.labels.items() if base(c) != language}
            claims = {"P1559": asked.claims["P1559"]} if "P1559" in asked.claims else {}
            # As a disambiguation page, so that the class and the citizenship do not matter.
            bare = replace(asked, labels=rest, classes=("Q4167410",), claims=claims)
            for text in texts(bare):
                hidden += 1
                right += clean(asked.labels[language]) == text
    assert hidden > 100 and right / hidden > 0.97
