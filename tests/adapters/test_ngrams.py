"""Names as bags of hashed n-grams."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.adapters.encoder.ngrams import NgramSpec, ascii_form, ngrams, normal_form

SPEC = NgramSpec()


def bag(name: str, spec: NgramSpec = SPEC) -> list[int]:
    return sorted(ngrams([name], spec)[0].tolist())


@given(st.lists(st.text(max_size=40), max_size=8))
def test_a_name_has_the_same_ngrams_in_any_batch(names: list[str]) -> None:
    indices, offsets = ngrams(names, SPEC)
    assert offsets[0] == 0 and offsets[-1] == len(indices) and len(offsets) == len(names) + 1
    for place, name in enumerate(names):
        assert sorted(indices[offsets[place] : offsets[place + 1]].tolist()) == bag(name)


@given(st.text(max_size=60), st.integers(1, 5000))
def test_buckets_are_in_range(name: str, buckets: int) -> None:
    indices, _ = ngrams([name], NgramSpec(buckets=buckets))
    assert ((indices >= 0) & (indices < buckets)).all()


def test_names_are_compared_without_case_width_and_underscores() -> None:
    assert bag("Alan Turing") == bag("ＡＬＡＮ_turing")
    assert bag("Alan Turing") != bag("Alain Turing")


def test_order_matters_within_words() -> None:
    assert bag("abc") != bag("cba")


def test_simplified_traditional_and_japanese_characters_meet() -> None:
    assert bag("广岛") == bag("廣島")
    assert set(bag("広島")) & set(bag("廣島")) >= set(bag("広島", NgramSpec(ascii=(), words=False)))


def test_scripts_meet_in_transliteration() -> None:
    assert ascii_form(normal_form("Москва")) == "moskva"
    shared = len(set(bag("Москва")) & set(bag("Moskva")))
    assert shared == len(set(bag("Moskva")))


def test_confusable_sounds_meet_in_the_skeleton() -> None:
    only = NgramSpec(own=(), ascii=(), words=False)
    assert bag("Barack", only) == bag("Palak", only)
    assert bag("Barack", only) != bag("Maddock", only)


def test_ascii_names_have_no_ngrams_of_their_own() -> None:
    own = NgramSpec(ascii=(), skeleton=(), words=False)
    assert bag("London", own) == [] and bag("Zürich", own) != []


def test_what_holds_nothing_has_no_ngrams() -> None:
    assert [len(bag(name)) for name in ("", "  ", "_")] == [0, 0, 0]


def test_a_very_long_name_is_bounded() -> None:
    indices, _ = ngrams(["山" * 100_000], SPEC)
    assert len(indices) < 3000


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_the_normal_form_is_a_fixed_point_of_spacing(name: str) -> None:
    form = normal_form(name)
    assert form == form.strip() and "  " not in form and "_" not in form
    assert np.array_equal(bag(form), bag(normal_form(form)))
