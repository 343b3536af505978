"""Where one alone does not decide: opinions, when they agree, and what becomes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.model import Entity, TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.decisions import decisions, save_decisions
from kgenrich.store.story.exports import term_rows
from kgenrich.store.story.leases import skip, take_next
from kgenrich.store.story.opinions import opinions_of
from kgenrich.store.story.policies import Policy, is_sampled, set_policy, set_trust
from kgenrich.store.story.proposals import find_proposal
from kgenrich.store.story.queue import QueueFilter, count_items, items, progress
from kgenrich.store.story.queue_upkeep import DISAGREEMENT, SECOND
from kgenrich.store.story.reviewers import add_reviewer, revoke
from kgenrich.store.story.undoing import actions, last_batch
from kgenrich.store.story.undoing import undo_batch as undo
from tests.store.test_proposals import AT, decision, proposal, save
from tests.store.test_queue import EVERY, is_sound
from tests.stores import DOUGLAS, dump, empty

ACCEPT, REJECT, EDIT = Verdict.ACCEPT, Verdict.REJECT, Verdict.EDIT
FIRST, SECOND_ONE = proposal(), proposal(text="D. Adams", rank=2)


@pytest.fixture
def shared(store: Store) -> Store:
    """A store with two candidates for one label, on which two people decide."""
    load_entities(store, [DOUGLAS])
    save(store, FIRST, SECOND_ONE)
    set_policy(store, ("it",), Policy(2))
    return store


def accepted(store: Store) -> list[str]:
    """What would be written."""
    return [row.text for row in term_rows(store, states=("accepted",))]


def state(store: Store) -> list[str]:
    return [item.state for item in items(store, EVERY, limit=9)]


def test_one_opinion_decides_nothing_and_two_that_agree_do(shared: Store) -> None:
    saved = save_decisions(shared, [decision(FIRST)])
    assert (saved.new, saved.waiting) == (1, 1)
    assert (accepted(shared), state(shared)) == ([], [SECOND])
    assert find_proposal(shared, FIRST.candidate.id).decision is None
    assert progress(shared)["it", TermKind.LABEL].decided == {}
    saved = save_decisions(shared, [decision(FIRST, author="ben")])
    assert (saved.new, saved.waiting) == (1, 0)
    assert (accepted(shared), state(shared)) == (["Douglas Adams"], [])
    assert progress(shared)["it", TermKind.LABEL].decided == {"accept": 1}
    assert is_sound(shared)


def test_the_same_person_twice_is_one_opinion(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST)])
    before = dump(shared)
    assert save_decisions(shared, [decision(FIRST, at="2027-01-01")]).new == 0
    assert dump(shared) == before
    save_decisions(shared, [decision(FIRST, EDIT, text="Adams")])
    assert accepted(shared) == [] and state(shared) == [SECOND]
    (mine,) = opinions_of(shared, "Q42", _slot(shared), FIRST.candidate.id)
    assert (mine.decision.verdict, mine.decision.text) == (EDIT, "Adams")


def _slot(store: Store) -> int:
    slot = store.slots.slot("it", TermKind.LABEL)
    assert slot is not None
    return slot


def test_a_disagreement_is_settled_by_a_third(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST)])
    save_decisions(shared, [decision(FIRST, REJECT, author="ben")])
    assert (accepted(shared), state(shared)) == ([], [DISAGREEMENT])
    save_decisions(shared, [decision(FIRST, author="eve")])
    assert (accepted(shared), state(shared)) == (["Douglas Adams"], [])
    assert is_sound(shared)


def test_a_disagreement_is_settled_by_the_two(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST)])
    save_decisions(shared, [decision(SECOND_ONE, author="ben")])
    assert state(shared) == [DISAGREEMENT], "two wordings of one label"
    save_decisions(shared, [decision(SECOND_ONE)])
    assert (accepted(shared), state(shared)) == (["D. Adams"], [])


def test_whoever_changes_their_mind_opens_it_again(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST), decision(FIRST, author="ben")])
    assert accepted(shared) == ["Douglas Adams"]
    save_decisions(shared, [decision(FIRST, REJECT, author="eve")])
    assert accepted(shared) == ["Douglas Adams"], "two against one"
    save_decisions(shared, [decision(FIRST, REJECT)])
    found = find_proposal(shared, FIRST.candidate.id).decision
    assert found is not None and found.verdict is REJECT
    assert (accepted(shared), state(shared)) == ([], ["open"]), "on to the other candidate"
    for name in ("ann", "ben", "eve"):
        item = take_next(shared, EVERY, name, 0.0)
        assert item and item.candidate_id == SECOND_ONE.candidate.id
        skip(shared, item.candidate_id, name)
    save_decisions(shared, [decision(FIRST, author="eve")])
    assert accepted(shared) == [] and is_sound(shared)
    save_decisions(shared, [decision(FIRST, author="ben")])
    assert accepted(shared) == ["Douglas Adams"]


def test_without_a_majority_nothing_holds(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST), decision(FIRST, author="ben")])
    save_decisions(shared, [decision(FIRST, REJECT)])
    assert (accepted(shared), state(shared)) == ([], [DISAGREEMENT])
    assert find_proposal(shared, FIRST.candidate.id).decision is None and is_sound(shared)


def test_reopening_begins_anew(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST), decision(FIRST, author="ben")])
    save_decisions(shared, [decision(FIRST, Verdict.REOPEN, author="eve")])
    assert (accepted(shared), state(shared)) == ([], ["open"])
    save_decisions(shared, [decision(FIRST, author="eve")])
    assert accepted(shared) == []


def test_more_votes_than_reviewers(shared: Store) -> None:
    set_policy(shared, ("it",), Policy(2, votes=3))
    for author in ("ann", "ben"):
        save_decisions(shared, [decision(FIRST, author=author)])
        assert (accepted(shared), state(shared)) == ([], [SECOND])
    save_decisions(shared, [decision(FIRST, author="eve")])
    assert accepted(shared) == ["Douglas Adams"]


def test_nobody_accepts_their_own_wording_where_that_is_not_allowed(shared: Store) -> None:
    set_policy(shared, ("it",), Policy(1, self_review=False))
    save_decisions(shared, [decision(FIRST, EDIT, text="Adams")])
    assert (accepted(shared), state(shared)) == ([], [DISAGREEMENT])
    save_decisions(shared, [decision(FIRST, EDIT, text="Adams", comment="mine")])
    assert accepted(shared) == []
    save_decisions(shared, [decision(FIRST, EDIT, text="Adams", author="ben")])
    assert accepted(shared) == ["Adams"]


def test_rules_do_not_decide_where_people_have_to(shared: Store) -> None:
    set_policy(shared, ("it",), Policy(1))
    save_decisions(shared, [decision(FIRST, author="policy: over 0.9, by ann")])
    assert accepted(shared) == []
    save_decisions(shared, [decision(FIRST)])
    assert accepted(shared) == ["Douglas Adams"]


def test_a_policy_of_all_others_holds_where_a_language_has_none(shared: Store) -> None:
    set_policy(shared, ("",), Policy(2))
    set_policy(shared, ("it",), None)
    save_decisions(shared, [decision(FIRST)])
    assert accepted(shared) == []
    set_policy(shared, ("it",), Policy())
    save_decisions(shared, [decision(FIRST, author="ben")])
    assert accepted(shared) == ["Douglas Adams"]


def test_what_newcomers_decide_is_sampled(store: Store) -> None:
    load_entities(store, [Entity(f"Q{n}") for n in range(1, 41)])
    every = [proposal(f"Q{n}", "x") for n in range(1, 41)]
    save(store, *every)
    add_reviewer(store, "ann", "token", "en", "", "new")
    set_policy(store, ("it",), Policy(sampled=0.3))
    save_decisions(store, [decision(one) for one in every])
    sampled = [one for one in every if is_sampled(one.candidate.id, 0.3)]
    assert 4 < len(sampled) < 20
    assert len(accepted(store)) == 40 - len(sampled)
    assert count_items(store, QueueFilter(states=(SECOND,))).number == len(sampled)
    save_decisions(store, [decision(sampled[0], author="ben")])
    assert count_items(store, QueueFilter(states=(SECOND,))).number == len(sampled) - 1
    assert set_trust(store, "ann", "trusted")
    save_decisions(store, [decision(sampled[1])])
    assert len(accepted(store)) == 40 - len(sampled) + 2
    assert is_sound(store) and revoke(store, "ann")


def test_the_second_is_asked_and_the_first_is_not(shared: Store) -> None:
    mine = take_next(shared, QueueFilter(), "ann", 0.0)
    assert mine
    save_decisions(shared, [decision(FIRST)])
    assert take_next(shared, QueueFilter(), "ann", 1.0) is None
    assert take_next(shared, QueueFilter(), "ben", 2000.0) is not None
    save_decisions(shared, [decision(FIRST, REJECT, author="ben")])
    for name in ("ann", "ben", "eve"):
        found = take_next(shared, QueueFilter(states=(DISAGREEMENT,)), name, 9000.0)
        assert found is not None, name
        take_next(shared, QueueFilter(), name, 9001.0)


def test_opinions_are_taken_back_as_decisions_are(shared: Store) -> None:
    one = save_decisions(shared, [decision(FIRST)])
    two = save_decisions(shared, [decision(FIRST, author="ben")])
    assert undo(shared, one.batch, "ann", AT).overtaken == 1, "it has led to a decision"
    assert accepted(shared) == ["Douglas Adams"]
    back = undo(shared, two.batch, "ben", AT)
    assert back.candidates == (FIRST.candidate.id,)
    assert (accepted(shared), state(shared)) == ([], [SECOND])
    undo(shared, back.batch, "ben", AT)
    assert (accepted(shared), state(shared)) == (["Douglas Adams"], [])
    undo(shared, last_batch(shared, ["ben"]), "ben", AT)
    assert last_batch(shared, ["ann"]) == one.batch
    assert undo(shared, one.batch, "ann", AT).candidates == (FIRST.candidate.id,)
    assert (accepted(shared), state(shared)) == ([], ["open"])
    assert [one.count for one in actions(shared, None, 9)] == [1] * 6
    assert is_sound(shared) and len(decisions(shared, FIRST.candidate.id)) == 7


def test_undoing_brings_an_earlier_opinion_back(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST)])
    flip = save_decisions(shared, [decision(FIRST, REJECT)])
    undo(shared, flip.batch, "ann", AT)
    save_decisions(shared, [decision(FIRST, author="ben")])
    assert accepted(shared) == ["Douglas Adams"]


def test_two_who_agree_at_the_same_moment_decide(shared: Store) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: save_decisions(shared, [decision(FIRST, author=name)]), "ab"))
    assert accepted(shared) == ["Douglas Adams"] and is_sound(shared)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    said=st.lists(
        st.tuples(
            st.sampled_from(("ann", "ben", "eve")),
            st.sampled_from((*Verdict, None)),
            st.booleans(),
        ),
        max_size=12,
    ),
    needed=st.integers(0, 2),
)
def test_nothing_is_accepted_without_enough_who_say_so(
    shared: Store, said: list[tuple[str, Verdict | None, bool]], needed: int
) -> None:
    """Whatever is said, reopened and taken back, in whatever order."""
    empty(shared)
    load_entities(shared, [DOUGLAS])
    save(shared, FIRST, SECOND_ONE)
    set_policy(shared, ("it",), Policy(needed))
    for author, verdict, is_first in said:
        if verdict is None:
            if batch := last_batch(shared, [author]):
                undo(shared, batch, author, AT)
        else:
            one = FIRST if is_first else SECOND_ONE
            save_decisions(shared, [decision(one, verdict, author=author)])
        found = accepted(shared)
        assert len(found) <= 1 and is_sound(shared)
        opinions = [one.decision for one in opinions_of(shared, "Q42", _slot(shared), "")]
        for_it = {one.author for one in opinions if found == [one.text]}
        if found and needed == 2:
            assert len(for_it) >= 2, opinions
        assert len({one.author for one in opinions}) == len(opinions), "one opinion each"


def test_neither_a_new_source_nor_a_new_proposal_alone_opens_a_decision(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    save(store, FIRST, SECOND_ONE)
    save_decisions(store, [decision(FIRST, revision=100)])
    load_entities(store, [replace(DOUGLAS, revision=101, classes=("Q7",))])
    assert (accepted(store), state(store)) == (["Douglas Adams"], [])
    save(store, proposal(text="Adams", probability=0.99), revision=101)
    assert (accepted(store), state(store)) == (["Douglas Adams"], [])
    save_decisions(store, [decision(FIRST, REJECT)])
    assert state(store) == ["open"], "what is new is proposed once the old one is rejected"
    save(store, replace(FIRST, probability=0.99), revision=102)
    found = items(store, EVERY, limit=9)
    assert FIRST.candidate.id not in {item.candidate_id for item in found}


def test_what_people_have_written_meanwhile_ends_a_disagreement(shared: Store) -> None:
    save_decisions(shared, [decision(FIRST), decision(FIRST, REJECT, author="ben")])
    assert state(shared) == [DISAGREEMENT]
    labels = {**DOUGLAS.labels, "it": "Adams"}
    load_entities(shared, [replace(DOUGLAS, labels=labels, revision=101)])
    assert (accepted(shared), state(shared)) == ([], []) and is_sound(shared)
