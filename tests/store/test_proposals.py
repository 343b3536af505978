"""Proposals and decisions: one of each holds, the others are history."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import msgspec
import pytest
from sqlalchemy import select

from kgenrich.errors import StoreError, UsageError
from kgenrich.model import (
    Call,
    Candidate,
    Decision,
    Entity,
    Evidence,
    Proposal,
    Scope,
    SourceKind,
    TermKind,
    Verdict,
)
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.answers import known_answers, save_answers
from kgenrich.store.story.decisions import Saved, decisions, save_decisions
from kgenrich.store.story.exports import provenance_rows, term_rows
from kgenrich.store.story.proposals import find_proposal, proposals, save_proposals
from kgenrich.store.tables import decisions as table
from tests.store.test_answers import Answer, Source
from tests.stores import DOUGLAS, THING, UNIVERSE, dump

LABEL, ALIAS = TermKind.LABEL, TermKind.ALIAS
AT = "2026-01-02T03:04:05+00:00"
replace = msgspec.structs.replace


def proposal(
    entity: str = "Q42",
    text: str = "Douglas Adams",
    language: str = "it",
    kind: TermKind = LABEL,
    probability: float = 0.9,
    rank: int = 1,
    codes: tuple[str, ...] = (),
) -> Proposal:
    evidence = (
        Evidence("names", SourceKind.GRAPH, from_language="en", from_text=text),
        Evidence("big", SourceKind.LLM, score=0.5),
    )
    candidate = Candidate(entity, language, kind, text, evidence)
    votes: Mapping[str, int] = {SourceKind.LLM: 1, SourceKind.GRAPH: 1}
    return Proposal(candidate, 2, votes, probability, "pool-1", ("two agree",), codes, rank)


def save(store: Store, *wanted: Proposal, run: int = 1, revision: int = 100) -> int:
    found = [Answer((one.candidate,)) for one in wanted]
    save_answers(store, run, Source("names", SourceKind.GRAPH), found)
    return save_proposals(store, run, wanted, {one.candidate.entity: revision for one in wanted})


def decision(one: Proposal, verdict: Verdict = Verdict.ACCEPT, **more: object) -> Decision:
    told = {"author": "ann", "text": one.candidate.text, "at": AT, **more}
    return Decision(one.candidate.id, verdict, **told)  # type: ignore[arg-type]


def saved(store: Store, *wanted: Decision) -> Saved:
    """What keeping decisions says, but for the name of the action."""
    return replace(save_decisions(store, wanted), batch="")


def test_a_proposal_reads_back_with_its_evidence(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    assert save(store, proposal(), run=7) == 1
    (stored,) = proposals(store)
    assert stored.proposal == proposal()
    assert (stored.revision, stored.run_id, stored.decision) == (100, 7, None)
    assert find_proposal(store, stored.proposal.candidate.id[:6].upper()) == stored


def test_evidence_that_the_consensus_took_from_another_spelling(store: Store) -> None:
    answer = Candidate("Q42", "it", LABEL, "D. Adams", (Evidence("big", SourceKind.LLM, "f1"),))
    save_answers(store, 1, Source(), [Answer((answer,), Call("f1", "big"))])
    moved = replace(answer.evidence[0], spelling="D. Adams")
    one = proposal()
    one = replace(one, candidate=replace(one.candidate, evidence=(moved,)))
    assert save_proposals(store, 1, [one], {}) == 1
    assert [stored.proposal for stored in proposals(store)] == [one]
    assert known_answers(store, "big", ["f1"]) == {"f1": (answer,)}
    before = dump(store)
    assert save_proposals(store, 2, [one], {}) == 0
    assert dump(store) == before


def test_proposals_bring_their_evidence_with_them(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    bare = proposal(kind=ALIAS)
    spelled = replace(bare.candidate.evidence[1], spelling="DOUGLAS ADAMS")
    evidence = (bare.candidate.evidence[0], spelled)
    one = replace(bare, candidate=replace(bare.candidate, evidence=evidence))
    assert save_proposals(store, 3, [one], {"Q42": 100}) == 1
    assert [stored.proposal for stored in proposals(store)] == [one]
    (row,) = provenance_rows(store)
    assert [(piece.evidence, piece.run) for piece in row.evidence] == [(e, 3) for e in evidence]
    before = dump(store)
    assert save_proposals(store, 4, [one], {"Q42": 100}) == 0
    assert dump(store) == before


def test_the_same_again_changes_nothing(store: Store) -> None:
    save(store, proposal(), proposal("Q1", "Universo"))
    before = dump(store)
    assert save(store, proposal("Q1", "Universo"), proposal(), run=2) == 0
    assert dump(store) == before


def test_a_new_proposal_of_a_candidate_takes_the_place_of_the_old_one(store: Store) -> None:
    save(store, proposal(probability=0.5))
    assert save(store, proposal(probability=0.7)) == 1
    assert [stored.proposal.probability for stored in proposals(store)] == [0.7]
    assert len(dump(store)["proposals"]) == 2, "the old one is history"
    assert save(store, proposal(probability=0.7), revision=101) == 1, "another revision"
    assert save(store, proposal(probability=0.5)) == 1
    assert [stored.proposal.probability for stored in proposals(store)] == [0.5]
    assert len(dump(store)["proposals"]) == 3, "it was known already"


def test_the_most_linked_entity_comes_first_then_by_rank(store: Store) -> None:
    load_entities(store, [THING, UNIVERSE, DOUGLAS])
    second = proposal(text="D. Adams", rank=2, probability=0.2)
    mine = [second, proposal(THING.id, "roba", "de"), proposal("Q1", "Universo"), proposal()]
    save(store, *mine)
    found = [(s.proposal.candidate.entity, s.proposal.rank) for s in proposals(store)]
    assert found == [("Q42", 1), ("Q42", 2), (THING.id, 1), ("Q1", 1)]
    assert len(list(proposals(store, limit=3))) == 3
    assert [s.proposal for s in proposals(store, Scope(ids=("Q1",)))] == [
        proposal("Q1", "Universo")
    ]
    assert [s.proposal for s in proposals(store, Scope(("de",)))] == [mine[1]]
    assert list(proposals(store, Scope(kinds=(TermKind.ALIAS,)))) == []
    assert len(list(proposals(store, Scope(class_id="Q5")))) == 3
    assert len(list(proposals(store, minimum=0.3))) == 3


def test_open_ones_can_still_be_decided(store: Store) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE, Entity("Q9", deleted=True)])
    first, second = proposal(), proposal(text="D. Adams", rank=2)
    alias, gone = proposal(kind=ALIAS, text="DNA"), proposal("Q9", "x")
    there = proposal(language="ru", text="Дуглас")
    save(store, first, second, alias, gone, there)
    assert {s.proposal.candidate.text for s in proposals(store, state="open")} == {
        "Douglas Adams", "D. Adams", "DNA",
    }  # fmt: skip
    assert save_decisions(store, [decision(first), decision(alias)]).new == 2
    assert list(proposals(store, state="open")) == [], "another label was accepted"
    assert len(list(proposals(store, state="decided"))) == 2
    save_decisions(store, [decision(first, Verdict.REJECT)])
    assert [s.proposal for s in proposals(store, state="open")] == [second]


def test_decisions_supersede_and_stay(store: Store) -> None:
    one = proposal()
    save(store, one)
    accepted = decision(one, score=2, probability=0.9, ranker="pool-1", revision=100)
    assert save_decisions(store, [accepted]).new == 1
    assert save_decisions(store, [replace(accepted, at="later")]).new == 0, "the same again"
    edited = decision(one, Verdict.EDIT, text="Douglas N. Adams", comment="fuller")
    assert save_decisions(store, [edited, edited]).new == 1
    assert decisions(store, one.candidate.id) == [accepted, edited]
    assert find_proposal(store, one.candidate.id).decision == edited
    assert save_decisions(store, [accepted]).new == 1, "back again is a decision too"
    assert decisions(store, one.candidate.id) == [accepted, edited, accepted]
    assert decisions(store, "0" * 32) == []
    with store.read() as connection:
        held = connection.execute(select(table.c.current).order_by(table.c.id)).scalars().all()
    assert held == [False, False, True]


def test_an_entity_has_one_accepted_label_in_a_language(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    first, second, alias = proposal(), proposal(text="D. Adams", rank=2), proposal(kind=ALIAS)
    other = proposal(language="de")
    save(store, first, second, alias, proposal(kind=ALIAS, text="DNA"), other)
    for one in (alias, proposal(kind=ALIAS, text="DNA"), other, first):
        assert saved(store, decision(one)) == Saved(1)
    edited = decision(second, Verdict.EDIT, text="D. N. Adams")
    assert saved(store, edited) == Saved(1, (decision(first),))
    rows = term_rows(store, Scope(("it",)), states=("accepted",))
    assert {(row.kind, row.text) for row in rows} == {
        (LABEL, "D. N. Adams"),
        (ALIAS, "Douglas Adams"),
        (ALIAS, "DNA"),
    }
    assert decisions(store, first.candidate.id) == [decision(first)], "it stays, as history"
    assert find_proposal(store, first.candidate.id).decision is None
    assert saved(store, edited) == Saved(), "the same again"
    assert saved(store, decision(first, Verdict.REJECT)) == Saved(1)
    assert find_proposal(store, second.candidate.id).decision == edited
    both = [decision(first), decision(second), decision(first)]
    assert save_decisions(store, both).superseded == (decision(second),)
    assert find_proposal(store, first.candidate.id).decision == decision(first)
    assert find_proposal(store, second.candidate.id).decision is None


def test_several_decisions_on_one_candidate_in_one_call(store: Store) -> None:
    one = proposal()
    save(store, one)
    said = [decision(one), decision(one, Verdict.REJECT), decision(one)]
    assert save_decisions(store, said).new == 3
    assert find_proposal(store, one.candidate.id).decision == said[-1]


def test_a_decision_needs_a_candidate_and_is_kept_whole_or_not_at_all(store: Store) -> None:
    one = proposal()
    save(store, one)
    with pytest.raises(StoreError, match="no candidate 0000"):
        save_decisions(store, [decision(one), Decision("0" * 32, Verdict.ACCEPT, "a", "b", AT)])
    assert decisions(store, one.candidate.id) == []


def test_naming_a_candidate(store: Store) -> None:
    save(store, *(proposal(f"Q{n}", "x") for n in range(1, 40)))
    ids = sorted(s.proposal.candidate.id for s in proposals(store))
    shared = next(a[:1] for a, b in pairwise(ids) if a[0] == b[0])
    with pytest.raises(UsageError, match="More than one"):
        find_proposal(store, shared)
    with pytest.raises(UsageError, match="no proposal"):
        find_proposal(store, "f" * 32)
    for wrong in ("", "xyz", "%"):
        with pytest.raises(UsageError, match="hexadecimal"):
            find_proposal(store, wrong)


def test_a_text_that_no_database_can_keep_is_left_out(store: Store) -> None:
    assert save_proposals(store, 1, [proposal(text="a\0b"), proposal(text="\ud800")], {}) == 0
    assert list(proposals(store)) == []


def test_many_proposals_stream_while_decisions_are_written(store: Store) -> None:
    load_entities(store, [Entity(f"Q{n}") for n in range(1, 1201)])
    save(store, *(proposal(f"Q{n}", f"name {n}") for n in range(1, 1201)))
    seen = 0
    for stored in proposals(store):
        seen += 1
        if seen % 400 == 0:
            assert save_decisions(store, [decision(stored.proposal)]).new == 1
    assert seen == 1200
    assert len(list(proposals(store, state="decided"))) == 3
