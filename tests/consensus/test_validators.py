"""Validators: each code by a term that has it and one that has not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.consensus import validators as module
from kgenrich.consensus.validators import validate
from kgenrich.model import Entity, TermKind, TermRequest, is_hard
from kgenrich.settings import Target
from kgenrich.text import clean

DOUGLAS = Entity(
    id="Q42",
    labels={"en": "Douglas Adams", "mul": "Douglas Adams", "ru": "Дуглас Адамс"},
    descriptions={"en": "English writer and humorist", "it": "scrittore britannico"},
    aliases={"en": ("Douglas Noel Adams",)},
    revision=7,
)
LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS


@pytest.mark.parametrize(
    ("code", "language", "kind", "bad", "good"),
    [
        ("E-empty", "it", LABEL, " ", "Adams"),
        ("E-length", "it", DESCRIPTION, "a" * 251, "𝒜" * 250),
        ("E-space", "it", LABEL, "Adams ", "D. Adams"),
        ("E-space", "it", LABEL, "Douglas\tAdams", "Douglas Adams D."),
        ("E-control", "it", LABEL, "Ad\u0007ams", "Adams"),
        ("E-control", "it", LABEL, "Ad\u202eams", "Adams"),
        ("E-control", "he", LABEL, "אדמס\u200f", "אדמס"),
        ("E-control", "fa", LABEL, "آدامز\u200b", "می\u200cخواهم"),
        ("E-form", "it", LABEL, "Citta\u0300", "Città"),
        ("E-markup", "it", LABEL, "<b>Adams</b>", "Adams < Bach"),
        ("E-markup", "it", LABEL, "[[Adams]]", "[Adams]"),
        ("E-markup", "it", DESCRIPTION, "scrittore &amp; umorista", "scrittore & umorista"),
        ("E-url", "it", DESCRIPTION, "vedi https://example.org", "vedi sotto"),
        ("E-mul", "it", LABEL, "Douglas Adams", "Douglas N. Adams"),
        ("E-mul", "mul", DESCRIPTION, "writer", None),
        ("E-same", "it", LABEL, "scrittore britannico", "Adams"),
        ("E-same", "ru", DESCRIPTION, "Дуглас Адамс", "писатель"),
        ("E-known", "en", ALIAS, "Douglas Adams", "D. Adams"),
        ("E-known", "en", ALIAS, "Douglas Noel Adams", "D. N. Adams"),
        ("E-known", "ru", LABEL, "Дуглас Адамс", "Адамс, Дуглас"),
        ("W-inherited", "en-gb", LABEL, "Douglas Adams", "Doug Adams"),
        ("W-script", "el", LABEL, "Duglas Adams", "Ντάγκλας Άνταμς"),
        ("W-mixed", "ru", LABEL, "Адaмс", "Адамс (Adams)"),
        ("W-spaces", "it", LABEL, "Douglas  Adams", "D. Adams"),
        ("W-spaces", "fr", LABEL, "Douglas\u00a0Adams", "D. Adams"),
        ("W-qualifier", "it", LABEL, "Adams (scrittore)", "Adams"),
        ("W-article", "it", DESCRIPTION, "uno scrittore", "scrittore"),
        ("W-article", "fr", DESCRIPTION, "l'auteur du guide", "auteur du guide"),
        ("W-stop", "it", DESCRIPTION, "scrittore e umorista.", "società di Foo Inc."),
        ("W-case", "it", DESCRIPTION, "Scrittore e umorista", "scrittore e umorista"),
        ("W-case", "it", DESCRIPTION, "Scrittore", "Adams e la sua opera"),
        ("W-long", "it", DESCRIPTION, "a " * 16 + "b", "a " * 13 + "b"),
        ("W-long", "ja", DESCRIPTION, "英" * 41, "英" * 40),
        ("W-label", "ru", DESCRIPTION, "Дуглас Адамс, писатель", "писатель"),
        ("W-label", "en", DESCRIPTION, "douglas adams (writer)", "Douglas Adamson's pupil"),
        ("W-doubled", "de", DESCRIPTION, "Stadt in Deutschland in Deutschland", "Stadt in Bayern"),
        ("W-doubled", "nl", DESCRIPTION, "gemeente in Noorwegen in Telemark, Noorwegen", None),
        ("W-doubled", "fr", DESCRIPTION, "ville de France, ville", "duc de Bar et de Lorraine"),
        ("W-years", "de", DESCRIPTION, "Schriftsteller (1952–2001)", "Schriftsteller"),
        ("W-years", "es", DESCRIPTION, "escritor (n. 1952 - )", "artículo (publicado 2011-03)"),
    ],
)
def test_code(code: str, language: str, kind: TermKind, bad: str, good: str | None) -> None:
    assert code in validate(TermRequest(DOUGLAS, language, kind), bad)
    if good is not None:
        assert code not in validate(TermRequest(DOUGLAS, language, kind), good)


def test_english_and_german_descriptions_may_begin_with_a_capital() -> None:
    assert validate(TermRequest(DOUGLAS, "en", DESCRIPTION), "British author") == ()
    assert validate(TermRequest(DOUGLAS, "de", DESCRIPTION), "Autor") == ()


def test_life_years_are_usual_in_dutch_and_doubling_in_chinese() -> None:
    for language, text in (("nl", "schrijver (1952-2001)"), ("zh", "中国中国 中国中国")):
        assert validate(TermRequest(DOUGLAS, language, DESCRIPTION), text) == ()


def test_limit_is_that_of_the_target() -> None:
    request = TermRequest(DOUGLAS, "it", LABEL)
    assert "E-length" in validate(request, "Adamsson", target=Target(max_length=7))
    assert "E-length" not in validate(request, "Adamsson", target=Target(max_length=8))


def test_duplicate_pair_of_another_entity() -> None:
    known = (
        ("Q1", "it", "Douglas A.", "scrittore britannico"),
        ("Q42", "it", "D. Adams", "scrittore britannico"),
        ("Q2", "en", "Douglas Adams", "American lawyer"),
    )

    def taken(entity: str, *terms: str) -> bool:
        return any(owner != entity and tuple(held) == terms for owner, *held in known)

    label = TermRequest(DOUGLAS, "it", LABEL)
    assert validate(label, "Douglas A.", taken=taken) == ("E-duplicate",)
    assert validate(label, "D. Adams", taken=taken) == ()
    description = TermRequest(DOUGLAS, "en", DESCRIPTION)
    assert validate(description, "American lawyer", taken=taken) == ("E-duplicate",)
    # The entity has no French label, so no pair can clash.
    assert validate(TermRequest(DOUGLAS, "fr", DESCRIPTION), "avocat", taken=taken) == ()


@pytest.mark.parametrize(
    ("entity", "revision", "codes"),
    [
        (DOUGLAS, None, ()),
        (DOUGLAS, 7, ()),
        (DOUGLAS, 8, ("E-stale",)),
        (replace(DOUGLAS, redirect="Q1"), 7, ("E-redirect",)),
        (replace(DOUGLAS, deleted=True), 7, ("E-deleted",)),
    ],
)
def test_standing_of_the_entity(
    entity: Entity, revision: int | None, codes: tuple[str, ...]
) -> None:
    assert validate(TermRequest(entity, "it", LABEL), "Adams", revision=revision) == codes


def test_every_code_is_in_the_table() -> None:
    """The table in the module's docstring is what users read."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    used = {part for part in source.split('"') if part.startswith(("E-", "W-"))}
    listed = {
        line.split()[0] for line in (module.__doc__ or "").splitlines() if line[:2] in {"E-", "W-"}
    }
    assert used == listed
    assert {code for code in listed if is_hard(code)} == {c for c in listed if c[0] == "E"}


@given(st.text(max_size=300), st.sampled_from(list(TermKind)), st.sampled_from(["it", "ja", "mul"]))
def test_any_text_gets_codes_and_a_clean_one_has_no_fault_of_form(
    text: str, kind: TermKind, language: str
) -> None:
    request = TermRequest(DOUGLAS, language, kind)
    validate(request, text)
    codes = validate(request, clean(text))
    assert not {"E-space", "E-form"} & set(codes)
