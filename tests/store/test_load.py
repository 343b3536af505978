"""Loading: differences alone are written, whatever comes, in whatever order, by how many."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgenrich.model import Entity, TermKind, Value
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph, find_entity
from kgenrich.store.facts.load import LoadCounts, load_entities
from kgenrich.store.facts.storable import LeftOut
from kgenrich.store.migrate import check
from kgenrich.store.opening import open_store
from kgenrich.store.overview import info
from kgenrich.store.story.runs import running, runs, set_position
from tests.stores import DOUGLAS, THING, UNIVERSE, dump, empty

replace = msgspec.structs.replace


def test_what_is_loaded_reads_back_equal(store: Store) -> None:
    counts = load_entities(store, [DOUGLAS, THING, UNIVERSE])
    assert counts == LoadCounts(read=3, new=3)
    assert list(StoreGraph(store).entities()) == [THING, UNIVERSE, DOUGLAS], "in key order"
    named = StoreGraph(store).entities(["Q42", "Q999", "http://example.org/thing", "Q42"])
    assert list(named) == [DOUGLAS, THING]
    assert find_entity(store, "Q1") == UNIVERSE and find_entity(store, "Q2") is None


def test_labels_of_some_languages(store: Store) -> None:
    load_entities(store, [DOUGLAS, THING, UNIVERSE])
    found = StoreGraph(store).labels(["Q42", "Q1", "Q7", THING.id], ["ru", "it", "tlh"])
    assert found == {"Q42": {"ru": "Дуглас Адамс"}, THING.id: {"it": "cosa"}}
    assert StoreGraph(store).labels(["Q42"], []) == {}


def test_loading_again_changes_nothing(store: Store) -> None:
    load_entities(store, [DOUGLAS, THING, UNIVERSE])
    before = dump(store)
    assert load_entities(store, [UNIVERSE, DOUGLAS, THING]) == LoadCounts(read=3, skipped=3)
    # The digest differs with the order of the languages; the difference is still nothing.
    turned = replace(DOUGLAS, labels=dict(reversed(DOUGLAS.labels.items())))
    assert load_entities(store, [turned]) == LoadCounts(read=1, skipped=1)
    assert dump(store) == before


def test_a_change_replaces_what_differs(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    after = replace(
        DOUGLAS,
        labels={"en": "Douglas Adams", "it": "Douglas Adams"},
        aliases={"en": ("DNA",)},
        classes=("Q215627",),
        claims={"P31": (Value("entity", "Q215627"), Value("entity", "Q5"))},
        sitelinks={},
        revision=101,
    )
    assert load_entities(store, [after]) == LoadCounts(read=1, changed=1)
    assert find_entity(store, "Q42") == after


def test_an_older_revision_is_skipped_and_an_unknown_one_is_not(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    old = replace(DOUGLAS, labels={"en": "D. Adams"}, revision=99)
    assert load_entities(store, [old]) == LoadCounts(read=1, skipped=1)
    unknown = replace(old, revision=0)
    assert load_entities(store, [unknown]) == LoadCounts(read=1, changed=1)
    assert find_entity(store, "Q42") == replace(unknown, revision=100)


def test_some_languages_leave_the_others_alone(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    italian = Entity(
        "Q42",
        labels={"it": "Douglas Adams", "en": "not this"},
        aliases={"it": (), "de": ("nor this",)},
        classes=DOUGLAS.classes,
        revision=101,
    )
    assert load_entities(store, [italian], languages=["it"]).changed == 1
    found = find_entity(store, "Q42")
    assert found == replace(
        DOUGLAS,
        labels={**DOUGLAS.labels, "it": "Douglas Adams"},
        aliases={"en": DOUGLAS.aliases["en"]},
        claims={},
        sitelinks={},
        revision=101,
    )
    assert load_entities(store, [italian], languages=["it"]).skipped == 1
    assert load_entities(store, [italian], languages=["de", "it"]).changed == 1


def test_deleted_and_redirected_entities_lose_their_terms(store: Store) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE])
    gone = [Entity("Q42", redirect="Q1"), Entity("Q1", deleted=True), Entity("Q3", deleted=True)]
    assert load_entities(store, gone) == LoadCounts(read=3, new=1, changed=2)
    assert info(store).entities == 0 and list(StoreGraph(store).entities()) == []
    assert list(StoreGraph(store).entities(["Q42"])) == []
    assert find_entity(store, "Q42") == Entity("Q42", redirect="Q1", revision=100)
    assert find_entity(store, "Q1") == Entity("Q1", deleted=True)
    assert load_entities(store, gone) == LoadCounts(read=3, skipped=3)


def test_a_dump_of_the_state_before_does_not_bring_back_what_was_deleted(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    load_entities(store, [Entity("Q42", deleted=True)])
    assert load_entities(store, [DOUGLAS]).skipped == 1
    assert load_entities(store, [replace(DOUGLAS, revision=101)]).changed == 1
    assert info(store).entities == 1


def test_the_same_entity_twice_in_a_batch(store: Store) -> None:
    second = replace(DOUGLAS, labels={"en": "second"}, revision=101)
    counts = load_entities(store, [DOUGLAS, UNIVERSE, second, DOUGLAS])
    assert counts == LoadCounts(read=4, new=2, changed=1, skipped=1)
    assert find_entity(store, "Q42") == second


@pytest.mark.parametrize(
    ("part", "bad"),
    [
        ("label", {"labels": {"en": "a\0b"}}),
        ("label", {"labels": {"en": "half \ud800"}}),
        ("label", {"labels": {"e\nn": "x"}}),
        ("label", {"labels": {"0": "x"}}),
        ("label", {"labels": {"": "x"}}),
        ("description", {"descriptions": {"en": "\0"}}),
        ("definition", {"definitions": {"en": "\0"}}),
        ("alias", {"aliases": {"x" * 100: ("x",)}}),
        ("sitelink", {"sitelinks": {"enwiki": "\0"}}),
        ("class", {"classes": ("\0",)}),
        ("claim", {"claims": {"P1": (Value("string", "\0"),)}}),
        ("claim", {"claims": {"\0": (Value("string", "x"),)}}),
        ("revision", {"revision": 2**63}),
    ],
)
def test_what_no_database_can_keep_is_left_out_alone(
    store: Store, part: str, bad: dict[str, Any]
) -> None:
    broken = replace(UNIVERSE, **bad)
    told: list[LeftOut] = []
    counts = load_entities(store, [DOUGLAS, broken], also=lambda _, left: told.extend(left))
    assert counts == LoadCounts(read=2, new=2)
    assert told == [LeftOut("Q1", Counter({part: 1}))]
    assert f" {part} (1)" in told[0].reason
    nothing: Entity = replace(UNIVERSE, **{name: type(value)() for name, value in bad.items()})
    assert find_entity(store, "Q1") == nothing


def test_an_entity_whose_id_no_database_can_keep_is_broken(store: Store) -> None:
    told: list[LeftOut] = []
    bad = [Entity("http://example.org/\0", labels={"en": "x"}), Entity("Q3", redirect="Q\ud800")]
    counts = load_entities(store, [DOUGLAS, *bad], also=lambda _, left: told.extend(left))
    assert counts == LoadCounts(read=3, new=1, broken=2)
    assert [one.parts for one in told] == [Counter(), Counter()]
    assert "the entity" in told[0].reason


def test_text_that_only_looks_like_nul_is_kept(store: Store) -> None:
    entity = Entity("Q7", labels={"en": "\\u0000 and \x01"})
    assert load_entities(store, [entity]).new == 1
    assert find_entity(store, "Q7") == entity


def test_the_position_of_a_run_moves_with_the_batch(store: Store) -> None:
    with running(store, "harvest", {"file": "a"}, "hash") as run:
        load_entities(store, [DOUGLAS], also=lambda c, left_out: set_position(c, run.id, "17"))
    assert next(runs(store)).position == "17"


CODES = ["en", "en-gb", "ru", "ba", "zh", "zh-tw", "mul", "x-own"]
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)
ENTITIES = st.builds(
    Entity,
    id=st.sampled_from(["Q1", "Q2", "P3", "http://example.org/1"]),
    labels=st.dictionaries(st.sampled_from(CODES), TEXTS, max_size=4),
    descriptions=st.dictionaries(st.sampled_from(CODES), TEXTS, max_size=3),
    definitions=st.dictionaries(st.sampled_from(CODES), TEXTS, max_size=3),
    aliases=st.dictionaries(
        st.sampled_from(CODES), st.lists(TEXTS, min_size=1, max_size=3).map(tuple), max_size=2
    ),
    classes=st.lists(st.sampled_from(["Q5", "Q6", "http://example.org/C"]), unique=True).map(tuple),
    claims=st.dictionaries(
        st.sampled_from(["P31", "P17"]),
        st.lists(st.builds(Value, st.just("entity"), TEXTS), min_size=1, max_size=3).map(tuple),
        max_size=2,
    ),
    sitelinks=st.dictionaries(st.sampled_from(["enwiki", "dewiki"]), TEXTS),
)
GONE = st.one_of(
    st.builds(Entity, id=st.sampled_from(["Q1", "Q2"]), deleted=st.just(True)),
    st.builds(Entity, id=st.sampled_from(["Q1", "Q2"]), redirect=st.just("Q1")),
)
BATCHES = st.lists(st.lists(ENTITIES | GONE, max_size=5), max_size=5)


@pytest.mark.slow
@given(batches=BATCHES)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_last_state_of_every_entity_is_what_is_there(
    store: Store, batches: list[list[Entity]]
) -> None:
    empty(store)
    expected: dict[str, Entity] = {}
    for batch in batches:
        counts = load_entities(store, batch)
        assert counts.read == len(batch) == counts.new + counts.changed + counts.skipped
        expected |= {entity.id: entity for entity in batch}
    assert {id: find_entity(store, id) for id in expected} == expected
    before = dump(store)
    for entity in expected.values():
        assert load_entities(store, [entity]).skipped == 1
    assert dump(store) == before


PARALLEL = """
import sys
from kgenrich.model import Entity
from kgenrich.store.overview import info
from kgenrich.store.opening import open_store
from kgenrich.store.facts.load import load_entities
url, start = sys.argv[1], int(sys.argv[2])
store = open_store(url, create=True)
sys.stdin.readline()
for first in range(start, start + 300, 30):
    numbers = range(first, first + 30)
    order = list(numbers if start % 2 else reversed(numbers))
    load_entities(store, [
        Entity(f"Q{n}", labels={"en": f"{n}", f"x-{n % 7}": "own"}, classes=(f"Q{n % 5 + 1}",),
               sitelinks={"enwiki": "a"}) for n in order
    ] + [Entity(f"http://example.org/{n}", classes=("http://example.org/C",)) for n in order])
"""


@pytest.mark.slow
def test_processes_that_load_at_the_same_time_both_succeed(store_url: str) -> None:
    # The second half of the first overlaps with the first half of the second.
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PARALLEL, store_url, start],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for start in ("1", "150")
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=120)[1] for process in running] == ["", ""]
    assert check(store_url) == []
    store = open_store(store_url)
    assert info(store).entities == 2 * 449
    assert len(store.slots.select(["x-3"], [TermKind.LABEL])) == 1
    store.close()


def test_texts_of_other_graphs_may_be_very_long(store: Store) -> None:
    long = "long " * 5000 + "漢字"
    entity = Entity("http://example.org/a", labels={"en": long}, descriptions={"en": long + "!"})
    load_entities(store, [entity])
    assert find_entity(store, entity.id) == entity


def test_a_language_that_another_process_numbered_is_read(store: Store, store_url: str) -> None:
    other = open_store(store_url)
    load_entities(other, [Entity("Q1", labels={"qqq": "something", "en": "a thing"})])
    (entity,) = StoreGraph(store).entities()
    assert entity.labels == {"qqq": "something", "en": "a thing"}
    other.close()
