"""Coverage: the summary says after any history what counting the terms says."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from kgenrich.languages import state
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage import CoverageRow, Gap, coverage, gaps
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from kgenrich.store.migrate import check
from kgenrich.store.tables import totals
from tests.store.test_load import BATCHES
from tests.stores import DOUGLAS, THING, UNIVERSE, empty

LABEL, DESCRIPTION, ALIAS, DEFINITION = TermKind
LANGUAGES = (
    "en",
    "en-gb",
    "ru",
    "ba",
    "ja",
    "sr-el",
    "und",
    "zh",
    "zh-tw",
    "zh-hk",
    "mul",
    "it",
    "x-own",
)


def counted(alive: list[Entity], class_id: str, language: str, kind: TermKind) -> CoverageRow:
    """The definition: the state of every entity's term, one after the other."""
    found: Counter[str] = Counter()
    missing_links = 0
    for entity in alive:
        if class_id and class_id not in entity.classes:
            continue
        explicit = {
            LABEL: entity.labels,
            DESCRIPTION: entity.descriptions,
            ALIAS: entity.aliases,
            DEFINITION: entity.definitions,
        }[kind]
        told = state(language, explicit, kind, entity.labels.get("mul", ""))
        found[told] += 1
        if told == "missing":
            missing_links += len(entity.sitelinks)
    return CoverageRow(
        language,
        kind,
        class_id,
        found.total(),
        found["explicit"],
        found["inherited"],
        found["missing"],
        missing_links,
        found["other script"],
    )


def assert_summary_is_right(store: Store) -> None:
    alive = list(StoreGraph(store).entities())
    ids = sorted({name for entity in alive for name in entity.classes})
    kinds = tuple(TermKind)
    rows = coverage(store, Scope(LANGUAGES, kinds), classes=ids) if ids else []
    rows += coverage(store, Scope(LANGUAGES, kinds))
    assert len(rows) == (len(ids) + bool(alive)) * len(kinds) * len(LANGUAGES)
    for row in rows:
        assert row == counted(alive, row.class_id, row.language, row.kind)
    some = alive[::2]
    scope = Scope(LANGUAGES, kinds, ids=tuple(entity.id for entity in some))
    for row in coverage(store, scope, classes=ids) + coverage(store, scope) if some else ():
        assert row == counted(some, row.class_id, row.language, row.kind)


@pytest.mark.slow
@given(batches=BATCHES, languages=st.sampled_from([(), ("en", "ba"), ("mul",)]))
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_summary_equals_a_count_of_the_terms(
    store: Store, batches: list[list[Entity]], languages: tuple[str, ...]
) -> None:
    empty(store)
    for place, batch in enumerate(batches):
        load_entities(store, batch, languages=languages if place % 2 else ())
    assert_summary_is_right(store)


@pytest.mark.slow
def test_large_batches_and_numbers(store: Store) -> None:
    # More than one matrix of bits holds.
    many = [
        Entity(
            f"Q{n}",
            labels={"en": "a", **({"mul": "b"} if n % 3 else {}), **({"ru": "c"} if n % 5 else {})},
            classes=(f"Q{n % 4 + 5}",),
            sitelinks={f"{k}wiki": "t" for k in range(n % 50)},
        )
        for n in range(1, 1300)
    ]
    load_entities(store, many)
    assert_summary_is_right(store)
    load_entities(store, [Entity(entity.id, deleted=True) for entity in many[::2]])
    assert_summary_is_right(store)


def test_three_states_of_a_label(store: Store) -> None:
    load_entities(store, [DOUGLAS, THING, UNIVERSE])
    (row,) = coverage(store, Scope(("en-gb",), (LABEL,)))
    # Inherited from en (Q42 and Q1, the latter from mul as well).
    assert row == CoverageRow("en-gb", LABEL, "", 3, 0, 2, 1, 0)
    (row,) = coverage(store, Scope(("it",), (LABEL,), "Q5"))
    assert row == CoverageRow("it", LABEL, "Q5", 2, 1, 0, 1, 2)


def test_definitions_are_inherited_along_the_chain_and_never_from_mul(store: Store) -> None:
    defined = {"de": "Was alles ist.", "mul": "Omnia."}
    load_entities(store, [Entity("Q1", definitions=defined), Entity("Q2")])
    rows = coverage(store, Scope(("de", "de-at", "ja"), (DEFINITION,)))
    assert [(row.explicit, row.inherited, row.missing) for row in rows] == [
        (1, 0, 1),
        (0, 1, 1),
        (0, 0, 2),
    ]
    assert list(gaps(store, "de-at", DEFINITION)) == [Gap("Q2", 0)]


def test_without_languages_those_that_have_anything_the_fullest_first(store: Store) -> None:
    load_entities(store, [DOUGLAS, THING, UNIVERSE])
    rows = coverage(store, Scope(kinds=(LABEL,)))
    assert rows[0].language in {"ba", "be", "en", "ru", "mul"} or rows[0].missing == 1
    assert [row.missing for row in rows] == sorted(row.missing for row in rows)
    assert {"en", "en-gb", "ru", "it", "mul", "x-own", "zh-hant"} <= {row.language for row in rows}


def test_by_class_the_largest_first(store: Store) -> None:
    load_entities(store, [DOUGLAS, THING, UNIVERSE])
    rows = coverage(store, Scope(("it",), (LABEL,)), by_class=True, limit=2)
    assert (rows[0].class_id, rows[0].entities, len(rows)) == ("Q5", 2, 2)
    assert coverage(store, Scope(("it",)), classes=["Q999"]) == []


