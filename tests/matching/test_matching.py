"""What a name stands for: in any script and order, with a letter wrong; and how sure that is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgenrich.matching.chances import misspelt
from kgenrich.matching.index_building import update_index
from kgenrich.matching.matcher import SURE, Matcher, open_matcher
from kgenrich.matching.name_forms import name_forms, sound
from kgenrich.matching.name_index import NameIndex
from kgenrich.model import Entity
from kgenrich.progress import Progress
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.keys import entity_key
from kgenrich.store.opening import open_store
from tests.stores import DOUGLAS

ADAMS = entity_key("Q42")


def people() -> list[Entity]:
    """Somebody with names in several scripts, and others who are called alike."""
    return [
        DOUGLAS,
        Entity("Q5", labels={"en": "human", "ru": "человек"}),
        Entity("Q101", labels={"en": "Bryan Adams"}, classes=("Q5",)),
        Entity("Q102", labels={"en": "Michael Jackson", "ja": "マイケル・ジャクソン"}),
        Entity("Q103", labels={"de": "Köln", "en": "Cologne"}, classes=("Q515",)),
        Entity("Q104", labels={"zh": "東京都", "en": "Tokyo"}, classes=("Q515",)),
        Entity("Q105", labels={"en": "Springfield"}, classes=("Q515",)),
        Entity("Q106", labels={"en": "Springfield"}, classes=("Q515",)),
        Entity("Q107", labels={"en": "World War 1"}),
        Entity("Q108", labels={"en": "World War 2"}),
        *(Entity(f"Q{n}", labels={"en": f"{a} {b}"}) for n, (a, b) in enumerate(_pairs(), 1000)),
    ]


def _pairs() -> Iterator[tuple[str, str]]:
    first = "Anna Boris Clara Dmitri Elena Farid Greta Hugo Ines Jonas"
    last = "Keller Lopez Moreau Novak Okafor Petrov Quinn Rossi Sato Tanaka"
    return ((a, b) for a in first.split() for b in last.split())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """A store of people, and the folder of its index."""
    folder = tmp_path_factory.mktemp("people")
    store = open_store(f"sqlite:///{folder / 'store.db'}", create=True)
    load_entities(store, people())
    yield store, folder / "store.db.names"
    store.close()


@pytest.fixture(scope="module")
def matcher(made: tuple[Store, Path]) -> Matcher:
    return open_matcher(*made)


def best(matcher: Matcher, text: str) -> int:
    found = matcher.match(text)
    return found[0].key if found else 0


@pytest.mark.parametrize(
    "text",
    [
        "Douglas Adams",
        "douglas  ADAMS",
        "Adams, Douglas",
        "Duglas Adams",
        "Douglas Adasm",
        "Дуглас Адамс",
        "Адамс Дуглас",
        "דאגלס אדמס",
        "دوغلاس آدمز",
        "ダグラス・アダムズ",
        "Ντάγκλας Άνταμς",
        "道格拉斯·亞當斯",
        "Douglas Noël Adams",
        "DNA",
    ],
)
def test_a_name_is_found_in_every_script_and_order_and_with_a_letter_wrong(
    matcher: Matcher, text: str
) -> None:
    assert best(matcher, text) == ADAMS


def test_names_without_spaces_are_found_by_their_characters(matcher: Matcher) -> None:
    assert best(matcher, "东京都") == entity_key("Q104")
    assert best(matcher, "東京") == entity_key("Q104")


def test_nothing_is_found_for_what_has_no_letters(matcher: Matcher) -> None:
    assert matcher.match("") == matcher.match(" –!? ") == matcher.match("\0") == []


def test_only_entities_of_the_classes_are_found(matcher: Matcher) -> None:
    human, city = entity_key("Q5"), entity_key("Q515")
    assert {one.key for one in matcher.match("Adams", {human})} == {ADAMS, entity_key("Q101")}
    assert all(one.key != ADAMS for one in matcher.match("Douglas Adams", {city}))
    both = {one.key for one in matcher.match("Adams", {human, city})}
    assert both >= {ADAMS, entity_key("Q101")}


def test_a_name_that_several_have_is_never_sure(matcher: Matcher) -> None:
    first, second, *_ = matcher.match("Springfield")
    assert {first.key, second.key} == {entity_key("Q105"), entity_key("Q106")}
    assert not first.is_sure and first.chance < 0.6


def test_a_name_that_one_alone_has_is_sure_and_a_number_makes_another_name(
    matcher: Matcher,
) -> None:
    found = matcher.match("World War 2")
    assert found[0].key == entity_key("Q108") and found[0].is_sure
    assert found[0].chance >= SURE
    assert all(not one.is_sure for one in found[1:])
    assert not matcher.match("World War 3")[0].is_sure


def test_chances_are_of_exclusive_things(matcher: Matcher) -> None:
    for text in ("Anna Keller", "Adams", "Springfield", "Tanaka Petrov", "Jackson"):
        chances = [one.chance for one in matcher.match(text)]
        assert sum(chances) <= 1 + 1e-9 and all(0 <= chance <= 1 for chance in chances)
        assert chances == sorted(chances, reverse=True)


def test_what_else_is_known_moves_the_chance_and_can_exclude(matcher: Matcher) -> None:
    bryan = entity_key("Q101")
    alone = {one.key: one.chance for one in matcher.match("Adams")}
    more = matcher.match("Adams", more=lambda keys: [4.0 * (key == bryan) for key in keys])
    assert {one.key: one.chance for one in more}[bryan] > alone[bryan]
    without = matcher.match(
        "Adams", more=lambda keys: [-float("inf") if key == ADAMS else 0.0 for key in keys]
    )
    assert ADAMS not in {one.key for one in without}


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_any_text_can_be_asked_for(matcher: Matcher, text: str) -> None:
    assert all(one.name for one in matcher.match(text))
    matcher.index.beginning(text)


@given(st.text(max_size=60))
def test_a_name_has_as_many_sounds_as_words(text: str) -> None:
    forms = name_forms(text)
    assert len(forms.words.split()) == len(forms.sounds.split())
    assert all(sound(word) for word in forms.words.split())


@settings(max_examples=50)
@given(st.sampled_from([f"{a} {b}" for a, b in _pairs()]), st.integers(0, 10_000))
def test_one_wrong_letter_in_a_name_among_a_hundred_alike_does_not_hide_it(
    matcher: Matcher, name: str, seed: int
) -> None:
    asked = misspelt(name, Random(seed))
    found = [one.name for one in matcher.match(asked)[:5]]
    assert name in found


def test_the_beginning_of_a_name_finds_it_whatever_the_script(matcher: Matcher) -> None:
    def names(text: str, role: str = "") -> list[str]:
        return [row.text for row in matcher.index.beginning(text, role=role)]

    assert "Douglas Adams" in names("adams d")
    assert "Дуглас Адамс" in names("Дуг")
    assert names("hum", "class") == ["human"]
    assert names("doug", "class") == []
    assert names("")[0] == "Douglas Adams", "the best known first"


class Counting(Progress):
    """Counts what is told."""

    def __init__(self) -> None:
        self.totals: list[int | None] = []

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        self.totals.append(total)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with_people = open_store(store_url, create=True)
    load_entities(with_people, people())
    yield with_people
    with_people.close()


def test_the_index_follows_the_graph_and_reads_only_what_changed(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "names"
    progress = Counting()
    update_index(store, folder, progress)
    update_index(store, folder, progress)
    assert progress.totals == [len(people())], "an unchanged graph costs nothing"
    load_entities(
        store, [Entity("Q103", labels={"it": "Colonia"}), Entity("Q9", labels={"en": "X1"})]
    )
    state = update_index(store, folder, progress)
    assert progress.totals[1:] == [2]
    index = NameIndex(folder)
    assert [row.text for row in index.search("Colonia")][:1] == ["Colonia"]
    assert not any(row.text == "Köln" for row in index.search("Köln"))
    assert [row.key for row in index.search("x1")] == [entity_key("Q9")]
    fresh = update_index(store, tmp_path / "fresh")
    assert state.live == fresh.live and state.mark == fresh.mark
    load_entities(store, [Entity("Q42", deleted=True)])
    update_index(store, folder)
    assert NameIndex(folder).search("Douglas Adams")[0].key != ADAMS


def test_what_becomes_a_class_is_found_as_one(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    update_index(store, folder)
    assert not NameIndex(folder).beginning("michael", role="class")
    load_entities(store, [Entity("Q77", labels={"en": "one of them"}, classes=("Q102",))])
    update_index(store, folder)
    assert NameIndex(folder).beginning("michael", role="class")


def test_the_index_of_another_store_is_not_taken_for_that_of_this_one(
    store: Store, tmp_path: Path
) -> None:
    folder, other = tmp_path / "names", tmp_path / "other"
    second = open_store(f"sqlite:///{tmp_path / 'second.db'}", create=True)
    load_entities(second, [Entity("Q1", labels={"en": "nobody else"})])
    update_index(second, other)
    update_index(store, folder)
    shutil.rmtree(folder)
    other.rename(folder)
    update_index(store, folder)
    assert NameIndex(folder).search("Douglas Adams")[0].key == ADAMS
    second.close()


def test_a_change_that_was_cut_off_is_made_again(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    update_index(store, folder)
    kept = tmp_path / "state.json"
    shutil.copy(folder / "state.json", kept)
    load_entities(store, [Entity("Q103", labels={"it": "Colonia"})])
    update_index(store, folder)
    # As if it had been killed before it said that it was done.
    shutil.copy(kept, folder / "state.json")
    load_entities(store, [Entity("Q9", labels={"en": "Nineveh"})])
    state = update_index(store, folder)
    assert state.live == update_index(store, tmp_path / "fresh").live
    index = NameIndex(folder)
    assert [row.text for row in index.search("Colonia")] == ["Colonia"]
    assert [row.text for row in index.search("Nineveh")][:1] == ["Nineveh"]
