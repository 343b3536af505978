"""The pipeline: it asks only for what is missing and not yet known, goes on, changes nothing
the second time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.enrich.run import EnrichCounts, enrich
from kgenrich.errors import SourceStopped
from kgenrich.model import (
    Call,
    Candidate,
    Decision,
    Entity,
    Evidence,
    Scope,
    SourceKind,
    TermKind,
    TermRequest,
    Verdict,
    content_id,
)
from kgenrich.progress import Progress
from kgenrich.sources.base import Answer, Question
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.exports import provenance_rows
from kgenrich.store.story.proposals import proposals

LABEL, DESCRIPTION = TermKind.LABEL, TermKind.DESCRIPTION
SCOPE = Scope(("it", "ja"), (LABEL,))
ITALIAN = Scope(("it",), (LABEL,))
CONSENSUS = Consensus(PoolRanker(), lambda request, text: (), minimum=0.05)


def items(count: int) -> list[Entity]:
    """Entities with fewer and fewer sitelinks, every third with an Italian label."""
    return [
        Entity(
            f"Q{number}",
            labels={"en": f"Name {number}"} | ({"it": f"Nome {number}"} if number % 3 == 0 else {}),
            classes=("Q5",),
            sitelinks={f"x{n}wiki": "x" for n in range(count - number)},
            revision=number,
        )
        for number in range(1, count + 1)
    ]


class Service:
    """A paid service: every request is a call that is counted."""

    name, kind, licence = "service", SourceKind.MT, "CC0-1.0"

    def __init__(self, stop_after: int | None = None, fail: str = "") -> None:
        self.asked: list[tuple[str, str]] = []
        self.stop_after = stop_after
        self.fail = fail

    def prepare(self, requests: Sequence[TermRequest]) -> Sequence[Question]:
        return [Question(request, self.fingerprint(request)) for request in requests]

    def fingerprint(self, request: TermRequest) -> str:
        return content_id(self.name, request.entity.labels["en"], request.language, request.kind)

    def propose(self, questions: Sequence[Question]) -> Iterable[Answer]:
        for request, mark in ((question.request, question.fingerprint) for question in questions):
            if self.stop_after is not None and len(self.asked) >= self.stop_after:
                raise SourceStopped("The quota is used up.")
            self.asked.append((request.entity.id, request.language))
            if request.entity.id == self.fail:
                yield Answer(request, call=Call(mark, self.name, error="busy"), failure="busy")
                continue
            evidence = Evidence(self.name, self.kind, call=mark, score=0.8)
            text = f"{request.entity.labels['en']} ({request.language})"
            candidate = Candidate(
                request.entity.id, request.language, request.kind, text, (evidence,)
            )
            yield Answer(request, (candidate,), Call(mark, self.name, tokens_in=3, cost=0.1))


def run(
    store: Store, service: Service, scope: Scope = SCOPE, *, batch: int = 10, **more: Any
) -> EnrichCounts:
    counts, _ = enrich(store, [service], CONSENSUS, scope, "hash", batch=batch, **more)
    return counts


def test_it_asks_for_missing_terms_alone_the_most_linked_first(store: Store) -> None:
    load_entities(store, items(30))
    service = Service()
    counts = run(store, service)
    assert counts.requests == 30 + 20 and counts.entities == 30
    assert ("Q3", "it") not in service.asked and ("Q3", "ja") in service.asked
    order = [int(entity[1:]) for entity, _ in service.asked]
    assert order == sorted(order), "Q1 has the most sitelinks"


def test_a_second_run_asks_nobody_and_changes_nothing(store: Store) -> None:
    load_entities(store, items(30))
    run(store, Service())
    before = list(proposals(store))
    again = Service()
    counts = run(store, again)
    assert again.asked == [] and counts.new == 0
    assert list(proposals(store)) == before and len(before) == 50


def test_a_failed_request_is_asked_again_and_the_others_are_kept(store: Store) -> None:
    load_entities(store, items(12))
    first = Service(fail="Q5")
    _, collector = enrich(store, [first], CONSENSUS, SCOPE, "hash")
    assert collector.failures == {("service", "busy"): 2}
    second = Service()
    run(store, second)
    assert second.asked == [("Q5", "it"), ("Q5", "ja")]


def test_a_source_that_stops_leaves_what_it_answered(store: Store) -> None:
    load_entities(store, items(12))
    service = Service(stop_after=7)
    _, collector = enrich(store, [service], CONSENSUS, SCOPE, "hash")
    assert collector.stopped == {"service": "The quota is used up."}
    assert len(list(proposals(store))) == 7
    rest = Service()
    run(store, rest)
    assert len(rest.asked) == 20 - 7 and not set(rest.asked) & set(service.asked)


def test_a_source_that_stops_before_it_is_asked_is_set_aside(store: Store) -> None:
    class Unready(Service):
        name = "unready"

        def prepare(self, requests: Sequence[TermRequest]) -> Sequence[Question]:
            raise SourceStopped("Its list is gone.")

    load_entities(store, items(12))
    _, collector = enrich(store, [Unready(), service := Service()], CONSENSUS, SCOPE, "hash")
    assert collector.stopped == {"unready": "Its list is gone."}
    assert len(service.asked) == len(list(proposals(store))) == 20


def test_a_run_that_was_stopped_goes_on_after_its_last_batch(store: Store) -> None:
    load_entities(store, items(30))

    class Stop(Exception):
        pass

    class Stopping(Progress):
        def update(self, done: int | None = None, note: str = "") -> None:
            if done == 20:
                raise Stop

    with pytest.raises(Stop):
        enrich(store, [Service()], CONSENSUS, SCOPE, "hash", batch=10, progress=Stopping())
    service = Service()
    counts = run(store, service)
    assert {entity for entity, _ in service.asked} == {f"Q{n}" for n in range(21, 31)}
    assert counts.entities == 10
    assert len(list(proposals(store))) == 50


def test_a_dry_run_stores_nothing_and_pays_for_nothing(store: Store) -> None:
    load_entities(store, items(10))
    service = Service()
    counts, collector = enrich(store, [service], CONSENSUS, ITALIAN, "hash", dry_run=True)
    assert service.asked == [] and collector.asked == {"service": 7}
    assert (counts.requests, counts.proposals) == (7, 0)
    run(store, Service(), ITALIAN)
    before = list(proposals(store))
    counts, collector = enrich(
        store, [service], CONSENSUS, ITALIAN, "hash", dry_run=True, again="all"
    )
    assert service.asked == [] and collector.remembered == {"service": 7}
    assert counts.proposals == 7 and list(proposals(store)) == before
    counts, _ = enrich(store, [service], CONSENSUS, ITALIAN, "hash", dry_run=True)
    assert counts.requests == 0, "nothing was changed"


def test_entities_asked_for_in_the_same_words_share_one_call(store: Store) -> None:
    twins = [Entity(f"Q{n}", labels={"en": "Springfield"}) for n in (1, 2)]
    load_entities(store, twins)
    service = Service()
    run(store, service, ITALIAN)
    assert len(service.asked) == 1
    load_entities(store, [Entity("Q3", labels={"en": "Springfield"})])
    run(store, service, ITALIAN)
    assert len(service.asked) == 1
    for entity in ("Q1", "Q2", "Q3"):
        (row,) = proposals(store, Scope(ids=(entity,)))
        assert row.proposal.candidate.text == "Springfield (it)"
        assert row.proposal.candidate.evidence[0].call, "the evidence names the shared call"


def test_what_somebody_decided_is_not_asked_again(store: Store) -> None:
    load_entities(store, items(10))
    run(store, Service(), ITALIAN)
    chosen = next(iter(proposals(store, Scope(ids=("Q1",))))).proposal
    save_decisions(
        store,
        [
            Decision(
                chosen.candidate.id,
                Verdict.ACCEPT,
                "ann",
                chosen.candidate.text,
                "2026-01-01T00:00:00+00:00",
            )
        ],
    )
    counts = run(store, Service(), ITALIAN, again="all")
    assert counts.requests == 6


def test_limit_counts_entities_from_the_top(store: Store) -> None:
    load_entities(store, items(30))
    service = Service()
    run(store, service, ITALIAN, limit=4, batch=3)
    assert [entity for entity, _ in service.asked] == ["Q1", "Q2", "Q4", "Q5"]


def test_a_label_that_another_entity_has_with_the_same_description_is_found(store: Store) -> None:
    from kgenrich.store.facts.graph import taken_in

    load_entities(
        store,
        [
            Entity("Q1", labels={"it": "Lago"}, descriptions={"it": "lago in Italia"}),
            Entity("Q2", labels={"it": "Lago"}),
        ],
    )
    taken = taken_in(store)
    assert taken("Q2", "it", "Lago", "lago in Italia")
    assert not taken("Q1", "it", "Lago", "lago in Italia"), "it is the entity itself"
    assert not taken("Q2", "it", "Lago", "lago in Francia")
    assert not taken("Q2", "fr", "Lago", "lago in Italia")


class Shouting(Service):
    """Writes names in capitals, so that they are equal in normal form alone."""

    name, kind = "shouting", SourceKind.SEARCH

    def propose(self, questions: Sequence[Question]) -> Iterable[Answer]:
        for answer in super().propose(questions):
            (candidate,) = answer.candidates
            (evidence,) = candidate.evidence
            loud = Candidate(
                candidate.entity,
                candidate.language,
                candidate.kind,
                candidate.text.upper(),
                (evidence,),
            )
            yield Answer(answer.request, (loud,), answer.call)


def test_evidence_for_another_spelling_is_told_and_does_not_multiply(store: Store) -> None:
    load_entities(store, items(2))

    def once() -> list[tuple[str, list[tuple[str, str]]]]:
        enrich(store, [Service(), Shouting()], CONSENSUS, ITALIAN, "hash")
        return [
            (
                row.proposal.candidate.text,
                [(e.source, e.spelling) for e in row.proposal.candidate.evidence],
            )
            for row in proposals(store, Scope(ids=("Q1",)))
        ]

    expected = [("NAME 1 (IT)", [("shouting", ""), ("service", "Name 1 (it)")])]
    assert once() == expected
    assert once() == expected, "the second time the answers come from the store"
    told = [row for row in provenance_rows(store) if row.term.entity == "Q1"]
    assert [(e.evidence.source, e.evidence.spelling) for e in told[0].evidence] == expected[0][1]


class Namer(Service):
    """Knows two names for everything, and is sure of both."""

    name, kind = "namer", SourceKind.LLM

    def propose(self, questions: Sequence[Question]) -> Iterable[Answer]:
        for answer in super().propose(questions):
            (first,) = answer.candidates
            (evidence,) = first.evidence
            other = Candidate(
                first.entity, first.language, first.kind, f"alias of {first.text}", (evidence,)
            )
            yield Answer(answer.request, (first, other), answer.call)


def test_other_probable_names_are_proposed_as_aliases(store: Store) -> None:
    load_entities(store, items(1))

    def once() -> list[tuple[str, str, int]]:
        enrich(store, [Namer()], CONSENSUS, ITALIAN, "hash")
        return [
            (
                str(row.proposal.candidate.kind),
                row.proposal.candidate.text,
                len(row.proposal.candidate.evidence),
            )
            for row in proposals(store, Scope(ids=("Q1",)))
        ]

    expected = [
        ("label", "Name 1 (it)", 1),
        ("label", "alias of Name 1 (it)", 1),
        ("alias", "alias of Name 1 (it)", 1),
    ]
    assert once() == expected
    assert once() == expected, "what is remembered of the call is the same"
