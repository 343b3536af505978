"""Descriptions that mean the same in other words: when they agree, and what it changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.adapters.likeness import likeness
from kgenrich.consensus.candidate_groups import Group, group
from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.description_agreement import (
    BY_CHARACTERS,
    VECTORS,
    Agreement,
    chrf,
    contradict,
)
from kgenrich.consensus.rankers import PoolRanker, VoteRanker
from kgenrich.consensus.validators import validate
from kgenrich.model import Candidate, Entity, Evidence, Proposal, SourceKind, TermKind, TermRequest

REQUEST = TermRequest(Entity("Q1492", labels={"en": "Barcelona"}), "de", TermKind.DESCRIPTION)
KINDS = {"composer": SourceKind.GRAPH, "opus": SourceKind.MT, "gpt": SourceKind.LLM}


def said(source: str, text: str, of: float | None = None) -> Candidate:
    evidence = Evidence(source, KINDS.get(source, SourceKind.LLM), score=of, raw=text)
    return Candidate("Q1492", "de", TermKind.DESCRIPTION, text, (evidence,))


CONSENSUS = Consensus(PoolRanker(), validate)


def best(*candidates: Candidate) -> Proposal:
    return CONSENSUS.propose(REQUEST, candidates)[0]


def joined(*candidates: Candidate) -> list[Group]:
    return BY_CHARACTERS(group(candidates))


# -- what agrees -------------------------------------------------------------------------------


def test_characters_tell_like_from_unlike() -> None:
    assert chrf("Comune in Italy.", "comune in Italy") == 1
    assert chrf("comune in Italy", "commune of Italy") > 0.4
    assert chrf("comune in Italy", "French footballer") < 0.2
    assert chrf("", "x") == 0


@given(st.text(max_size=20), st.text(max_size=20))
def test_similarity_is_symmetric_and_bounded(a: str, b: str) -> None:
    assert chrf(a, b) == chrf(b, a)
    assert 0 <= chrf(a, b) <= 1
    assert contradict(a, b) == contradict(b, a)


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("film del 1994", "film del 1996", False),
        ("scientist (1933-2012)", "scientist (1933-2013)", False),
        ("scientific article published in 2011", "scientific article (published 2011-03)", True),
        ("film del 1994", "film americano", True),
        ("مقالة منشورة سنة ٢٠١١", "مقالة منشورة سنة 2011", True),
        ("type 𞓱", "type 2", True),
    ],
)
def test_numbers_may_not_contradict(left: str, right: str, both: bool) -> None:
    assert contradict(left, right) != both


def test_the_shipped_encoder_knows_wordings_by_their_meaning() -> None:
    agreement = Agreement(likeness(), VECTORS)
    texts = ["Stadt in Katalonien", "katalanische Stadt", "norwegischer Fußballspieler"]
    city, catalan, player = agreement(group(said(f"llm{n}", t) for n, t in enumerate(texts)))
    found = {
        item.candidate.text: [a.group.candidate.text for a in item.allies]
        for item in (city, catalan, player)
    }
    assert found == {texts[0]: [texts[1]], texts[1]: [texts[0]], texts[2]: []}


def test_one_wording_alone_needs_no_model() -> None:
    def never(left: object, right: object) -> list[list[float]]:
        raise AssertionError

    (alone,) = Agreement(never)(group([said("gpt", "Stadt in Spanien")]))
    assert alone.allies == ()


# -- what it changes ---------------------------------------------------------------------------


def test_agreeing_wordings_support_each_other_and_others_are_rivals() -> None:
    composed = said("composer", "Stadt in Spanien", 0.6)
    alone = best(composed).probability
    supported = best(composed, said("opus", "Stadt im Osten Spaniens")).probability
    opposed = best(composed, said("opus", "Fußballverein")).probability
    assert opposed < alone < supported


def test_support_is_worth_half_as_much_as_the_wordings_are_alike() -> None:
    one, other = "Stadt in Spanien", "Stadt im Osten Spaniens"
    proposal = best(said("composer", one, 0.6), said("opus", other))
    support = 0.35 * 0.5 * chrf(one, other)
    assert proposal.probability == pytest.approx(1 - 0.4 * (1 - support), abs=1e-4)


def test_the_most_central_wording_stands_for_those_that_agree() -> None:
    texts = ["Stadt in Spanien", "Stadt in Spaniens Osten", "Stadt Spaniens", "Fußballverein"]
    central = max(texts, key=lambda t: sum(chrf(t, other) for other in texts))
    kinds = ["composer", "opus", "gpt"]
    found = CONSENSUS.propose(
        REQUEST,
        [*(said(k, t, 0.5) for k, t in zip(kinds, texts, strict=False)), said("llama", texts[3])],
    )
    assert found[0].candidate.text == central
    assert found[-1].candidate.text == "Fußballverein"


def test_the_score_counts_the_other_answers_that_agree() -> None:
    first, *_ = found = joined(
        said("gpt", "Stadt in Spanien"),
        said("llama", "Stadt in Spanien"),
        said("opus", "Stadt im Osten Spaniens"),
        said("claude", "Fußballverein"),
    )
    assert first.score == 2
    kept = dict(
        zip((g.candidate.text for g in found), VoteRanker().rank(REQUEST, found), strict=True)
    )
    assert kept == {"Stadt in Spanien": 1, "Stadt im Osten Spaniens": 1, "Fußballverein": 0}


def test_a_proposal_says_who_agrees() -> None:
    proposal = best(
        said("composer", "Stadt in Spanien", 0.9),
        said("opus", "Stadt in Spaniens Osten"),
        said("gpt", "Stadt im Osten Spaniens"),
    )
    assert proposal.votes == {"graph": 1, "llm": 1, "mt": 1}
    assert proposal.score == 2
    (why,) = [reason for reason in proposal.reasons if reason.startswith("agrees")]
    assert why.startswith("agrees with 2 other answers: “Stadt ")


def test_wordings_of_one_meaning_are_one_rival() -> None:
    alone = said("composer", "Fußballverein", 0.6)
    against = [said("opus", "Stadt in Spanien"), said("gpt", "Stadt in Spaniens")]
    ranker = PoolRanker()

    def club(*candidates: Candidate) -> float:
        groups = joined(*candidates)
        place = [g.candidate.text for g in groups].index("Fußballverein")
        return ranker.rank(REQUEST, groups)[place]

    strongest = max(ranker.rank(REQUEST, joined(*against)))
    p = club(alone, *against)
    assert p == pytest.approx(0.6 * (1 - strongest) / (1 - 0.6 * strongest))


def test_of_two_equal_wordings_the_one_in_good_style_comes_first() -> None:
    request = TermRequest(Entity("Q1492"), "es", TermKind.DESCRIPTION)
    both = [said("gpt", "Ciudad de España"), said("llama", "ciudad en España")]
    found = CONSENSUS.propose(request, both)
    assert [p.candidate.text for p in found] == ["ciudad en España", "Ciudad de España"]
    assert found[0].probability == found[1].probability


def test_names_never_agree_but_by_being_equal() -> None:
    request = TermRequest(Entity("Q1492"), "de", TermKind.LABEL)
    found = CONSENSUS.propose(request, [said("gpt", "Barcelona"), said("opus", "Barcelone")])
    assert [p.score for p in found] == [0, 0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["composer", "opus", "gpt", "llama"]),
            st.text("abc 12", max_size=8),
            st.none() | st.floats(0, 1),
        ),
        max_size=6,
    )
)
def test_any_descriptions_give_probabilities_whatever_their_order(
    rows: list[tuple[str, str, float | None]],
) -> None:
    candidates = [said(*row) for row in rows]
    straight, turned = (
        [(p.candidate.text, p.probability) for p in CONSENSUS.propose(REQUEST, c)]
        for c in (candidates, candidates[::-1])
    )
    assert straight == turned
    assert all(0 <= probability <= 1 for _, probability in straight)
