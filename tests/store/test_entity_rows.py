"""Entities as exporters of other graphs get them: what each origin says, and what is new."""

from __future__ import annotations

from msgspec.structs import replace

from kgenrich.model import Entity, EntityRow, Form, Origin, Scope, Statement, TermKind, Value
from kgenrich.namespaces import RDF, SKOS
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.facts.origins import register
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.entity_rows import (
    Selection,
    entity_rows,
    has_forms,
    has_wiki_terms,
    manners,
)
from tests.store.test_proposals import decision, proposal, save
from tests.stores import UNIVERSE

E = "http://e.example/"
CLASS = Statement(Form("class", f"{RDF}type"), Value("entity", f"{SKOS}Concept"))
NODE = Statement(Form("label", f"{E}p", "fr"), Value("text", "cruche", "fr"), "cruche ", "_:b")


def label(text: str, tag: str = "de-DE") -> Statement:
    return Statement(Form("label", f"{SKOS}prefLabel", tag), Value("text", text, "de"))


def concept(name: str, *statements: Statement) -> Entity:
    return Entity(E + name, classes=(f"{SKOS}Concept",), statements=statements)


def fill(store: Store) -> None:
    first = register(store, Origin("a.ttl"))
    second = register(store, Origin("b.ttl"))
    load_entities(store, [UNIVERSE])
    entities = [concept("z", CLASS, label("Zange")), concept("c", CLASS, label("Krug"), NODE)]
    load_entities(store, [*entities, *(concept(f"m{n}", CLASS) for n in range(3))], origin=first)
    load_entities(store, [concept("c", label("Krug", "de"), label("Kanne", "de"))], origin=second)


def rows(store: Store, **chosen: object) -> list[EntityRow]:
    return list(entity_rows(store, replace(Selection(), **chosen)))


def test_entities_in_the_order_of_their_ids(store: Store) -> None:
    fill(store)
    assert [row.id for row in rows(store)] == ["Q1", *(E + n for n in ("c", "m0", "m1", "m2", "z"))]
    assert has_forms(store) and has_wiki_terms(store)


def test_what_each_origin_says_to_the_letter(store: Store) -> None:
    fill(store)
    every = {row.id: row.said for row in rows(store)}
    assert set(every[f"{E}c"]) == {
        ("a.ttl", CLASS),
        ("a.ttl", label("Krug")),
        ("a.ttl", NODE),
        ("b.ttl", label("Krug", "de")),
        ("b.ttl", label("Kanne", "de")),
    }
    only = {row.id: row.said for row in rows(store, origin="a.ttl")}
    assert set(only[f"{E}c"]) == {("a.ttl", each) for each in (CLASS, label("Krug"), NODE)}
    assert "Q1" not in only
    (alone,) = rows(store, origin="b.ttl", alone=True)
    assert alone.said == (("b.ttl", label("Kanne", "de")),)


def test_what_is_new_with_what_stands_beside_it(store: Store) -> None:
    fill(store)
    accepted = proposal(f"{E}c", "brocca", "it")
    instead = replace(proposal(f"{E}z", "Beißzange", "de"), replaces="Zange")
    waiting = proposal(f"{E}m1", "m", "it", probability=0.6)
    save(store, accepted, instead, waiting)
    save_decisions(store, [decision(accepted), decision(instead, replaces="Zange")])
    found = rows(store, states=("accepted",))
    assert [(row.id, [(new.row.text, new.replaces) for new in row.new]) for row in found] == [
        (f"{E}c", [("brocca", "")]),
        (f"{E}z", [("Beißzange", "Zange")]),
    ]
    assert len(found[0].said) == 5
    (open_one,) = rows(store, states=("proposed",), minimum=0.5)
    assert open_one.new[0].row.state == "proposed"
    assert rows(store, states=("proposed",), minimum=0.7) == []
    narrow = Scope(("it",), (TermKind.LABEL,))
    assert [row.id for row in rows(store, states=("accepted",), scope=narrow)] == [f"{E}c"]


def test_how_often_things_are_said_in_which_way(store: Store) -> None:
    fill(store)
    ways = {(way.origin, way.form.tag, way.language): way.times for way in manners(store)}
    assert ways == {
        ("a.ttl", "de-DE", "de"): 2,
        ("a.ttl", "fr", "fr"): 1,
        ("b.ttl", "de", "de"): 2,
    }


def test_a_wiki_alone_has_no_forms(store: Store) -> None:
    load_entities(store, [UNIVERSE])
    assert not has_forms(store) and has_wiki_terms(store)
    assert [row.id for row in rows(store)] == ["Q1"]
