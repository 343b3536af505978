"""Dictionaries: entries are found by identifiers, trusted as far as they agree, and never echo."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest
from babel.localedata import load
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.learned_ranker import LearnedRanker
from kgenrich.errors import UsageError
from kgenrich.languages import in_script
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest, Value
from kgenrich.sources.base import FreeSource
from tests.asking import ALIAS, DESCRIPTION, LABEL, make, want

WANTED = ("fr", "ja", "zh")


SMALL = "ab ast az-cyrl br ce ckb cv dsb el en-gb ff fr he hi ia iu ja kk ks ku mai nn om os pcm qu"


@cache
def cldr() -> FreeSource:
    source = make("cldr", languages=WANTED)
    assert isinstance(source, FreeSource)
    return source


def coded(labels: Mapping[str, str] | None = None, **codes: str | tuple[str, ...]) -> Entity:
    """An entity with these labels, and codes as claims."""
    claims = {
        name: tuple(Value("string", v) for v in ((value,) if isinstance(value, str) else value))
        for name, value in codes.items()
    }
    return Entity("Q1", labels or {}, claims=claims)


def said(entity: Entity, language: str, kind: TermKind = LABEL) -> list[str]:
    return [c.text for c in cldr().candidates(want(entity, language, kind))]


def evidence(entity: Entity, language: str) -> Evidence:
    (candidate,) = cldr().candidates(want(entity, language))
    (piece,) = candidate.evidence
    return piece


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ({"P297": "DE"}, "ja", "ドイツ"),
        ({"P297": "DE"}, "sr-el", "Nemačka"),
        ({"P297": "DE"}, "sr-ec", "Немачка"),
        ({"P297": "VN"}, "pt", "Vietname"),
        ({"P297": "VN"}, "pt-br", "Vietnã"),
        ({"P297": "DE"}, "de-at", "Deutschland"),
        ({"P218": "de"}, "fr", "allemand"),
        ({"P219": "ger"}, "fr", "allemand"),
        ({"P219": ("ger", "deu")}, "fr", "allemand"),
        ({"P220": "deu"}, "fr", "allemand"),
        ({"P218": "de", "P219": ("ger", "deu"), "P220": "deu"}, "ja", "ドイツ語"),
        ({"P220": "gsw"}, "fr", "suisse allemand"),
        ({"P506": "Cyrl"}, "de", "Kyrillisch"),
        ({"P498": "JPY"}, "fr", "yen japonais"),
    ],
)
def test_an_entity_is_found_by_its_code(
    code: dict[str, str | tuple[str, ...]], language: str, name: str
) -> None:
    assert said(coded(**code), language) == [name]


@pytest.mark.parametrize(
    "entity",
    [
        coded({"en": "Germany", "fr": "Allemagne"}),
        coded({"en": "Arabic"}, P31="Q8192"),
        coded(P297="ZY"),
        coded(P297="de"),
        coded(P297="Cyrl"),
        coded(P298="DEU"),
        coded(P297=("DE", "FR")),
        coded(P220="cmn"),
        coded(P220="arb"),
        coded(P218=("de", "fr")),
    ],
)
def test_a_name_a_foreign_code_or_two_of_them_find_nothing(entity: Entity) -> None:
    assert said(entity, "ja") == []


@pytest.mark.parametrize(
    ("code", "taiwan", "hong_kong", "both"),
    [("MT", "馬爾他", "馬耳他", []), ("LA", "寮國", "老撾", []), ("JP", "日本", "日本", ["日本"])],
)
def test_traditional_chinese_is_what_taiwan_and_hong_kong_agree_on(
    code: str, taiwan: str, hong_kong: str, both: list[str]
) -> None:
    entity = coded(P297=code)
    assert said(entity, "zh-tw") == [taiwan]
    assert said(entity, "zh-hk") == said(entity, "zh-mo") == [hong_kong]
    assert said(entity, "zh-hant") == both


@given(
    st.sampled_from(sorted(load("en")["languages"])),
    st.sampled_from(SMALL.split()),
)
def test_english_again_is_no_answer_in_another_script_and_a_weak_one_in_its_own(
    code: str, language: str
) -> None:
    entity = coded(P218=code)
    for candidate in cldr().candidates(want(entity, language)):
        if language.split("-")[0] != "en" and candidate.text == load("en")["languages"][code]:
            assert in_script(candidate.text, language)
            assert (candidate.evidence[0].score or 0) < 0.9
            assert candidate.evidence[0].note.endswith("as in English")


def test_an_entry_is_trusted_as_far_as_its_other_names_are_the_entitys() -> None:
    names = {"en": "Denmark", "de": "Dänemark", "es": "Dinamarca", "ru": "Дания"}
    kingdom = {code: f"{name} (Kingdom)" for code, name in names.items()}
    country, realm, unknown = (
        evidence(coded(labels, P297="DK"), "ja") for labels in (names, kingdom, {})
    )
    assert country.score is not None and realm.score is not None and unknown.score is not None
    assert country.score > 0.9 >= unknown.score > 0.5 > realm.score
    assert "territory DK; 4 of 4 other names" in country.note
    # What is asked for is not looked at.
    assert evidence(coded({**names, "ja": "デンマーク"}, P297="DK"), "ja") == country


def test_evidence_names_the_dictionary_its_licence_and_the_code() -> None:
    piece = evidence(coded(P297="DE"), "ja")
    assert (piece.source, piece.kind) == ("cldr", SourceKind.DICTIONARY)
    assert (piece.licence, piece.from_text, piece.from_language) == ("Unicode-3.0", "DE", "")
    assert piece.note.startswith("CLDR ")


def test_a_name_that_is_there_is_no_new_alias_and_nothing_is_described() -> None:
    entity = coded({"fr": "Allemagne"}, P297="DE")
    assert said(entity, "fr", ALIAS) == said(entity, "fr", DESCRIPTION) == []
    assert said(coded({"fr": "RFA"}, P297="DE"), "fr", ALIAS) == ["Allemagne"]
    assert said(entity, "mul") == said(entity, "qqq") == []


def test_it_has_no_options() -> None:
    with pytest.raises(UsageError, match="colour"):
        make("cldr", {"colour": "red"})


def test_beside_trained_kinds_a_dictionary_counts_as_an_estimate_and_lowers_nothing() -> None:
    request = TermRequest(coded({"en": "Germany"}, P297="DE"), "fr", LABEL)
    consensus = Consensus(LearnedRanker(), lambda request, text: ())
    answers = [
        Candidate("Q1", "fr", LABEL, text, (Evidence(name, kind, rank=1),))
        for name, kind, text in [
            ("a", SourceKind.MT, "Allemagne"),
            ("b", SourceKind.LLM, "Allemagne"),
            ("b", SourceKind.LLM, "Germanie"),
        ]
    ]
    before = {p.candidate.text: p.probability for p in consensus.propose(request, answers)}
    answers += cldr().candidates(request)
    after = {p.candidate.text: p.probability for p in consensus.propose(request, answers)}
    assert after["Allemagne"] > max(0.8, before["Allemagne"])
    assert after["Germanie"] == before["Germanie"]
