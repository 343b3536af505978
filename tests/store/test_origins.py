"""Who says what: what one origin says comes, changes and goes, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kgenrich.model import Entity, Form, Origin, Scope, Statement, TermKind, Value
from kgenrich.store.base import Store
from kgenrich.store.facts import load
from kgenrich.store.facts.coverage import coverage, gaps
from kgenrich.store.facts.entity_rows import TABLES
from kgenrich.store.facts.graph import StoreGraph, find_entity
from kgenrich.store.facts.load import load_entities, retract
from kgenrich.store.facts.origins import keys_of, read_ledger, register
from kgenrich.store.facts.recount import differences
from kgenrich.store.facts.statements import statements_of
from kgenrich.store.ledger import HOME
from kgenrich.store.opening import open_store
from kgenrich.store.tables import entities, presence
from tests.stores import empty

SKOS = "http://www.w3.org/2004/02/skos/core#"
JUG = "https://example.org/jug"


def label(text: str, tag: str = "en", *, predicate: str = "prefLabel", rank: int = 0) -> Statement:
    form = Form("label", SKOS + predicate, tag, rank=rank)
    return Statement(form, Value("text", text, tag.lower()))


def alias(text: str, tag: str = "en") -> Statement:
    return Statement(Form("alias", f"{SKOS}altLabel", tag), Value("text", text, tag.lower()))


def content(store: Store) -> dict[str, Any]:
    """All that the store holds of the graph, with names in the place of numbers."""
    ledger = read_ledger(store)

    def told(said: int) -> frozenset[tuple[str, object]]:
        return frozenset(
            (ledger.origins[origin].name, ledger.forms.get(form, form))
            for origin, form in ledger.members[said]
        )

    found: dict[str, Any] = {}
    with store.read() as connection:
        for table in TABLES[:4]:
            found[table.name] = {
                (*row[:-1], told(row.said)) for row in connection.execute(select(table))
            }
        found["originals"] = {
            (row[0], ledger.origins[row[1]].name, ledger.forms[row[2]], *row[3:])
            for row in connection.execute(select(TABLES[4]))
        }
        alive = select(entities).where(~entities.c.deleted)
        found["entities"] = {tuple(row) for row in connection.execute(alive)}
        found["presence"] = {
            (row.entity_key, ledger.origins[row.origin_id].name, row.digest, row.type)
            for row in connection.execute(select(presence))
        }
        assert differences(connection, store.slots) == 0
    found["coverage"] = coverage(store)
    return found


def test_a_second_file_adds_and_a_newer_one_replaces_what_its_own_said(store: Store) -> None:
    english, german = (register(store, Origin(name)) for name in ("en.ttl", "de.ttl"))
    load_entities(store, [Entity(JUG, statements=(label("jug"),))], origin=english)
    load_entities(store, [Entity(JUG, statements=(label("Krug", "de"),))], origin=german)
    jug = find_entity(store, JUG)
    assert jug is not None and jug.labels == {"en": "jug", "de": "Krug"}
    load_entities(store, [Entity(JUG, statements=(label("pitcher"),))], origin=english)
    jug = find_entity(store, JUG)
    assert jug is not None and jug.labels == {"en": "pitcher", "de": "Krug"}
    assert retract(store, german, keys_of(store, german)) == 1
    jug = find_entity(store, JUG)
    assert jug is not None and jug.labels == {"en": "pitcher"}
    assert retract(store, english, keys_of(store, english)) == 1
    jug = find_entity(store, JUG)
    assert jug is not None and jug.deleted and not jug.labels


def test_of_two_labels_the_better_form_is_the_label(store: Store) -> None:
    origin = register(store, Origin("a.ttl"))
    said = (label("b", rank=1, predicate="altName"), label("z"), alias("b"))
    load_entities(store, [Entity(JUG, statements=said)], origin=origin)
    jug = find_entity(store, JUG)
    assert jug is not None and jug.labels == {"en": "z"} and jug.aliases == {"en": ("b",)}


def test_the_wiki_has_the_label_and_keeps_the_order_of_its_aliases(store: Store) -> None:
    other = register(store, Origin("a.ttl"))
    load_entities(
        store, [Entity("Q1", statements=(label("x"), alias("c"), alias("q")))], origin=other
    )
    wiki = Entity("Q1", labels={"en": "y"}, aliases={"en": ("z", "c", "a")}, revision=5)
    load_entities(store, [wiki])
    found = find_entity(store, "Q1")
    assert found is not None and found.labels == {"en": "y"}
    assert found.aliases == {"en": ("z", "c", "a", "q", "x")}
    retract(store, other, keys_of(store, other))
    assert find_entity(store, "Q1") == wiki


def test_two_definitions_in_a_language_are_both_kept(store: Store) -> None:
    origin = register(store, Origin("a.ttl"))
    form = Form("definition", f"{SKOS}definition", "en")
    said = tuple(Statement(form, Value("text", text, "en")) for text in ("B.", "A."))
    load_entities(store, [Entity(JUG, statements=said)], origin=origin)
    assert len(content(store)["terms"]) == 2


def test_letters_that_differ_are_kept(store: Store) -> None:
    origin = register(store, Origin("a.ttl"))
    said = Statement(Form("label", f"{SKOS}prefLabel", "en"), Value("text", "jug", "en"), " jug ")
    load_entities(store, [Entity(JUG, statements=(said,))], origin=origin)
    ((*_, text, raw, node),) = content(store)["originals"]
    assert (text, raw, node) == ("jug", " jug ", "")


def test_what_was_said_comes_out_to_the_letter(store: Store) -> None:
    said = (
        label("Krug", "de-DE"),
        Statement(Form("label", f"{SKOS}prefLabel", "fr-fr"), Value("text", "cruche", "fr")),
        Statement(
            Form("label", f"{SKOS}prefLabel", "de-DE"), Value("text", "Krug", "de-de"), "Krug "
        ),
        alias("pichet"),
        Statement(Form("alias", f"{SKOS}altLabel", "en"), Value("text", "x", "en"), node="e:label"),
        Statement(Form("class", "rdf:type", "", "@id"), Value("entity", f"{SKOS}Concept")),
        Statement(Form("notation", f"{SKOS}notation"), Value("string", "A.1")),
        Statement(Form("hierarchy", f"{SKOS}broader", "", "@id"), Value("entity", "e:pots")),
    )
    origins = {name: register(store, Origin(name)) for name in ("a.ttl", "b.ttl")}
    load_entities(store, [Entity(JUG, statements=said)], origin=origins["a.ttl"])
    other = Entity(JUG, statements=(label("jar"), *said[:1]))
    load_entities(store, [other], origin=origins["b.ttl"])
    ((_, stated),) = statements_of(store, [JUG])
    by_origin = {name: {one.statement for one in stated if one.origin == name} for name in origins}
    assert by_origin == {"a.ttl": {*said}, "b.ttl": {*other.statements}}
    ((_, stated),) = statements_of(store, [JUG], is_told=lambda name: name == "b.ttl")
    assert {one.statement for one in stated} == {*other.statements}


def test_terms_are_asked_of_items_alone(store: Store) -> None:
    origin = register(store, Origin("a.ttl"))
    concept = Entity(JUG, statements=(label("jug"),))
    scheme = Entity("https://example.org/scheme", type="scheme", statements=(label("Pots"),))
    load_entities(store, [concept, scheme], origin=origin)
    (row,) = coverage(store, Scope(("de",), (TermKind.LABEL,)))
    assert (row.entities, row.missing) == (1, 1)
    assert [gap.entity for gap in gaps(store, "de", TermKind.LABEL)] == [JUG]
    schemes = Scope(types=("scheme",))
    assert [gap.entity for gap in gaps(store, "de", TermKind.LABEL, schemes)] == [scheme.id]
    (row,) = coverage(store, Scope(("de",), (TermKind.LABEL,), types=("scheme",)))
    assert (row.entities, row.missing) == (1, 1)
    both = Scope(("de",), (TermKind.LABEL,), types=("item", "scheme"))
    assert coverage(store, both)[0].entities == 2


def test_what_the_wiki_says_is_gone_is_gone_whoever_names_it(store: Store) -> None:
    other = register(store, Origin("a.ttl"))
    load_entities(store, [Entity("Q1", statements=(label("x"),))], origin=other)
    load_entities(store, [Entity("Q1", revision=3, deleted=True)])
    load_entities(store, [Entity("Q1", statements=(label("w"),))], origin=other)
    assert list(StoreGraph(store).entities()) == []
    load_entities(store, [Entity("Q1", labels={"de": "v"}, revision=4)])
    found = find_entity(store, "Q1")
    assert found is not None and found.labels == {"en": "w", "de": "v"} and not found.deleted


ORIGINS = ("a.ttl", "b.ttl", "wiki")
TEXTS = st.sampled_from(["jug", "pot", "urn"])
TAGS = st.sampled_from(["en", "de", "fr"])


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    text, tag = draw(TEXTS), draw(TAGS)
    role = draw(st.sampled_from(["label", "alias", "definition", "description", "class", "note"]))
    if role == "class":
        return Statement(Form("class", "a:type", "", "@id"), Value("entity", f"c:{text}"))
    form = Form(role, f"p:{role}", tag.upper(), rank=draw(st.integers(0, 1)))  # type: ignore[arg-type]
    raw = draw(st.sampled_from(["", f" {text}"]))
    return Statement(form, Value("text", text, tag), raw)


ENTITIES = st.sampled_from(["Q1", "Q2", "Q3"])
STATED = st.builds(
    Entity,
    ENTITIES,
    statements=st.lists(statements(), min_size=1, max_size=6).map(lambda all: tuple({*all})),
    type=st.sampled_from(["item", "scheme"]),
)
PLAIN = st.builds(
    Entity,
    ENTITIES,
    labels=st.dictionaries(TAGS, TEXTS, max_size=2),
    aliases=st.dictionaries(TAGS, st.lists(TEXTS, min_size=1, unique=True).map(tuple), max_size=2),
    classes=st.lists(st.sampled_from(["c:jug", "Q9"]), unique=True).map(tuple),
)
SAID: Mapping[str, st.SearchStrategy[Entity]] = {"a.ttl": STATED, "b.ttl": STATED, "wiki": PLAIN}


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, list[Entity] | None]:
    """What an origin says now of some entities; None: it is forgotten."""
    origin = draw(st.sampled_from(ORIGINS))
    if draw(st.integers(0, 4)) == 0:
        return origin, None
    said = draw(st.lists(SAID[origin], min_size=1, max_size=3, unique_by=lambda one: one.id))
    return origin, said


def numbers(store: Store) -> dict[str, int]:
    files = {name: register(store, Origin(name)) for name in ORIGINS[:2]}
    return {**files, "wiki": HOME}


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(steps(), max_size=8), st.randoms())
def test_any_interleaving_is_the_union_of_what_is_said_last(
    store: Store, story: list[tuple[str, list[Entity] | None]], random: Any
) -> None:
    empty(store)
    last: dict[tuple[str, str], Entity] = {}
    number = numbers(store)
    for origin, said in story:
        if said is None:
            retract(store, number[origin], keys_of(store, number[origin]))
            last = {key: entity for key, entity in last.items() if key[0] != origin}
        else:
            load_entities(store, said, origin=number[origin])
            last.update({(origin, entity.id): entity for entity in said})
    found = content(store)
    empty(store)
    rest = list(last.items())
    random.shuffle(rest)
    load_each(store, rest)
    assert found == content(store)


def load_each(store: Store, said: Iterable[tuple[tuple[str, str], Entity]]) -> None:
    number = numbers(store)
    for (origin, _), entity in said:
        load_entities(store, [entity], origin=number[origin])


def test_what_is_known_of_an_entity_is_under_the_licences_of_all_who_say_it(store: Store) -> None:
    files = {
        name: register(store, Origin(name, licence=licence))
        for name, licence in (("a.ttl", "CC-BY-SA-4.0"), ("b.ttl", ""))
    }
    load_entities(store, [Entity("Q1", labels={"en": "x"}), Entity("Q2", labels={"en": "y"})])
    load_entities(store, [Entity("Q2", statements=(label("z"),))], origin=files["a.ttl"])
    load_entities(store, [Entity(JUG, statements=(label("z"),))], origin=files["b.ttl"])
    assert StoreGraph(store).licences(["Q1", "Q2", JUG, "Q3"]) == {
        "Q1": "CC0-1.0",
        "Q2": "CC-BY-SA-4.0 AND CC0-1.0",
        JUG: "unknown",
    }


def test_sets_that_another_process_numbers_meanwhile_are_known_when_rows_are_locked(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a transaction sees what others committed since it began."""
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    first, second = (register(store, Origin(name)) for name in ("a.ttl", "b.ttl"))
    load_entities(store, [Entity(JUG, statements=(label("jug"),))], origin=first)
    other = open_store(store_url)
    asked = load.rows_with
    said = [Entity(JUG, statements=(label("Krug", "de"), label("jug")))]

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(load, "rows_with", asked)
        load_entities(other, said, origin=second)
        return asked(*given)

    monkeypatch.setattr(load, "rows_with", meanwhile)
    assert retract(store, first, keys_of(store, first)) == 1
    other.close()
    found = find_entity(store, JUG)
    assert found is not None and found.labels == {"de": "Krug", "en": "jug"}
