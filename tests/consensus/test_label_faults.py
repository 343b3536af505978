"""Labels that are broken are told from those that are a language's own."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.consensus.label_faults.breaking import BREAKS, broken, material
from kgenrich.consensus.label_faults.contrast import Contrast
from kgenrich.consensus.label_faults.decoding import undecoded
from kgenrich.consensus.label_faults.edits import edits_of, one_edit
from kgenrich.consensus.label_faults.facts import LabelFacts, learn
from kgenrich.consensus.label_faults.judgement import judge_label
from kgenrich.consensus.name_judgement import FIND
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.languages import in_script
from kgenrich.model import Entity
from kgenrich.resources import resource
from kgenrich.sources.fit_cache import decode, encode
from kgenrich.text import vote_key

LANGUAGES = ("it", "ast", "pl", "cs", "eu", "oc", "ru", "ja", "sr-el")
EXONYMS = [
    ("Q648", "it", "Lilla"),
    ("Q585", "ast", "Oslu"),
    ("Q1757", "ast", "Ḥélsinki"),
    ("Q1711", "pl", "Poczdam"),
    ("Q1711", "cs", "Postupim"),
    ("Q3936", "cs", "Bamberk"),
    ("Q3327", "eu", "Lurda"),
    ("Q288", "oc", "Tors"),
]

SHORT = st.text("abcdeé ", max_size=6)


@pytest.fixture(scope="module")
def items() -> dict[str, Entity]:
    with Input(str(resource("config/demo/items.json.gz"))) as file:
        return {one.id: one for batch in read_dump(file, Reader()) for one in batch.entities}


@pytest.fixture(scope="module")
def facts(items: dict[str, Entity]) -> LabelFacts:
    return learn(items.values(), LANGUAGES)


@pytest.mark.parametrize(("entity", "language", "label"), EXONYMS)
@pytest.mark.parametrize("titles", [True, False])
def test_what_only_other_languages_call_otherwise_is_no_error(
    items: dict[str, Entity],
    facts: LabelFacts,
    entity: str,
    language: str,
    label: str,
    titles: bool,
) -> None:
    known = items[entity] if titles else replace(items[entity], sitelinks={})
    assert known.labels[language] == label
    assert judge_label(facts, known, language, label).probability < FIND


@pytest.mark.parametrize(
    ("entity", "language", "label", "reason"),
    [
        ("Q1040", "it", "Karlsrhue", "one letter from"),
        ("Q1040", "ru", "Karlsruhe", "in another script"),
        ("Q585", "pl", "OsÅ‚o", "wrongly decoded"),
        ("Q1040", "it", "Potsdam", "another entity is called so"),
        ("Q145", "it", "Yhdistynyt kuningaskunta", "the fi label"),
        ("Q585", "ru", "Ocло", "two scripts in one word"),
        ("Q145", "it", "Wielka Brytania", "other languages"),
    ],
)
def test_a_broken_label_is_found_and_told_why(
    items: dict[str, Entity],
    facts: LabelFacts,
    entity: str,
    language: str,
    label: str,
    reason: str,
) -> None:
    fault = judge_label(facts, items[entity], language, label)
    assert fault.probability >= FIND
    assert any(reason in one for one in fault.reasons), fault.reasons


@pytest.mark.slow
def test_broken_labels_are_found_and_right_ones_left_alone(
    items: dict[str, Entity], facts: LabelFacts
) -> None:
    """On the half that the weights were not fitted on."""
    right = doubtful = wrong = found = 0
    foreign = [0, 0]
    for language in ("it", "cs", "ru", "ja"):
        named = [one for one in items.values() if language in one.labels]
        using = material(named, language)
        for entity in named:
            if zlib.crc32(entity.id.encode()) % 3:
                continue
            right += 1
            label = entity.labels[language]
            doubtful += judge_label(facts, entity, language, label).probability >= FIND
            for kind in BREAKS:
                if text := broken(entity, language, kind, using):
                    wrong += 1
                    is_found = judge_label(facts, entity, language, text).probability >= FIND
                    found += is_found
                    if kind == "language":
                        foreign[is_found] += 1
    assert right > 150 and wrong > 500
    assert doubtful <= 0.01 * right + 1
    assert found >= 0.7 * wrong
    assert foreign[True] >= 0.8 * sum(foreign) > 80


def test_what_a_language_has_not_made_its_own(facts: LabelFacts) -> None:
    """Words and letters that the labels of others have and its own have not."""
    polish, italian = Contrast(facts, "pl", 0), Contrast(facts, "it", 0)
    assert italian.foreign_character("Łódź")[0] > 1 > polish.foreign_character("Łódź")[0]
    assert italian.foreign_grams("Województwo")[0] > polish.foreign_grams("Województwo")[0]
    assert italian.foreign_words("of the") > 1 > italian.foreign_words("di")
    assert Contrast(facts, "tlh", 0).foreign_words("of the") == 0


def test_what_was_counted_can_be_kept(facts: LabelFacts, items: dict[str, Entity]) -> None:
    kept = decode(encode(facts), LabelFacts)
    for entity, language, label in EXONYMS:
        before = judge_label(facts, items[entity], language, label)
        assert judge_label(kept, items[entity], language, label) == before


def test_a_graph_without_labels_says_nothing() -> None:
    empty = learn([], ["it"])
    lone = Entity("Q1", labels={"it": "Universo"})
    assert judge_label(empty, lone, "it", "Universo").probability < FIND
    assert judge_label(empty, lone, "tlh", "qo'").probability < FIND


@given(SHORT, SHORT)
def test_one_edit_is_what_one_edit_makes(before: str, after: str) -> None:
    found = one_edit(before, after)
    assert (found is not None) == (before != after and after in edits_of(before, "abcdeé "))
    if found is not None:
        back = one_edit(after, before)
        assert back is not None and {back.change, found.change} in (
            {"more", "less"},
            {"other"},
            {"turned"},
        )


@given(st.text(st.characters(categories=["L"], min_codepoint=128), min_size=2, max_size=20))
def test_text_that_was_decoded_wrongly_is_known(text: str) -> None:
    for page in ("latin-1", "cp1252", "cp1251"):
        try:
            wrong = text.encode().decode(page)
        except UnicodeDecodeError:
            continue
        assert undecoded(wrong)


def test_real_labels_are_no_text_that_was_decoded_wrongly(items: dict[str, Entity]) -> None:
    every = [(code, text) for one in items.values() for code, text in one.labels.items()]
    assert len(every) > 20_000
    assert [pair for pair in every if undecoded(pair[1])] == []


def test_what_is_broken_is_none_of_the_names(items: dict[str, Entity]) -> None:
    for language in ("it", "ru"):
        named = [one for one in items.values() if language in one.labels]
        using = material(named, language)
        for entity in named[:40]:
            right = {*map(vote_key, entity.names(language))}
            for kind in BREAKS:
                text = broken(entity, language, kind, using)
                assert text == broken(entity, language, kind, using)
                assert not text or vote_key(text) not in right
                if text and kind == "script":
                    assert not all(in_script(char, language) for char in text)


def labels_of_terms(path: Path) -> Iterator[tuple[str, str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            entity, language, kind, text, _ = line.rstrip("\n").split("\t")
            if kind in {"label", "alias"}:
                yield entity, language, text


def test_no_name_of_the_terms_looks_wrongly_decoded(shared_data: Path) -> None:
    names = list(labels_of_terms(shared_data / "terms/terms.tsv.gz"))[::150]
    strange = [row for row in names if undecoded(row[2])]
    assert len(names) > 5_000 and len(strange) <= len(names) / 2_000, strange[:20]
