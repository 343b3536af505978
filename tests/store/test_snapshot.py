"""A snapshot: one state of the store for a whole export, whatever is decided meanwhile."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from contextlib import closing
from itertools import islice

import pytest

from kgenrich.model import Entity, Proposal, Scope, TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.exports import provenance_rows, term_rows
from kgenrich.store.story.pending_terms import overtaken
from kgenrich.store.story.runs import running, runs
from tests.store.test_proposals import decision, proposal, save

MANY = 1500


def accepted(store: Store, first: int, last: int) -> list[Proposal]:
    load_entities(store, [Entity(f"Q{n}", labels={"en": "x"}) for n in range(first, last)])
    made = [proposal(f"Q{n}", f"nome {n}") for n in range(first, last)]
    save(store, *made)
    save_decisions(store, [decision(one) for one in made])
    return made


@pytest.mark.slow
def test_stories_are_of_one_state_while_others_decide(store: Store, store_url: str) -> None:
    made = accepted(store, 1, MANY + 1)
    other = open_store(store_url)
    stories = provenance_rows(store)
    begun = list(islice(stories, 10))
    save_decisions(other, [decision(one, Verdict.REJECT) for one in made])
    save(other, *(proposal(one.candidate.entity, one.candidate.text, rank=2) for one in made))
    told = begun + list(stories)
    assert Counter(row.term.state for row in told) == {"accepted": MANY}
    assert {row.decision.verdict for row in told if row.decision} == {Verdict.ACCEPT}
    assert [row.proposal for row in told] == made and all(row.evidence for row in told)
    assert list(provenance_rows(store)) == [], "the next export shows what was decided"
    other.close()


def test_everything_read_through_it_shows_one_state(store: Store, store_url: str) -> None:
    made = accepted(store, 1, 30)
    every = ("asserted", "accepted", "proposed")
    with store.snapshot() as snapshot:
        first, second = term_rows(snapshot, states=every), term_rows(snapshot, states=every)
        rows = [next(first), next(second)]
        assert rows[0] == rows[1], "several readings stand open at once"
        other = open_store(store_url)
        load_entities(other, [Entity("Q1", labels={"it": "nome", "x-new": "y"}), Entity("Q999")])
        save_decisions(other, [decision(made[1], Verdict.REJECT)])
        with running(store, "export", {}, "h"):
            assert [*first] == [*second] and overtaken(snapshot) == {} and [*runs(snapshot)] == []
        with snapshot.snapshot() as same:
            assert same is snapshot
        assert {row.language for row in term_rows(snapshot)} == {"en", "it"}
        other.close()
    assert overtaken(store) == {"the graph has the term by now": 1}
    assert len(list(runs(store))) == 1


def test_a_language_that_others_numbered_since_is_known_to_it(store: Store, store_url: str) -> None:
    with closing(open_store(store_url)) as other:
        load_entities(other, [Entity("Q1", labels={"x-new": "y"})])
    with store.snapshot() as snapshot:
        assert [row.language for row in term_rows(snapshot)] == ["x-new"]
        assert len(list(term_rows(snapshot, Scope(("x-new",), (TermKind.LABEL,))))) == 1


@pytest.mark.slow
def test_memory_is_flat(store: Store) -> None:
    def peak() -> int:
        # Beside all that other tests have left, garbage would be collected too seldom: what is
        # frozen no longer counts once the rest is collected.
        gc.freeze()
        gc.collect()
        tracemalloc.start()
        with store.snapshot() as snapshot:
            for _ in range(2):
                assert sum(1 for _ in provenance_rows(snapshot)) % 1500 == 0
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        gc.unfreeze()
        return memory

    # More than a page, and than the ids that are remembered.
    accepted(store, 1, 4501)
    # The first time queries are compiled.
    peak()
    small = peak()
    accepted(store, 4501, 12001)
    assert peak() < 1.3 * small
