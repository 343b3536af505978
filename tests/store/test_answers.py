"""Answers: every call, candidate and piece of evidence once, and found again by fingerprint."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import select

from kgenrich.model import Call, Candidate, Evidence, SourceKind, TermKind
from kgenrich.store.base import Store
from kgenrich.store.story.answers import evidence_id, known_answers, read_evidence, save_answers
from kgenrich.store.tables import calls, sources
from tests.stores import dump

LABEL = TermKind.LABEL


class Source(Struct):
    name: str = "big"
    kind: SourceKind = SourceKind.LLM
    licence: str = "CC0-1.0"


class Answer(Struct):
    candidates: tuple[Candidate, ...] = ()
    call: Call | None = None


def candidate(text: str, *evidence: Evidence, entity: str = "Q42") -> Candidate:
    return Candidate(entity, "it", LABEL, text, evidence)


def said(call: str = "", score: float | None = None, **more: object) -> Evidence:
    return Evidence("big", SourceKind.LLM, call=call, score=score, **more)  # type: ignore[arg-type]


def save(store: Store, answers: Sequence[Answer], run: int = 1) -> None:
    save_answers(store, run, Source(), answers)


def test_what_was_answered_is_known_in_the_order_of_the_answer(store: Store) -> None:
    found = (
        candidate("zeta", said("f1", 0.9, rank=1, raw="1. zeta", url="https://example.org/a")),
        candidate("alfa", said("f1", 0.5, rank=2), said("f1", None, note="twice")),
        candidate("thing", said("f1"), entity="http://example.org/thing"),
    )
    save(store, [Answer(found, Call("f1", "big", cost=0.5)), Answer((), Call("f2", "big"))])
    assert known_answers(store, "big", ["f1", "f2", "f3"]) == {"f1": found, "f2": ()}
    assert known_answers(store, "other", ["f1"]) == {}
    assert known_answers(store, "big", []) == {}


def test_saving_again_changes_nothing(store: Store) -> None:
    answers = [Answer((candidate("a", said("f1", 0.1)),), Call("f1", "big", seconds=2.0))]
    save(store, answers)
    before = dump(store)
    save(store, answers, run=2)
    assert dump(store) == before


def test_a_candidate_keeps_the_evidence_of_every_call(store: Store) -> None:
    for call in ("f1", "f2"):
        save(store, [Answer((candidate("a", said(call)),), Call(call, "big"))])
    assert len(dump(store)["candidates"]) == 1 and len(dump(store)["evidence"]) == 2
    assert known_answers(store, "big", ["f2"]) == {"f2": (candidate("a", said("f2")),)}


def test_a_failed_call_is_not_known_and_gives_way_to_an_answer(store: Store) -> None:
    save(store, [Answer(call=Call("f1", "big", error="busy"))])
    assert known_answers(store, "big", ["f1"]) == {}
    save(store, [Answer((candidate("a", said("f1")),), Call("f1", "big", tokens_out=3))])
    save(store, [Answer(call=Call("f1", "big", error="busy again"))])
    assert known_answers(store, "big", ["f1"]) == {"f1": (candidate("a", said("f1")),)}
    with store.read() as connection:
        row = connection.execute(select(calls)).one()
    assert (row.error, row.tokens_out) == ("", 3)


def test_evidence_without_a_call_is_kept_once(store: Store) -> None:
    for _ in range(2):
        save(store, [Answer((candidate("a", said(score=0.25)),))])
    assert len(dump(store)["evidence"]) == 1 and dump(store)["calls"] == []


def test_sources_are_told_by_name_and_keep_their_latest_licence(store: Store) -> None:
    other = Evidence("page", SourceKind.SEARCH)
    save_answers(store, 1, Source(licence=""), [Answer((candidate("a", said(), other),))])
    save_answers(store, 1, Source(licence="CC-BY-4.0"), [])
    with store.read() as connection:
        rows = connection.execute(select(sources).order_by(sources.c.name)).all()
    assert [tuple(row[1:]) for row in rows] == [
        ("big", "llm", "CC-BY-4.0"),
        ("page", "search", ""),
    ]


def test_hostile_texts_of_models_and_pages_do_not_stop_a_run(store: Store) -> None:
    nasty = said("f1", raw="a\0b \ud800", url="http://x/\0", note="\0")
    answer = Answer(
        (candidate("good", nasty), candidate("bad\0", said("f1")), candidate("half\udfff")),
        Call("f1", "big", answer="\0\ud800"),
    )
    save(store, [answer])
    ((kept,),) = known_answers(store, "big", ["f1"]).values()
    assert kept.text == "good" and kept.evidence[0].raw == "a\ufffdb ?"


def test_every_field_of_evidence_reads_back(store: Store) -> None:
    known = {"kind": SourceKind.MT, "score": 0.5, "rank": 3, "call": "f1"}
    filled = {
        name: known.get(name, f"<{name}>")
        for name in Evidence.__struct_fields__
        # Set by the consensus alone, and told by the candidate that the evidence belongs to.
        if name != "spelling"
    }
    full = Evidence(**filled)  # type: ignore[arg-type]
    save(store, [Answer((candidate("a", full),), Call("f1", "big"))])
    id = evidence_id(candidate("a"), full)
    with store.read() as connection:
        assert read_evidence(connection, [id]) == {id: ("a", full)}
