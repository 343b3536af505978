"""What receives the terms: each kind has the rules that the profile of the target says."""

from __future__ import annotations

from typing import get_args

import pytest

from kgenrich.consensus.validators import meaning, validate
from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.settings import Target
from kgenrich.targets import TargetName, profile, profile_of

LABEL, DESCRIPTION, ALIAS, DEFINITION = TermKind
STAR = Entity("http://example.org/star", labels={"en": "star", "mul": "star"})
WIKIDATA_STAR = Entity("Q523", labels={"en": "star"})
PROSE = (
    "Una stella è un corpo celeste che brilla di luce propria. Vedi https://example.org/stella.\n"
    "La stella più vicina è il Sole."
)


def codes(entity: Entity, kind: TermKind, text: str, **target: object) -> tuple[str, ...]:
    request = TermRequest(entity, "it", kind)
    return validate(request, text, target=Target.model_validate(target))


@pytest.mark.parametrize("name", get_args(TargetName))
def test_profiles_say_of_known_codes_which_hold(name: TargetName) -> None:
    for rules in profile(name).kinds.values():
        assert all(map(meaning, rules.codes))
        assert "E-control" in rules.codes and rules.longest > 0
    assert set(profile(name).asked) <= profile(name).kinds.keys()


def test_a_bare_id_is_of_a_wikibase_and_an_iri_of_a_vocabulary() -> None:
    assert profile_of("Q523") is profile("wikibase")
    assert profile_of("http://example.org/star") is profile("vocabulary")
    assert profile_of("Q523", "vocabulary") is profile("vocabulary")


def test_definitions_are_prose_in_a_vocabulary() -> None:
    assert codes(STAR, DEFINITION, PROSE) == ()
    assert codes(STAR, DEFINITION, f"{PROSE} ") == ("E-space",)
    assert codes(STAR, DEFINITION, PROSE.replace("propria", "pro\u202epria")) == ("E-control",)
    assert codes(STAR, DEFINITION, "Una  stella.") == ("W-spaces",)
    assert codes(STAR, DEFINITION, "Звезда.") == ("W-script",)
    old = Entity(
        STAR.id, definitions={"en": "A star of 4.6 billion years.", "fr": "Étoile de 4,6."}
    )
    assert codes(old, DEFINITION, "Una stella di 46 anni.") == ("W-numbers",)
    assert codes(old, DEFINITION, "Una stella di 4,6 miliardi di anni.") == ()
    assert codes(old, DEFINITION, "Una stella di molti anni.") == ()
    assert codes(STAR, DEFINITION, "a" * 10_001) == ("E-length",)


def test_a_wikibase_has_no_place_for_definitions() -> None:
    assert codes(WIKIDATA_STAR, DEFINITION, "Una stella.") == ("E-kind",)
    assert codes(STAR, DEFINITION, "Una stella.", profile="wikibase") == ("E-kind",)
    assert codes(WIKIDATA_STAR, DEFINITION, "Una stella.", profile="vocabulary") == ()


def test_the_style_of_wikidata_holds_for_a_wikibase_alone() -> None:
    text = "Una stella che brilla."
    assert set(codes(WIKIDATA_STAR, DESCRIPTION, text)) == {"W-article", "W-stop", "W-case"}
    assert codes(STAR, DESCRIPTION, text) == ()
    assert codes(WIKIDATA_STAR, LABEL, "stella (astro)") == ("W-qualifier",)
    assert codes(STAR, LABEL, "stella (astro)") == ()
    assert codes(STAR, LABEL, "star", profile="wikibase") == ("E-mul",)
    assert codes(STAR, LABEL, "star") == ()


def test_the_length_is_the_profiles_or_that_of_the_settings() -> None:
    long = "stella " * 50 + "nova"
    assert codes(WIKIDATA_STAR, ALIAS, long) == ("E-length",)
    assert codes(STAR, ALIAS, long) == ()
    assert codes(WIKIDATA_STAR, ALIAS, long, max_length=400) == ()
    assert codes(STAR, ALIAS, long, max_length=250) == ("E-length",)
