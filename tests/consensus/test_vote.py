"""The M-NTA vote on its definition (Conia et al., 2023), by worked examples."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kgenrich.consensus.vote import called_wrong, keep, vote
from kgenrich.text import vote_key

names = st.sampled_from(["Mela", "mela!", "Apple", "apple inc", "苹果", "苹果公司", "—"])
answers = st.dictionaries(st.sampled_from("abcdef"), st.lists(names, max_size=5), max_size=6)


def test_the_score_counts_the_other_answers_that_are_equal() -> None:
    scores = vote({"mt:en": ["Apple"], "mt:fr": ["Pomme"], "search": ["Apple Inc.", "apple"]})
    assert scores == {"apple": 1, "pomme": 0, "apple inc": 0}


def test_case_and_punctuation_do_not_count() -> None:
    assert vote({"a": ["Jean-Paul Sartre"], "b": ["jeanpaul sartre!"]}) == {"jeanpaul sartre": 1}


def test_a_source_cannot_vote_for_itself() -> None:
    assert vote({"llm": ["Mela", "mela", "MELA"]}) == {"mela": 0}


def test_coverage_keeps_two_votes_and_precision_one() -> None:
    scores = vote({"a": ["x", "y", "z"], "b": ["x", "y"], "c": ["x"]})
    assert keep(scores) == {"x"}
    assert keep(scores, 1) == {"x", "y"}


def test_a_name_of_the_graph_without_support_is_called_wrong() -> None:
    scores = vote({"a": ["Mela"], "b": ["mela"], "c": ["Pera"]})
    assert called_wrong(["Mela", "Pera", "Uva"], scores) == ["Pera", "Uva"]


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
