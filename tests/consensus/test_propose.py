"""From candidates with evidence to proposals that explain themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import group
from kgenrich.consensus.pool_ranker import PoolRanker, VoteRanker
from kgenrich.consensus.propose import propose
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest

REQUEST = TermRequest(Entity("Q89", labels={"en": "apple"}), "it", TermKind.LABEL)


def candidate(text: str, source: str, score: float | None, **more: object) -> Candidate:
    kind = {"names": SourceKind.GRAPH, "opus": SourceKind.MT, "gpt": SourceKind.LLM}[source]
    evidence = Evidence(source, kind, score=score, note=f"{source} says so", **more)  # type: ignore[arg-type]
    return Candidate("Q89", "it", TermKind.LABEL, text, (evidence,))


def nothing_wrong(request: TermRequest, text: str) -> tuple[str, ...]:
    return ()


def test_equal_names_are_one_proposal_with_the_evidence_of_all() -> None:
    found = propose(
        REQUEST,
        [
            candidate("mela", "names", 0.6),
            candidate("Mela", "opus", 0.5),
            candidate("mela", "gpt", 0.7),
        ],
        PoolRanker(),
        nothing_wrong,
    )
    assert [p.candidate.text for p in found] == ["mela"]
    assert found[0].votes == {"graph": 1, "llm": 1, "mt": 1}
    assert found[0].score == 2
    assert found[0].probability == pytest.approx(1 - 0.4 * 0.5 * 0.3)
    assert "also written Mela" in found[0].reasons
    spelled = {e.source: e.spelling for e in found[0].candidate.evidence}
    assert spelled == {"names": "", "opus": "Mela", "gpt": ""}


def test_one_kind_of_source_counts_once() -> None:
    twice = [candidate("mela", "opus", 0.5, from_language=code) for code in ("en", "fr")]
    (proposal,) = propose(REQUEST, twice, PoolRanker(), nothing_wrong)
    assert proposal.probability == 0.5
    assert proposal.score == 1


def test_a_rival_of_another_source_lowers_a_name() -> None:
    rivals = [candidate("mela", "names", 0.8), candidate("pomo", "gpt", 0.5)]
    first, second = propose(REQUEST, rivals, PoolRanker(), nothing_wrong)
    assert first.candidate.text == "mela" and first.rank == 1 and second.rank == 2
    assert first.probability == pytest.approx(0.8 * 0.5 / (1 - 0.4), abs=1e-6)


def test_two_names_of_one_source_are_not_rivals() -> None:
    both = [candidate("mela", "names", 0.8), candidate("pomo", "names", 0.1)]
    assert [p.probability for p in propose(REQUEST, both, PoolRanker(), nothing_wrong)] == [
        0.8,
        0.1,
    ]


def test_what_a_validator_objects_to_comes_last_and_says_why() -> None:
    both = [candidate("apple", "names", 0.9), candidate("mela", "gpt", 0.2)]
    found = propose(
        REQUEST, both, PoolRanker(), lambda _, text: ("E101",) if text == "apple" else ()
    )
    assert [(p.candidate.text, p.codes) for p in found] == [("mela", ()), ("apple", ("E101",))]


def test_the_published_vote_keeps_or_drops() -> None:
    answers = [
        candidate("mela", "names", None),
        candidate("mela", "opus", None),
        candidate("mela", "gpt", None),
        candidate("pomo", "gpt", None),
    ]
    found = propose(REQUEST, answers, VoteRanker(), nothing_wrong)
    assert [(p.candidate.text, p.score, p.probability) for p in found] == [
        ("mela", 2, 1.0),
        ("pomo", 0, 0.0),
    ]


@given(
    st.lists(
        st.tuples(
            st.text(max_size=6),
            st.sampled_from(["names", "opus", "gpt"]),
            st.none() | st.floats(0, 1),
        ),
        max_size=8,
    )
)
def test_any_candidates_give_probabilities_and_nothing_is_lost(
    rows: list[tuple[str, str, float | None]],
) -> None:
    candidates = [candidate(*row) for row in rows]
    groups = group(candidates)
    kept = {e for g in groups for e in g.candidate.evidence}
    kept = {replace(e, spelling="") for e in kept}
    assert kept == {e for c in candidates if any(x.isalnum() for x in c.text) for e in c.evidence}
    assert all(0 <= p <= 1 for p in PoolRanker().rank(REQUEST, groups))
    shuffled = propose(REQUEST, candidates[::-1], PoolRanker(), nothing_wrong)
    straight = propose(REQUEST, candidates, PoolRanker(), nothing_wrong)
    assert [p.candidate.text for p in shuffled] == [p.candidate.text for p in straight]
