"""The M-NTA vote on its definition (Conia et al., 2023), by worked examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from kgenrich.consensus.candidate_groups import group
from kgenrich.consensus.rankers import PRECISION_SCORE, VoteRanker
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.text import vote_key

Answers = Mapping[str, Sequence[str]]
"""The names that each source gives, or that it gives when asked from one language (mt:en)."""

names = st.sampled_from(["Mela", "mela!", "Apple", "apple inc", "苹果", "苹果公司", "—"])
answers = st.dictionaries(st.sampled_from("abcdef"), st.lists(names, max_size=5), max_size=6)


def candidates(given_answers: Answers) -> list[Candidate]:
    return [
        Candidate("Q89", "it", TermKind.LABEL, name, (Evidence(source, SourceKind.MT, "", code),))
        for asked, of_source in given_answers.items()
        for source, _, code in [asked.partition(":")]
        for name in of_source
    ]


def vote(given_answers: Answers) -> dict[str, int]:
    """The score of each name, by its normal form."""
    return {vote_key(item.candidate.text): item.score for item in group(candidates(given_answers))}


def keep(given_answers: Answers, ranker: VoteRanker) -> set[str]:
    groups = group(candidates(given_answers))
    request = TermRequest(Entity("Q89"), "it", TermKind.LABEL)
    chances = zip(groups, ranker.rank(request, groups), strict=True)
    return {item.candidate.text for item, probability in chances if probability == 1}


def test_the_score_counts_the_other_answers_that_are_equal() -> None:
    scores = vote({"mt:en": ["Apple"], "mt:fr": ["Pomme"], "search": ["Apple Inc.", "apple"]})
    assert scores == {"apple": 1, "pomme": 0, "apple inc": 0}


def test_case_and_punctuation_do_not_count() -> None:
    assert vote({"a": ["Jean-Paul Sartre"], "b": ["jeanpaul sartre!"]}) == {"jeanpaul sartre": 1}


def test_a_source_cannot_vote_for_itself() -> None:
    assert vote({"llm": ["Mela", "mela", "MELA"]}) == {"mela": 0}


def test_coverage_keeps_two_votes_and_precision_one() -> None:
    given_answers = {"a": ["x", "y", "z"], "b": ["x", "y"], "c": ["x"]}
    assert keep(given_answers, VoteRanker()) == {"x"}
    assert keep(given_answers, VoteRanker(PRECISION_SCORE)) == {"x", "y"}


@given(answers)
def test_order_of_sources_and_names_does_not_matter(given_answers: dict[str, list[str]]) -> None:
    turned = {source: list(reversed(given_answers[source])) for source in reversed(given_answers)}
    assert vote(turned) == vote(given_answers)


@given(answers, st.lists(names, max_size=3))
def test_one_more_source_never_lowers_a_score(
    given_answers: dict[str, list[str]], more: list[str]
) -> None:
    before, after = vote(given_answers), vote({**given_answers, "new": more})
    assert all(after[key] >= score for key, score in before.items())
    assert all(
        after[vote_key(name)] == before.get(vote_key(name), -1) + 1
        for name in more
        if vote_key(name)
    )
