"""The description memory: what other items say in the target language where this one's other
descriptions are the same."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kgenrich.model import Entity, TermKind, TermRequest, Value
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.graph.describe import memory
from kgenrich.sources.graph.describe.channels import MEMORY
from kgenrich.sources.graph.describe.description_miner import learn
from tests.asking import answers_of

LANGUAGES = ("de", "en", "es", "fr", "it", "nl")

HUMAN, WRITER, LAWYER = "Q5", "Q36180", "Q40348"
MALE, FEMALE = "Q6581097", "Q6581072"
COUNTRIES = {
    "Q142": ("France", "French", "französischer", "französische", "Frankreich"),
    "Q38": ("Italy", "Italian", "italienischer", "italienische", "Italien"),
    "Q20": ("Norway", "Norwegian", "norwegischer", "norwegische", "Norwegen"),
    "Q298": ("Chile", "Chilean", "chilenischer", "chilenische", "Chile"),
}
OCCUPATIONS = {
    WRITER: ("writer", "Schriftsteller", "Schriftstellerin"),
    LAWYER: ("lawyer", "Anwalt", "Anwältin"),
}


def person(place: int, country: str, occupation: str, gender: str) -> Entity:
    _, adjective, male, female, _ = COUNTRIES[country]
    english, man, woman = OCCUPATIONS[occupation]
    german = f"{male} {man}" if gender == MALE else f"{female} {woman}"
    return Entity(
        f"Q{900000 + place}",
        labels={"en": f"Person {place}"},
        descriptions={"en": f"{adjective} {english}", "de": german},
        classes=(HUMAN,),
        claims={
            "P27": (Value("entity", country),),
            "P106": (Value("entity", occupation),),
            "P21": (Value("entity", gender),),
        },
    )


@pytest.fixture(scope="module")
def people() -> list[Entity]:
    """Everybody but French women who are lawyers: four of each."""
    found = [
        Entity(
            value,
            labels={"en": names[0], "de": names[-1]},
        )
        for value, names in COUNTRIES.items()
    ]
    found += [
        Entity(value, labels={"en": names[0], "de": names[1]})
        for value, names in OCCUPATIONS.items()
    ]
    place = 0
    for country in COUNTRIES:
        for occupation in OCCUPATIONS:
            for gender in (MALE, FEMALE):
                for _ in range(4):
                    place += 1
                    if (country, occupation, gender) != ("Q142", LAWYER, FEMALE):
                        found.append(person(place, country, occupation, gender))
    return found


def bare(country: str, occupation: str, gender: str) -> Entity:
    entity = person(0, country, occupation, gender)
    return replace(entity, descriptions={"en": entity.descriptions["en"]})


def test_the_same_description_gives_the_same_translation(people: list[Entity]) -> None:
    said = learn(MemoryGraph(people), LANGUAGES).propose(bare("Q38", LAWYER, MALE), "de", MEMORY)
    assert said is not None
    assert said.choice.filled.text == "italienischer Anwalt"
    assert (said.from_language, said.from_text) == ("en", "Italian lawyer")
    assert said.probability > 0.8


def test_gender_is_part_of_the_key(people: list[Entity]) -> None:
    """English says "Norwegian writer" of both."""
    mine = learn(MemoryGraph(people), LANGUAGES)
    texts = [
        said.choice.filled.text
        for gender in (MALE, FEMALE)
        if (said := mine.propose(bare("Q20", WRITER, gender), "de", MEMORY))
    ]
    assert texts == ["norwegischer Schriftsteller", "norwegische Schriftstellerin"]


def test_places_are_slots(people: list[Entity]) -> None:
    """No French woman of the graph is a lawyer, but the form and the pattern were both seen."""
    said = learn(MemoryGraph(people), LANGUAGES).propose(bare("Q142", LAWYER, FEMALE), "de", MEMORY)
    assert said is not None
    assert said.choice.filled.text == "französische Anwältin"


def test_a_person_of_unknown_gender_is_not_given_one(people: list[Entity]) -> None:
    entity = bare("Q38", LAWYER, MALE)
    claims = {p: v for p, v in entity.claims.items() if p != "P21"}
    said = learn(MemoryGraph(people), LANGUAGES).propose(
        replace(entity, claims=claims), "de", MEMORY
    )
    assert said is None


def test_another_class_lends_nothing(people: list[Entity]) -> None:
    entity = replace(bare("Q38", LAWYER, MALE), classes=("Q95074",))
    assert learn(MemoryGraph(people), LANGUAGES).propose(entity, "de", MEMORY) is None


def test_one_witness_is_not_enough(people: list[Entity]) -> None:
    odd = replace(
        person(990, "Q38", WRITER, MALE),
        descriptions={"en": "Italian haruspex", "de": "italienischer Haruspex"},
    )
    entity = replace(bare("Q38", WRITER, MALE), descriptions={"en": "Italian haruspex"})
    assert learn(MemoryGraph([*people, odd]), LANGUAGES).propose(entity, "de", MEMORY) is None


def test_descriptions_elsewhere_decide_between_values_of_a_property(people: list[Entity]) -> None:
    """A citizen of two countries, whom English calls Norwegian."""
    entity = bare("Q20", WRITER, MALE)
    both = (Value("entity", "Q298"), Value("entity", "Q20"))
    entity = replace(entity, claims={**entity.claims, "P27": both})
    said = learn(MemoryGraph(people), LANGUAGES).propose(entity, "de", MEMORY)
    assert said is not None
    assert said.choice.filled.text == "norwegischer Schriftsteller"


def test_as_a_source_it_names_the_text_it_started_from(people: list[Entity]) -> None:
    source = memory(SourceContext(MemoryGraph(people), ("de",), Settings()))
    request = TermRequest(bare("Q38", LAWYER, MALE), "de", TermKind.DESCRIPTION)
    (answer,) = answers_of(source, [request])
    ((evidence,),) = (candidate.evidence for candidate in answer.candidates)
    assert (evidence.from_language, evidence.from_text) == ("en", "Italian lawyer")
    assert "en says “Italian lawyer”" in evidence.note
