"""The review queue: what is in it, its counts, leases, and taking decisions back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import delete, select, update

from kgenrich.model import Entity, Scope, TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.keys import entity_key
from kgenrich.store.migrate import check
from kgenrich.store.story.decisions import decisions, save_decisions
from kgenrich.store.story.leases import LEASE, skip, take, take_next, unskip
from kgenrich.store.story.proposals import find_proposal, proposals
from kgenrich.store.story.queue import (
    MANY,
    Count,
    QueueFilter,
    count_items,
    facets,
    items,
    position,
    progress,
    source_names,
)
from kgenrich.store.story.queue_upkeep import STATES, rebuild, settle, wrong_entities
from kgenrich.store.story.undoing import last_batch
from kgenrich.store.story.undoing import undo_batch as undo
from kgenrich.store.tables import queue, queue_counts
from tests.store.test_proposals import AT, decision, proposal, save
from tests.stores import DOUGLAS, THING, UNIVERSE, dump

LABEL, ALIAS, DESCRIPTION = TermKind.LABEL, TermKind.ALIAS, TermKind.DESCRIPTION
EVERY = QueueFilter(states=STATES, floor=0.0)


def texts(store: Store, chosen: QueueFilter = EVERY) -> list[str]:
    """What is proposed in the queue, in its order."""
    found = items(store, chosen, limit=1000)
    return [find_proposal(store, one.candidate_id).proposal.candidate.text for one in found]


def is_sound(store: Store) -> bool:
    """Whether the kept queue and its counts are what proposals and decisions say."""
    settle(store)
    with store.read() as connection:
        return wrong_entities(connection) == 0


def test_the_queue_has_the_best_open_candidate_of_each_term(store: Store) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE, THING, Entity("Q9", deleted=True)])
    first, second = proposal(), proposal(text="D. Adams", rank=2, probability=0.3)
    forbidden = proposal("Q1", "Universe", "fr", codes=("E-same",))
    there = proposal(language="ru", text="Дуглас")
    save(
        store,
        second,
        first,
        forbidden,
        there,
        proposal("Q9", "x"),
        proposal(THING.id, "roba", "de"),
    )
    assert texts(store) == ["Douglas Adams", "roba"]
    save_decisions(store, [decision(first, Verdict.REJECT)])
    assert texts(store) == ["D. Adams", "roba"], "the next one of the same term"
    assert texts(store, QueueFilter()) == ["roba"], "that is under the floor"
    save_decisions(store, [decision(second)])
    assert texts(store) == ["roba"]
    assert is_sound(store)


def test_what_leaves_a_candidate_open_gives_it_a_state(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    one = proposal()
    save(store, one)
    for verdict in (Verdict.UNSURE, Verdict.DISCUSS):
        save_decisions(store, [decision(one, verdict)])
        assert texts(store, QueueFilter(states=(verdict,))) == ["Douglas Adams"]
        assert texts(store, QueueFilter()) == []
        assert [s.proposal for s in proposals(store, state="open")] == [one]
    save_decisions(store, [decision(one)])
    assert texts(store) == []
    save_decisions(store, [decision(one, Verdict.REOPEN)])
    assert texts(store, QueueFilter()) == ["Douglas Adams"]
    assert is_sound(store)


def test_what_people_have_written_meanwhile_closes_itself(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    save(store, proposal())
    assert texts(store) == ["Douglas Adams"]
    written = replace(DOUGLAS, labels={**DOUGLAS.labels, "it": "Adams"}, revision=101)
    load_entities(store, [written])
    assert texts(store) == [] and is_sound(store)
    load_entities(store, [replace(DOUGLAS, revision=102, classes=("Q7",), sitelinks={})])
    (item,) = items(store, EVERY, limit=5)
    assert (item.links, item.classes) == (0, f" {entity_key('Q7')} ")
    assert is_sound(store)


def test_filters_and_counts_say_the_same(store: Store) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE, THING])
    save(
        store,
        proposal(probability=0.95),
        proposal(kind=ALIAS, text="DNA", codes=("W-script",), probability=0.55),
        proposal("Q1", "Universo", probability=0.3),
        proposal(THING.id, "roba", "de", probability=0.5),
    )
    wanted: list[tuple[QueueFilter, int]] = [
        (QueueFilter(), 3),
        (QueueFilter(floor=0.0), 4),
        (QueueFilter(languages=("it",)), 2),
        (QueueFilter(languages=("it", "de", "ja")), 3),
        (QueueFilter(languages=("ja",)), 0),
        (QueueFilter(languages=("xx-nobody",)), 0),
        (QueueFilter(languages=("it",), kinds=(LABEL,), floor=0.0), 2),
        (QueueFilter(kinds=(ALIAS,)), 1),
        (QueueFilter(class_id="Q5"), 3),
        (QueueFilter(class_id="Q5", languages=("it",), floor=0.0), 2),
        (QueueFilter(class_id="Q5", floor=0.6), 1),
        (QueueFilter(source="names"), 3),
        (QueueFilter(source="nobody"), 0),
        (QueueFilter(code="W-script"), 1),
        (QueueFilter(code="W-%"), 0),
        (QueueFilter(links=1), 2),
        (QueueFilter(links=2), 2),
        (QueueFilter(floor=0.52), 2),
        (QueueFilter(source="names", code="W-script", class_id="Q5"), 1),
        (QueueFilter(ids=("Q42",)), 2),
        (QueueFilter(states=("unsure",)), 0),
    ]
    for chosen, number in wanted:
        found = items(store, chosen, limit=10)
        assert (len(found), count_items(store, chosen)) == (number, Count(number)), chosen
    names = source_names(store)
    told = facets(store, QueueFilter(languages=("it",)))
    assert {names[id]: n for id, n in told["source"].items()} == {"names": 2, "big": 2}
    assert told["code"] == {"W-script": 1}
    assert told["impact"] == {"1": 2}
    assert told["class"] == {str(entity_key("Q5")): 2, str(entity_key("Q215627")): 2}
    save_decisions(store, [decision(proposal(probability=0.95))])
    its = progress(store)["it", LABEL]
    assert (its.states, its.decided) == ({}, {"accept": 1})
    assert progress(store, 0.0)["it", LABEL].states == {"open": 1}


def test_page_by_page_comes_each_once(store: Store) -> None:
    names = [f"Q{n}" for n in range(1, 40)]
    links = {name: dict.fromkeys(("enwiki", "dewiki")[: int(name[1:]) % 3], "x") for name in names}
    load_entities(store, [Entity(name, sitelinks=links[name]) for name in names])
    save(store, *(proposal(name, "x", language) for name in names for language in ("it", "de")))
    for chosen in (EVERY, replace(EVERY, languages=("it", "de"))):
        every = items(store, chosen, limit=1000)
        assert len(every) == 78
        paged = []
        after = None
        while page := items(store, chosen, limit=7, after=after):
            paged += page
            after = position(page[-1])
        assert paged == every


def test_two_reviewers_never_have_the_same_item(store: Store) -> None:
    load_entities(store, [Entity(f"Q{n}") for n in range(1, 4)])
    save(store, *(proposal(f"Q{n}", "x") for n in range(1, 4)))
    ann, ben = (take_next(store, EVERY, name, 0.0) for name in ("ann", "ben"))
    assert ann and ben and ann != ben
    assert take_next(store, EVERY, "ann", 1.0) == ann, "one's own is still there"
    assert take(store, ann.candidate_id, "ben", 2.0) == "ann"
    third = take_next(store, EVERY, "eve", 3.0)
    assert third not in (ann, ben, None)
    assert take_next(store, EVERY, "joe", 4.0) is None
    assert take_next(store, EVERY, "joe", 1.0 + LEASE) == ann, "it has expired"


def test_what_is_put_off_comes_to_others_and_back_on_request(store: Store) -> None:
    load_entities(store, [Entity("Q1"), Entity("Q2")])
    save(store, proposal("Q1", "x"), proposal("Q2", "x"))
    first = take_next(store, EVERY, "ann", 0.0)
    assert first
    skip(store, first.candidate_id, "ann")
    second = take_next(store, EVERY, "ann", 1.0)
    assert second and second != first
    assert take_next(store, EVERY, "ben", 2.0) == first
    assert unskip(store, "ann") == 1
    skip(store, first.candidate_id, "ben")
    assert take_next(store, EVERY, "ann", 3.0) == first


def test_undo_brings_back_what_held_before(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    first, second = proposal(), proposal(text="D. Adams", rank=2)
    save(store, first, second)

    def held() -> list[tuple[str, str] | None]:
        found = (find_proposal(store, one.candidate.id).decision for one in (first, second))
        return [one and (str(one.verdict), one.author) for one in found]

    one = save_decisions(store, [decision(first)])
    two = save_decisions(store, [decision(second, author="ben")])
    assert held() == [None, ("accept", "ben")]
    back = undo(store, two.batch, "ben", AT)
    assert (back.candidates, back.restored, back.overtaken) == ((second.candidate.id,), 1, 0)
    assert held() == [("accept", "ann"), ("reopen", "ben")]
    again = undo(store, back.batch, "ben", AT)
    assert held() == [None, ("accept", "ben")], "taking back the taking back"
    assert undo(store, one.batch, "ann", AT).overtaken == 1, "ben has decided since"
    assert held() == [None, ("accept", "ben")]
    undo(store, again.batch, "ben", AT)
    undo(store, one.batch, "ann", AT)
    assert held() == [("reopen", "ann"), ("reopen", "ben")]
    assert texts(store) == ["Douglas Adams"]
    assert len(decisions(store, second.candidate.id)) == 4, "nothing is lost of what was said"
    assert is_sound(store)


def test_one_can_go_on_undoing(store: Store) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE])
    one, other = proposal(), proposal("Q1", "Universo")
    save(store, one, other)
    batches = [
        save_decisions(store, [decision(one)]).batch,
        save_decisions(store, [decision(one, author="ben")]).batch,
        save_decisions(store, [decision(one, Verdict.REJECT), decision(other)]).batch,
    ]
    assert save_decisions(store, [decision(other)]).batch == "", "it said nothing new"
    assert last_batch(store, ["ann"]) == batches[2] and last_batch(store, ["nobody"]) == ""
    assert len(undo(store, batches[2], "ann", AT).candidates) == 2, "a mass decision as one"
    assert last_batch(store, ["ann"]) == batches[0], "what is taken back is passed"
    undo(store, last_batch(store, ["ben"]), "ben", AT)
    redone = undo(store, batches[0], "ann", AT)
    assert last_batch(store, ["ann"]) == ""
    undo(store, redone.batch, "ann", AT)
    assert last_batch(store, ["ann"]) == batches[0], "it holds again"
    assert is_sound(store)


def test_undoing_never_makes_two_labels(store: Store) -> None:
    load_entities(store, [DOUGLAS])
    first, second = proposal(), proposal(text="D. Adams", rank=2)
    save(store, first, second)
    save_decisions(store, [decision(first)])
    rejected = save_decisions(store, [decision(first, Verdict.REJECT)])
    save_decisions(store, [decision(second)])
    undo(store, rejected.batch, "ann", AT)
    accepted = [
        one.proposal.candidate.text
        for one in proposals(store, Scope(), state="decided")
        if one.decision and one.decision.verdict is Verdict.ACCEPT
    ]
    assert accepted == ["D. Adams"]


_SAID = st.tuples(st.integers(0, 5), st.sampled_from([*Verdict]), st.sampled_from(["ann", "ben"]))


@given(st.lists(st.one_of(_SAID, st.sampled_from(["ann", "ben"]), st.integers(0, 2)), max_size=12))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_do_the_queue_and_its_counts_stay_true(
    store: Store, acts: list[Any]
) -> None:
    """Decisions, undoing (a name) and loads that bring a label in or take it out (a number); each
    example has entities of its own in the one store."""
    number = next(_NUMBERS) * 3
    ids = [f"Q{number + n}" for n in range(1, 4)]
    load_entities(store, [Entity(id, revision=1) for id in ids])
    made = [proposal(id, text, rank=rank) for id in ids for rank, text in ((1, "a"), (2, "b"))]
    save(store, *made)
    for revision, act in enumerate(acts, 2):
        if isinstance(act, int):
            has = {"it": "c"} if revision % 2 else {}
            load_entities(store, [Entity(ids[act], labels=has, revision=revision)])
        elif isinstance(act, str):
            undo(store, last_batch(store, [act]), act, AT)
        else:
            save_decisions(store, [decision(made[act[0]], act[1], author=act[2])])
        for id in ids:
            held = [s.decision for s in proposals(store, Scope(ids=(id,)), state="decided")]
            assert sum(d is not None and d.verdict != Verdict.REJECT for d in held) <= 1
    assert is_sound(store)
    before = dump(store, "unsettled")["queue"]
    with store.begin() as connection:
        counted = select(queue_counts).where(queue_counts.c.number != 0)
        said = set(connection.execute(counted).all())
        rebuild(connection)
        assert set(connection.execute(counted).all()) == said
    assert dump(store)["queue"] == before


_NUMBERS = count()


def test_four_at_once_decide_each_item_once(store: Store) -> None:
    number = 60
    load_entities(store, [Entity(f"Q{n}") for n in range(1, number + 1)])
    made = {one.candidate.id: one for one in (proposal(f"Q{n}", "x") for n in range(1, number + 1))}
    save(store, *made.values())

    def work(name: str) -> list[str]:
        done = []
        while item := take_next(store, EVERY, name, 0.0):
            save_decisions(store, [decision(made[item.candidate_id], author=name)])
            done.append(item.candidate_id)
        return done

    with ThreadPoolExecutor(4) as pool:
        done = [id for part in pool.map(work, ("ann", "ben", "eve", "joe")) for id in part]
    assert len(done) == number and set(done) == made.keys()
    assert all(len(decisions(store, id)) == 1 for id in made)
    assert texts(store) == [] and is_sound(store)


def test_a_damaged_queue_is_found_and_mended(store: Store, store_url: str) -> None:
    load_entities(store, [DOUGLAS, UNIVERSE])
    save(store, proposal(), proposal("Q1", "Universo"))
    assert check(store_url) == []
    with store.begin() as connection:
        connection.execute(update(queue_counts).values(number=queue_counts.c.number + 1))
        connection.execute(delete(queue).where(queue.c.entity_key == entity_key("Q1")))
    (said,) = check(store_url)
    assert "review queue" in said and "--repair" in said
    assert check(store_url, repair=True) == [] and check(store_url) == []
    assert sorted(texts(store)) == ["Douglas Adams", "Universo"]


def test_counts_without_a_kept_number_are_bounded(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MANY == 5_000
    monkeypatch.setattr("kgenrich.store.story.queue.MANY", 2)
    load_entities(store, [Entity(f"Q{n}") for n in range(1, 5)])
    save(store, *(proposal(f"Q{n}", "x") for n in range(1, 5)))
    assert count_items(store, QueueFilter(floor=0.51)) == Count(3, False)
