"""Common nouns of another language are told from names that languages share."""

from __future__ import annotations

import pytest

from kgenrich.consensus.validators import validate
from kgenrich.model import Entity, Form, Statement, TermKind, TermRequest, Value

CLASS = {"P279": (Value("entity", "Q1"),)}

HUMAN = Entity(
    "Q5",
    labels={
        "en": "human", "en-gb": "human", "de": "Mensch", "es": "ser humano", "it": "umano",
        "sv": "människa", "ru": "человек",
    },
    claims=CLASS,
)  # fmt: skip
ORGANISM = Entity(
    "Q7239",
    labels={"en": "organism", "de": "Lebewesen", "es": "organismo", "it": "organismo"},
)
PERSON = Entity("Q154954", labels={"en": "natural person", "de": "natürliche Person"})
LEGAL = Entity("Q1", labels={"en": "legal term or legal concept", "de": "Rechtsbegriff"})
JUG = Entity("http://ex.org/jug", labels={"en": "jug (general, large)"})
OINOCHOE = Entity("http://ex.org/oinochoe", labels={"en": "oinochoe"})
BROADER = Statement(Form("hierarchy"), Value("entity", "http://ex.org/unit"))
MILLIGRAM = Entity(
    "http://ex.org/mg-per-s", labels={"en": "Milligram per Second"}, statements=(BROADER,)
)


def codes(entity: Entity, language: str, text: str) -> tuple[str, ...]:
    return validate(TermRequest(entity, language, TermKind.LABEL), text)


@pytest.mark.parametrize(
    ("language", "entity", "text"),
    [
        ("fr", ORGANISM, "organism"),
        ("fr", HUMAN, "human"),
        ("nb", HUMAN, "human"),
        ("nl", PERSON, "natural person"),
        ("ast", LEGAL, "legal term or legal concept"),
        ("de", JUG, "jug (general, large)"),
        ("sr-ec", OINOCHOE, "oinochoe"),
        ("de", MILLIGRAM, "Milligram per Second"),
    ],
)
def test_a_common_noun_of_another_language_is_no_name(
    language: str, entity: Entity, text: str
) -> None:
    assert "W-copy" in codes(entity, language, text)


@pytest.mark.parametrize(
    ("language", "entity", "text"),
    [
        (
            "fr",
            Entity("Q1", labels={"en": "Angela Merkel", "de": "Angela Merkel"}),
            "Angela Merkel",
        ),
        (
            "de",
            Entity("Q2", labels={"en": "The Dark Side of the Moon"}),
            "The Dark Side of the Moon",
        ),
        ("de", Entity("Q3", labels={"en": "lacZ"}), "lacZ"),
        ("de", Entity("Q4", labels={"en": "1984"}), "1984"),
        ("ja", Entity("Q5", labels={"zh": "人類", "en": "human"}), "人類"),
        ("de-at", Entity("Q6", labels={"de": "müde", "en": "tired"}), "müde"),
        (
            "it",
            Entity("Q7", labels={"en": "radio", "es": "radio", "nl": "radio", "fr": "radio"}),
            "radio",
        ),
        ("fr", HUMAN, "être humain"),
    ],
)
def test_what_languages_share_is_none(language: str, entity: Entity, text: str) -> None:
    assert not {"W-copy", "W-foreign"} & {*codes(entity, language, text)}


@pytest.mark.parametrize(
    ("language", "text", "is_foreign"),
    [
        ("fr", "terme ou concept", False),
        ("fr", "legal term or concept", True),
        ("it", "Fiume of the Nord", True),
        ("es", "Fluss und Meer", True),
        ("de", "Fluss und Meer", False),
        ("it", "milligrammo per secondo", False),
        ("xh", "of the", False),
    ],
)
def test_function_words_of_another_language_are_seen(
    language: str, text: str, is_foreign: bool
) -> None:
    assert ("W-foreign" in codes(LEGAL, language, text)) == is_foreign
