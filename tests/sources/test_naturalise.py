"""Naturalisation as published with M-NTA: the name in brackets inside a sentence, and the bracketed
span of what comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.model import Entity, TermKind
from kgenrich.sources.naturalise import (
    PAPER_LANGUAGES,
    bracketed,
    naturalise,
    source_language,
)

NAMES = st.text(min_size=1, max_size=40).filter(lambda text: text.strip())


def test_the_seven_languages_of_the_paper() -> None:
    assert set(PAPER_LANGUAGES) == {"de", "en", "es", "fr", "it", "ja", "zh"}


@pytest.mark.parametrize(
    ("language", "name", "description", "class_name", "sentence"),
    [
        ("en", "Apple", "American technology company", "business",
         "[Apple] is an American technology company."),
        ("en", "Ada Lovelace", "", "human", "[Ada Lovelace] is a human."),
        ("en", "Mercury", "the first planet", "", "[Mercury] is the first planet."),
        ("fr", "Pomme", "fruit du pommier", "", "[Pomme] est fruit du pommier."),
        ("ja", "りんご", "果物", "", "[りんご]は果物です。"),
        ("zh", "苹果", "水果", "", "[苹果]是水果。"),
        ("sw", "Tufaha", "tunda", "", "[Tufaha]: tunda."),
        ("en", "Nameless", "", "", "[Nameless]"),
    ],
)  # fmt: skip
def test_a_name_stands_in_brackets_beside_description_or_class(
    language: str, name: str, description: str, class_name: str, sentence: str
) -> None:
    assert naturalise(language, name, description, class_name).text == sentence


def test_a_description_stands_in_brackets_and_the_name_is_its_context() -> None:
    made = naturalise("es", "Manzana", "fruta.", kind=TermKind.DESCRIPTION)
    assert made.text == "Manzana es [fruta]." and made.about == "Manzana es fruta."


def test_nothing_to_translate_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to translate"):
        naturalise("en", "Apple", kind=TermKind.DESCRIPTION)


@pytest.mark.parametrize(
    ("translation", "text"),
    [
        ("[Mela] è un'azienda.", "Mela"),
        ("【蘋果】是一家公司。", "蘋果"),
        ("［アップル］は会社です。", "アップル"),
        ('Il ["Mela"] è', "Mela"),
        ("[Mela] e ancora [Mela].", "Mela"),
    ],
)
def test_the_span_of_the_translation_is_taken(translation: str, text: str) -> None:
    assert bracketed(naturalise("en", "Apple", "company"), translation).text == text


@pytest.mark.parametrize(
    ("translation", "reason"),
    [
        ("Mela è un'azienda.", "no brackets came back"),
        ("", "no brackets came back"),
        ("[Mela è", "no brackets came back"),
        ("[ ] è un'azienda", "the brackets came back empty"),
        ("[Mela] è un'[azienda].", "several brackets came back"),
        ("[Mela è un'azienda].", "the brackets came back around the whole sentence"),
    ],
)
def test_otherwise_the_reason_is_given(translation: str, reason: str) -> None:
    span = bracketed(naturalise("en", "Apple", "company"), translation)
    assert span.text == "" and span.reason == reason


@pytest.mark.parametrize(
    "name", ["“curly” name", '"two" "q"', "“open", "「x」 y", "Rock 'n' „Roll“"]
)
def test_quotation_marks_of_a_name_survive(name: str) -> None:
    sentence = naturalise("en", name, "song")
    assert bracketed(sentence, sentence.text).text == name
    assert bracketed(naturalise("en", "Apple", "fruit"), "[«Mela»] è un frutto.").text == "Mela"


def test_square_brackets_of_a_name_survive() -> None:
    sentence = naturalise("en", "[REC]", "2007 film")
    assert sentence.text == "[(REC)] is 2007 film."
    assert bracketed(sentence, "[(REC)] è un film.").text == "[REC]"


@given(NAMES, st.text(max_size=40), st.sampled_from([*PAPER_LANGUAGES, "ru", "xx"]))
def test_whatever_the_text_there_is_one_pair_of_brackets(
    name: str, description: str, language: str
) -> None:
    try:
        sentence = naturalise(language, name, description)
    except ValueError:
        return
    assert sentence.text.count("[") == sentence.text.count("]") == 1
    assert f"[{sentence.marked}]" in sentence.text
    assert "[" not in sentence.about


@given(st.text(max_size=300))
def test_any_translation_gives_a_span_or_a_reason(translation: str) -> None:
    span = bracketed(naturalise("en", "Apple", "company"), translation)
    assert bool(span.text) != bool(span.reason)


def test_the_language_from_which_an_entity_is_told() -> None:
    assert source_language(Entity("Q1", labels={"ja": "宇宙", "de": "Universum"})) == "de"
    assert source_language(Entity("Q1", labels={"sw": "Ulimwengu", "ca": "Univers"})) == "ca"
    assert source_language(Entity("Q1")) == ""
