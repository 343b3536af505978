"""From candidates with evidence to proposals that explain themselves."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import Group, group
from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker, Ranker, VoteRanker
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.text import vote_key

REQUEST = TermRequest(Entity("Q89", labels={"en": "apple"}), "it", TermKind.LABEL)


def candidate(text: str, source: str, score: float | None, **more: object) -> Candidate:
    kind = {"names": SourceKind.GRAPH, "opus": SourceKind.MT, "gpt": SourceKind.LLM}[source]
    evidence = Evidence(source, kind, score=score, note=f"{source} says so", **more)  # type: ignore[arg-type]
    return Candidate("Q89", "it", TermKind.LABEL, text, (evidence,))


def nothing_wrong(request: TermRequest, text: str) -> tuple[str, ...]:
    return ()


POOL = Consensus(PoolRanker(), nothing_wrong)


def test_equal_names_are_one_proposal_with_the_evidence_of_all() -> None:
    found = POOL.propose(
        REQUEST,
        [
            candidate("mela", "names", 0.6),
            candidate("Mela", "opus", 0.5),
            candidate("mela", "gpt", 0.7),
        ],
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
    (proposal,) = POOL.propose(REQUEST, twice)
    assert proposal.probability == 0.5
    assert proposal.score == 1


def test_a_rival_of_another_source_lowers_a_name() -> None:
    rivals = [candidate("mela", "names", 0.8), candidate("pomo", "gpt", 0.5)]
    first, second = POOL.propose(REQUEST, rivals)
    assert first.candidate.text == "mela" and first.rank == 1 and second.rank == 2
    assert first.probability == pytest.approx(0.8 * 0.5 / (1 - 0.4), abs=1e-6)


def test_two_names_of_one_source_are_not_rivals() -> None:
    both = [candidate("mela", "names", 0.8), candidate("pomo", "names", 0.1)]
    assert [p.probability for p in POOL.propose(REQUEST, both)] == [0.8, 0.1]


def test_what_a_validator_objects_to_comes_last_and_says_why() -> None:
    both = [candidate("apple", "names", 0.9), candidate("mela", "gpt", 0.2)]
    strict = Consensus(PoolRanker(), lambda _, text: ("E101",) if text == "apple" else ())
    found = strict.propose(REQUEST, both)
    assert [(p.candidate.text, p.codes) for p in found] == [("mela", ()), ("apple", ("E101",))]


def test_the_published_vote_keeps_or_drops() -> None:
    answers = [
        candidate("mela", "names", None),
        candidate("mela", "opus", None),
        candidate("mela", "gpt", None),
        candidate("pomo", "gpt", None),
    ]
    found = Consensus(VoteRanker(), nothing_wrong).propose(REQUEST, answers)
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
    assert kept == {e for c in candidates if vote_key(c.text) for e in c.evidence}
    assert all(0 <= p <= 1 for p in PoolRanker().rank(REQUEST, groups))
    shuffled = POOL.propose(REQUEST, candidates[::-1])
    straight = POOL.propose(REQUEST, candidates)
    assert [p.candidate.text for p in shuffled] == [p.candidate.text for p in straight]


# -- a set of names, not one -------------------------------------------------------------------


class Certain(Ranker):
    """A ranker that knows the probability of every text."""

    name = "certain"
    judges_variants = True

    def __init__(self, **known: float) -> None:
        self.known = known

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> list[float]:
        return [self.known.get(item.candidate.text, 0.0) for item in groups]


def named(consensus: Consensus, *texts: str, aliases: bool = True) -> list[tuple[str, str]]:
    """Kind and text of what is proposed."""
    found = consensus.propose(
        REQUEST, [candidate(text, "gpt", 0.5) for text in texts], aliases=aliases
    )
    return [(str(p.candidate.kind), p.candidate.text) for p in found]


def test_other_probable_names_follow_as_aliases() -> None:
    consensus = Consensus(Certain(Urbe=0.6, Roma=0.9, Rom=0.2), nothing_wrong)
    texts = ("Urbe", "Roma", "Rom")
    labels = [("label", "Roma"), ("label", "Urbe"), ("label", "Rom")]
    assert named(consensus, *texts) == [*labels, ("alias", "Urbe")]
    assert named(consensus, *texts, aliases=False) == labels


def test_no_alias_without_a_probable_label_and_none_that_is_refused() -> None:
    assert named(Consensus(Certain(Roma=0.4), nothing_wrong), "Roma") == [("label", "Roma")]
    assert named(Consensus(Certain(), nothing_wrong)) == []
    refused = Consensus(
        Certain(Urbe=0.6, Roma=0.9), lambda _, text: ("E-known",) if text == "Roma" else ()
    )
    assert named(refused, "Urbe", "Roma") == [("label", "Urbe"), ("label", "Roma")]


def test_aliases_do_not_hang_on_the_least_probability_of_labels() -> None:
    strict = Consensus(Certain(Urbe=0.6, Roma=0.9), nothing_wrong, minimum=0.95)
    assert named(strict, "Urbe", "Roma") == [("alias", "Urbe")]


def test_another_way_of_writing_is_an_alias_never_a_label() -> None:
    known = {"Félix Salazar": 0.9, "Felix Salazar": 0.7, "Salazar": 0.2}
    spanish = replace(REQUEST, language="es")
    given = [replace(candidate("Félix Salazar", "gpt", 0.5), language="es")]
    consensus = Consensus(Certain(**known), nothing_wrong)
    label, alias = consensus.propose(spanish, given, aliases=True)
    assert (label.candidate.text, alias.candidate.text) == ("Félix Salazar", "Felix Salazar")
    assert alias.reasons == ("variants (0.00): unaccented of Félix Salazar",)
    assert alias.rank == 1


def test_aliases_are_validated_as_aliases() -> None:
    consensus = Consensus(
        Certain(Urbe=0.6, Roma=0.9),
        lambda request, _: ("E-known",) if request.kind is TermKind.ALIAS else (),
    )
    found = consensus.propose(
        REQUEST, [candidate(text, "gpt", 0.5) for text in ("Urbe", "Roma")], aliases=True
    )
    assert [p.codes for p in found] == [(), (), ("E-known",)]
