"""What the name encoder says of candidates."""

from __future__ import annotations

import numpy as np

from kgenrich.consensus.candidate_features import candidate_rows
from kgenrich.consensus.candidate_groups import (
    MOST_FOREIGN,
    EntityNames,
    ForeignName,
    Name,
    foreign_names,
)
from kgenrich.consensus.name_likeness import COLUMNS, NONE, likeness_columns
from kgenrich.model import MUL, Entity
from kgenrich.text import vote_key


def names(*given: tuple[str, int]) -> list[Name]:
    return [Name(text, vote_key(text), votes) for text, votes in given]


def columns(
    sets: list[list[Name]], language: str, foreign: list[list[ForeignName]]
) -> list[list[dict[str, float]]]:
    entities = [
        EntityNames(language, of_set, foreign=others)
        for of_set, others in zip(sets, foreign, strict=True)
    ]
    described = [candidate_rows(of_set, language) for of_set in sets]
    found = iter(likeness_columns(entities, described).tolist())
    return [[dict(zip(COLUMNS, next(found), strict=True)) for _ in of_set] for of_set in described]


def test_the_name_that_sounds_like_the_foreign_ones_is_nearest_to_them() -> None:
    sets = [names(("Москва", 1), ("Минск", 3))]
    (((moscow, minsk, *_),)) = columns(
        sets, "ru", [[ForeignName("en", "Moscow"), ForeignName("ja", "モスクワ")]]
    )
    assert moscow["foreign-nearest"] > 0.5 > minsk["foreign-nearest"]
    assert moscow["foreign-english"] == moscow["foreign-nearest"] or moscow["foreign-english"] > 0.5
    assert moscow["foreign-script"] == NONE, "none of them is Cyrillic"
    assert moscow["foreign-languages"] == 2


def test_the_same_writing_in_other_languages_is_counted_by_language() -> None:
    foreign = [
        ForeignName("en", "Roma"),
        ForeignName("es", "Roma"),
        ForeignName("es", "ROMA"),
        ForeignName("fr", "Rome"),
    ]
    (((roma, *_),)) = columns([names(("Roma", 1))], "it", [foreign])
    assert (roma["foreign-equal"], roma["foreign-languages"]) == (2, 3)
    assert roma["foreign-share"] == np.float32(2 / 3).round(3)
    assert roma["foreign-script"] == 1


def test_a_name_is_compared_with_its_rivals_by_their_support() -> None:
    (((first, second, third, *_),)) = columns(
        [names(("Jean-Paul Sartre", 5), ("Jean Paul Sartre", 1), ("Simone", 1))], "fr", [[]]
    )
    assert first["alike-top"] == 1
    assert second["alike-above"] > 0.9 > third["alike-above"]
    assert first["alike-above"] == NONE, "nothing is better supported"
    assert second["alike"] > third["alike"]


def test_alone_and_unknown_abroad_a_name_has_nothing_to_compare_with() -> None:
    (((alone, *_),)) = columns([names(("Roma", 2))], "it", [[]])
    assert {value for key, value in alone.items() if key != "alike-top"} == {NONE}


def test_sets_keep_their_own_rows() -> None:
    sets = [names(("Roma", 2), ("Rom", 1)), [], names(("Milano", 1))]
    together = columns(sets, "it", [[ForeignName("en", "Rome")], [], [ForeignName("en", "Milan")]])
    apart = [
        columns([one], "it", [[foreign]])[0]
        for one, foreign in (
            (sets[0], ForeignName("en", "Rome")),
            (sets[2], ForeignName("en", "Milan")),
        )
    ]
    assert together == [apart[0], [], apart[1]]


def test_names_in_other_languages_leave_out_the_languages_own_variants() -> None:
    entity = Entity(
        "Q1",
        labels={"zh": "北京", "zh-hant": "北京", MUL: "Beijing", "fr": "Pékin"},
        aliases={"en": ("Peking",), "xx": tuple(str(n) for n in range(100))},
    )
    found = foreign_names(entity, "zh-hans")
    assert {name.language for name in found} == {MUL, "fr", "en", "xx"}
    assert (found[0].language, len(found)) == ("en", MOST_FOREIGN)
