"""Rows for exporters: what holds, in entity order, with the story of what was proposed."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from kgenrich.model import (
    Call,
    Candidate,
    Entity,
    Evidence,
    Scope,
    SourceKind,
    TermKind,
    TermRow,
    Verdict,
)
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import taken_in
from kgenrich.store.facts.load import load_entities
from kgenrich.store.overview import info
from kgenrich.store.story.answers import save_answers
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.exports import (
    is_export,
    provenance_rows,
    record_export,
    term_rows,
)
from kgenrich.store.story.pending_terms import overtaken
from kgenrich.store.story.proposals import save_proposals
from tests.store.test_answers import Answer, Source
from tests.store.test_proposals import decision, proposal, save
from tests.stores import DOUGLAS, THING, UNIVERSE, dump

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS


def test_asserted_terms_in_order(store: Store) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE, THING])
    rows = list(term_rows(store))
    assert [row.entity for row in rows] == [THING.id] * 2 + ["Q1"] * 2 + ["Q42"] * 8
    assert {(row.language, row.kind, row.text) for row in rows if row.entity == "Q42"} == {
        *((code, LABEL, text) for code, text in DOUGLAS.labels.items()),
        *((code, DESCRIPTION, text) for code, text in DOUGLAS.descriptions.items()),
        *((code, ALIAS, text) for code, texts in DOUGLAS.aliases.items() for text in texts),
    }
    assert [r.text for r in rows if r.kind is ALIAS and r.language == "en"] == [
        "Douglas Noel Adams",
        "DNA",
    ]
    assert list(term_rows(store)) == rows, "always the same order"
    assert len(list(term_rows(store, Scope(("en",), (LABEL,))))) == 2
    assert len(list(term_rows(store, Scope(class_id="Q5")))) == 10
    assert list(term_rows(store, Scope(("never-seen",)))) == []
    assert list(term_rows(store, states=())) == []


def test_accepted_and_proposed_terms(store: Store) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE])
    accepted, second = proposal(), proposal(text="D. Adams", rank=2, probability=0.3)
    edited = proposal("Q1", "Universo")
    waiting = proposal("Q1", "Universum", "de", probability=0.6)
    forbidden = proposal("Q1", "Univers", "fr", codes=("E-same",))
    overtaken = proposal(language="ru", text="Адамс")
    save(store, accepted, second, edited, waiting, forbidden, overtaken)
    save_decisions(
        store,
        [
            decision(accepted, probability=0.9),
            decision(edited, Verdict.EDIT, text="universo", probability=0.8),
            decision(overtaken),
        ],
    )
    rows = list(term_rows(store, states=("accepted", "proposed")))
    assert rows == [
        TermRow("Q1", "de", LABEL, "Universum", "proposed", waiting.candidate.id, 0.6),
        TermRow("Q1", "it", LABEL, "universo", "accepted", edited.candidate.id, 0.8),
        TermRow("Q42", "it", LABEL, "Douglas Adams", "accepted", accepted.candidate.id, 0.9),
    ]
    assert list(term_rows(store, states=("proposed",), minimum=0.7)) == []
    every = list(term_rows(store, states=("asserted", "accepted", "proposed")))
    assert len(every) == 10 + 3 and [r.entity for r in every] == ["Q1"] * 4 + ["Q42"] * 9
    save_decisions(store, [decision(accepted, Verdict.REJECT)])
    assert [r.entity for r in term_rows(store, states=("accepted",))] == ["Q1"]


def test_what_the_graph_has_overtaken_is_left_out_and_counted(store: Store) -> None:
    merged, gone, alive = Entity("Q2"), Entity("Q3"), Entity("Q4", classes=("Q5",))
    load_entities(store, [merged, gone, alive])
    made = [
        *(proposal(id, "nome") for id in ("Q2", "Q3", "Q4")),
        *(proposal("Q4", text, kind=ALIAS) for text in ("uno", "due", "tre")),
        proposal("Q4", "nom", "fr"),
    ]
    save(store, *made)
    save_decisions(store, [decision(one) for one in made])
    assert overtaken(store) == {}
    assert len(list(term_rows(store, states=("accepted",)))) == 7
    load_entities(
        store,
        [
            Entity("Q2", redirect="Q4"),
            Entity("Q3", deleted=True),
            Entity("Q4", labels={"it": "due"}, aliases={"it": ("uno", "x")}, classes=("Q5",)),
        ],
    )
    rows = term_rows(store, states=("accepted",))
    assert {(row.language, row.text) for row in rows} == {("it", "tre"), ("fr", "nom")}
    overtook = {"the graph has the term by now": 3}
    assert overtaken(store, Scope(("it",), class_id="Q5")) == overtook
    assert overtaken(store) == {
        **overtook,
        "the entity was merged into another": 1,
        "the entity was deleted": 1,
    }
    assert overtaken(store, Scope(("fr",))) == {}


def test_the_story_of_a_term(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    call = Call("f1", "big", model_requested="big", model_resolved="big-2", cost=0.01)
    text = "Douglas Adams"
    graph = Evidence("names", SourceKind.GRAPH, from_language="en", from_text=text)
    model = Evidence("big", SourceKind.LLM, call="f1", score=0.75, licence="CC-BY-4.0")
    unused = Evidence("names", SourceKind.GRAPH, note="not in the proposal")
    candidate = Candidate("Q42", "it", LABEL, text, (graph, model))
    save_answers(store, 3, Source("big"), [Answer((candidate,), call)])
    names = Source("names", SourceKind.GRAPH, "CC0-1.0")
    save_answers(store, 3, names, [Answer((Candidate("Q42", "it", LABEL, text, (unused,)),))])
    one = proposal()
    one = type(one)(candidate, one.score, one.votes, one.probability, one.ranker, one.reasons)
    save_proposals(store, 4, [one], {"Q42": 100})
    save_decisions(store, [decision(one)])
    (row,) = provenance_rows(store)
    assert row.term == TermRow("Q42", "it", LABEL, text, "accepted", candidate.id, 0.0)
    assert row.proposal == one and (row.run, row.revision) == (4, 100)
    assert row.decision == decision(one)
    assert [(e.evidence, e.run, e.licence, e.call) for e in row.evidence] == [
        (graph, 3, "CC0-1.0", None),
        (model, 3, "CC-BY-4.0", call),
    ]


@pytest.mark.slow
def test_memory_is_flat(store: Store) -> None:
    def load(first: int) -> None:
        texts = {f"x-{n}": f"text of {n}" for n in range(20)}
        load_entities(store, [Entity(f"Q{n}", labels=texts) for n in range(first, first + 1000)])

    def peak() -> int:
        tracemalloc.start()
        count = sum(1 for _ in term_rows(store))
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count % 20_000 == 0
        return memory

    load(1)
    small = peak()
    for first in range(1001, 4001, 1000):
        load(first)
    assert peak() < 1.5 * small + 200_000


def test_duplicates_of_label_and_description(store: Store) -> None:
    load_entities(
        store,
        [
            Entity("Q1", labels={"en": "Rome"}, descriptions={"en": "city"}),
            Entity("Q2", labels={"en": "Rome", "it": "Roma"}, descriptions={"it": "city"}),
        ],
    )
    taken = taken_in(store)
    assert taken("Q2", "en", "Rome", "city")
    assert not taken("Q1", "en", "Rome", "city"), "it is itself"
    assert not taken("Q2", "it", "Rome", "city") and not taken("Q2", "xx", "Rome", "city")


def test_duplicates_are_looked_up_by_the_index(store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        seen: list[str] = []
        with store.read() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.set_trace_callback(seen.append)
        taken_in(store)("Q1", "en", "Rome", "city")
        (query,) = [statement for statement in seen if "SELECT" in statement]
        with store.read() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
        assert any("labels_by_text" in str(row) for row in plan)


def test_exports_are_recorded_once(store: Store) -> None:
    for _ in range(2):
        record_export(store, 1, "nt", "out.nt", 12, "0" * 64)
    record_export(store, 2, "nt", "out.nt", 12, "0" * 64)
    assert len(dump(store)["exports"]) == 2


def test_an_export_is_known_by_its_place_and_hash(store: Store) -> None:
    record_export(store, 1, "nt", "out.nt", 12, "0" * 64)
    assert is_export(store, "out.nt", "0" * 64)
    assert is_export(store, str(Path("out.nt").resolve()), "0" * 64)
    assert not is_export(store, "other.nt", "0" * 64)
    assert not is_export(store, "out.nt", "1" * 64)


def test_info_counts(store: Store) -> None:
    assert info(store).entities == 0
    load_entities(store, [DOUGLAS, UNIVERSE, THING, Entity("Q9", deleted=True)])
    save(store, proposal())
    told = info(store)
    assert (told.entities, told.gone, told.classes) == (3, 1, 4)
    assert (told.labels, told.descriptions, told.proposals, told.evidence) == (7, 2, 1, 2)
    assert told.definitions == 0
    load_entities(store, [Entity("Q2", definitions={"en": "It is.", "de": "Es ist."})])
    assert info(store).definitions == 2
    assert told.languages == 7 and told.bytes > 10_000
