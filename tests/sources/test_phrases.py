"""Phrases that labels teach: templates, words, what stands between parts, and names of both."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgenrich.adapters.transliteration.name_words import sounds_alike
from kgenrich.sources.graph.phrases.composer import Composer, note_of
from kgenrich.sources.graph.phrases.phrase_learning import Pair, learn
from kgenrich.sources.graph.phrases.phrase_table import PhraseTable
from kgenrich.sources.graph.phrases.tokens import GAP

RIVERS = ("Amber", "Black", "Cedar", "Devon", "Eagle", "Forth", "Grand", "Heron")
KINGS = {"Henry": "Henri", "Louis": "Louis", "Francis": "François", "John": "Jean"}
NUMBERS = ("II", "III", "IV", "V")


def table(*pairs: tuple[str, str]) -> PhraseTable:
    return learn((Pair((one,), (two,)) for one, two in pairs), {})


def french() -> PhraseTable:
    rivers = [(f"{name} River", f"rivière {name}") for name in RIVERS]
    units = [
        (f"{one} per {two}", f"{first} par {second}")
        for one, first in (("metre", "mètre"), ("litre", "litre"), ("gram", "gramme"))
        for two, second in (("second", "seconde"), ("hour", "heure"))
    ]
    words = [("metre", "mètre"), ("gram", "gramme"), ("second", "seconde"), ("hour", "heure")]
    kings = [
        (f"{king} {number} of France", f"{roi} {number} de France")
        for king, roi in KINGS.items()
        for number in NUMBERS
    ]
    return table(*rivers, *units, *words, *kings)


def best(of: PhraseTable, text: str, *, foreign: bool = False) -> str:
    parts = Composer(of, foreign=foreign).compose(text, {})
    return parts[0].text if parts else ""


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("Willow River", "rivière Willow"),
        ("kelvin per second", "kelvin par seconde"),
        ("gram per hour", "gramme par heure"),
        ("Charles IV of France", "Charles IV de France"),
        ("Francis V of France", "François V de France"),
    ],
)
def test_names_are_put_together_from_what_others_teach(english: str, expected: str) -> None:
    assert best(french(), english) == expected


def test_what_a_template_stands_around_is_learned_where_nobody_names_it() -> None:
    learned = french()
    assert learned.around[f"{GAP}river"] == {f"rivière {GAP}": 8.0}
    assert learned.words["cedar"] == {"Cedar": 1.0}


def test_scripts_without_spaces_join_as_they_do() -> None:
    names = {"Rhine": "ライン", "Neckar": "ネッカー", "Danube": "ドナウ", "Elbe": "エルベ"}
    pairs = [(f"{one} River", f"{two}川") for one, two in names.items()]
    japanese = table(*pairs, *names.items(), ("Main", "マイン"))
    assert best(japanese, "Main River", foreign=True) == "マイン川"


def test_words_that_sound_alike_are_paired_in_another_script() -> None:
    pairs = [Pair(("Oscar Wagner",), ("Оскар Вагнер",)), Pair(("Oscar Wilde",), ("Оскар Уайльд",))]
    learned = learn(pairs, {}, sounds_alike)
    assert learned.sounds["oscar"] == {"Оскар": 2.0} and "Вагнер" in learned.sounds["wagner"]


def test_a_note_tells_the_template_and_how_many_labels_have_it() -> None:
    learned = french()
    (first, *_) = Composer(learned, foreign=False).compose("Willow River", {})
    assert note_of(first, learned) == "“… river” is “rivière …” in 8 of 8 labels"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.booleans())
def test_any_text_can_be_asked_for(text: str, foreign: bool) -> None:
    for part in Composer(french(), foreign=foreign).compose(text, {}):
        assert part.chance <= 0 and part.text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))))
def test_any_pairs_can_be_learned_from(pairs: list[tuple[str, str]]) -> None:
    learned = table(*pairs)
    for one, _ in pairs:
        Composer(learned, foreign=False).compose(one, {})


def test_a_name_does_not_speak_for_itself() -> None:
    pairs = [Pair(("Springfield",), ("Frühlingsfeld",), 1), Pair(("Salem",), ("Salem-Stadt",), 2)]
    composer = Composer(learn([*pairs, Pair(("Salem",), ("Salem-Stadt",), 3)], {}), foreign=False)

    def texts(name: str, owner: int) -> set[str]:
        return {part.text for part in composer.compose(name, {}, owner)}

    assert "Frühlingsfeld" in texts("Springfield", 9)
    assert "Frühlingsfeld" not in texts("Springfield", 1)
    assert "Salem-Stadt" in texts("Salem", 2), "another has the name too"