def test_gaps_are_the_missing_ones_most_linked_first(store: Store) -> None:
    linked = [
        Entity(
            f"Q{n}",
            labels={"en": "x"} if n % 2 else {"mul": "x"} if n % 3 else {"de": "y"},
            classes=("Q5",) if n < 6 else (),
            sitelinks={f"{k}wiki": "t" for k in range(n // 3)},
        )
        for n in range(1, 13)
    ]
    load_entities(store, linked)
    found = list(gaps(store, "en-gb", LABEL))
    assert found == [Gap("Q12", 4), Gap("Q6", 2)]
    (row,) = coverage(store, Scope(("en-gb",), (LABEL,)))
    assert (row.missing, row.missing_links) == (2, 6)
    missing = list(gaps(store, "it", DESCRIPTION))
    assert [gap.entity for gap in missing[:4]] == ["Q12", "Q9", "Q10", "Q11"]
    assert list(gaps(store, "it", DESCRIPTION, after=missing[3])) == missing[4:]
    assert list(gaps(store, "it", DESCRIPTION, limit=5)) == missing[:5]
    assert list(gaps(store, "it", DESCRIPTION, limit=0)) == []
    assert {gap.entity for gap in gaps(store, "it", ALIAS, Scope(class_id="Q5"))} == {
        "Q1", "Q2", "Q3", "Q4", "Q5",
    }  # fmt: skip
    assert list(gaps(store, "never-seen", DESCRIPTION)) == missing


def test_a_label_for_all_languages_in_another_script_is_counted_apart(store: Store) -> None:
    """Whoever reads Russian is shown "Jana" and does not have a Russian label."""
    sitelinks = {"enwiki": "x"}
    names = [
        Entity("Q1", labels={"mul": "Jana"}, sitelinks=sitelinks),
        Entity("Q2", labels={"mul": "Jana", "ru": "Яна"}, sitelinks=sitelinks),
        Entity("Q3", labels={"mul": "Яна"}, sitelinks=sitelinks),
        Entity("Q4", labels={"mul": "1984"}, sitelinks=sitelinks),
        Entity("Q5", labels={"ja": "ヤナ"}, sitelinks=sitelinks),
    ]
    load_entities(store, names)
    ru, ba, it = coverage(store, Scope(("ru", "ba", "it"), (LABEL,)))
    assert (ru.explicit, ru.inherited, ru.other_script, ru.missing, ru.missing_links) == (
        *(1, 2),
        *(1, 1, 1),
    )
    assert (ba.explicit, ba.inherited, ba.other_script, ba.missing) == (0, 3, 1, 1)
    assert (it.explicit, it.inherited, it.other_script, it.missing) == (0, 3, 1, 1)
    assert [gap.entity for gap in gaps(store, "ru", LABEL)] == ["Q5"]
    apart = Scope(other_script=True)
    assert [gap.entity for gap in gaps(store, "ru", LABEL, apart)] == ["Q1", "Q5"]
    assert [gap.entity for gap in gaps(store, "it", LABEL, apart)] == ["Q3", "Q5"]
    assert list(gaps(store, "ru", DESCRIPTION, apart)) == list(gaps(store, "ru", DESCRIPTION))


@pytest.mark.slow
@given(batches=BATCHES, language=st.sampled_from(LANGUAGES), page=st.integers(1, 3))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_gaps_are_what_coverage_counts(
    store: Store, batches: list[list[Entity]], language: str, page: int
) -> None:
    empty(store)
    for batch in batches:
        load_entities(store, batch)
    counts = coverage(store, Scope((language,), (LABEL,)))
    row = counts[0] if counts else CoverageRow(language, LABEL, "", 0, 0, 0, 0, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgenrich.store.facts.coverage._PAGE", page)
        apart = Scope(other_script=True)
        missing = list(gaps(store, language, LABEL))
        more = list(gaps(store, language, LABEL, apart))
        assert list(gaps(store, language, LABEL, apart, limit=2)) == more[:2]
        for after in more[:1]:
            assert list(gaps(store, language, LABEL, apart, after=after)) == more[1:]
    assert len(missing) == row.missing and len(more) == row.missing + row.other_script
    assert set(missing) <= set(more)
    assert sum(gap.links for gap in missing) == row.missing_links


def test_gaps_over_several_pages_while_the_store_is_written_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgenrich.store.facts.coverage._PAGE", 3)
    load_entities(
        store, [Entity(f"Q{n}", sitelinks={"a": "b"} if n % 2 else {}) for n in range(1, 11)]
    )
    found = []
    for gap in gaps(store, "it", LABEL):
        found.append(gap.entity)
        load_entities(store, [Entity(gap.entity, labels={"it": "da"})])
    assert found == ["Q1", "Q3", "Q5", "Q7", "Q9", "Q2", "Q4", "Q6", "Q8", "Q10"]


def test_check_finds_and_mends_a_wrong_summary(store: Store, store_url: str) -> None:
    load_entities(store, [DOUGLAS, THING])
    assert check(store_url) == []
    with store.begin() as connection:
        connection.execute(update(totals).where(totals.c.class_key == 0).values(entities=9))
    assert "coverage" in check(store_url)[0] and len(check(store_url)) == 1
    assert check(store_url, repair=True) == []
    assert check(store_url) == []
    assert_summary_is_right(store)
