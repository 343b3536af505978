"""What a ranker is, and the untrained ones: the pool of what calibrated sources say, and the vote.

In the pool a kind of source counts once, with its most certain source, for sources of one kind
often share their errors. Kinds are taken as independent: for one name ``1 - prod(1 - p)``. A rival
name that a different set of sources stands for lowers it as an exclusive alternative does:
``p (1 - q) / (1 - p q)``.

Wordings of one meaning are no rivals (`kgenrich.consensus.description_agreement`): each counts for
the other, the more so the more they are alike, so that the most central of them comes first, and
together they are one rival to what means something else.

The vote is that of M-NTA (Conia et al., EMNLP 2023), as published, by `Group.score`. For coverage a
name is kept at a score of 2 or more; for precision a name of the graph is called wrong unless it is
among the names kept at a score of 1 or more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from kgenrich.consensus.candidate_groups import Group
from kgenrich.model import Evidence, SourceKind, TermRequest

UNSCORED = {
    SourceKind.PERSON: 0.95,
    SourceKind.GRAPH: 0.5,
    SourceKind.DICTIONARY: 0.8,
    SourceKind.MT: 0.35,
    SourceKind.SEARCH: 0.35,
    SourceKind.LLM: 0.5,
}
"""What evidence without a score counts for, a cautious prior by kind."""

COVERAGE_SCORE = 2
PRECISION_SCORE = 1

IN_OTHER_WORDS = 0.5
"""What a wording that is all but the same counts for: it says more of the meaning than of the words
that are proposed."""


class Ranker:
    """Gives each group of one request the probability of being right.

    ``name`` (and version) is what proposals remember. One that ``judges_variants`` can tell how
    probable another way of writing a name is; others are not asked about such.
    """

    name: str
    judges_variants = False

    def of(self, request: TermRequest, groups: Sequence[Group]) -> Ranker:
        """The ranker that judges this request: itself, or one that it leaves it to."""
        return self

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        """One probability in [0, 1] a group, in their order."""
        raise NotImplementedError


class PoolRanker(Ranker):
    """See `pooled`."""

    name = "pool-2"

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        return pooled(groups)


class VoteRanker(Ranker):
    """A name is kept or it is not, so the probability is 1 or 0."""

    name = "vote"

    def __init__(self, minimum: int = COVERAGE_SCORE) -> None:
        self._minimum = minimum

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        return [1.0 if group.score >= self._minimum else 0.0 for group in groups]


def pooled(groups: Sequence[Group]) -> list[float]:
    """The probability of each group of one request, from the scores of the sources."""
    own = [_own_score(group) for group in groups]
    sources = [{item.source for item in group.candidate.evidence} for group in groups]
    allies = [{ally.group.candidate.text for ally in group.allies} for group in groups]
    strongest_first = sorted(range(len(groups)), key=lambda place: -own[place])
    result = []
    for index, p in enumerate(own):
        spoken = {groups[index].candidate.text} | allies[index]
        for other in strongest_first:
            text, q = groups[other].candidate.text, own[other]
            # A source that offers both does not speak against either.
            if text in spoken or sources[index] & sources[other]:
                continue
            p = against(p, q)
            spoken |= {text} | allies[other]
        result.append(p)
    return result


def against(p: float, q: float) -> float:
    """What is left of a probability beside an exclusive alternative of probability ``q``."""
    return p * (1 - q) / max(1 - p * q, 1e-9)


def pooled_score(weighed: Iterable[tuple[float, Evidence]]) -> float:
    """The probability that pieces of evidence, with their weights, come to: a kind counts once,
    with its most certain source."""
    best: dict[SourceKind, float] = {}
    for weight, evidence in weighed:
        score = UNSCORED[evidence.kind] if evidence.score is None else evidence.score
        best[evidence.kind] = max(best.get(evidence.kind, 0.0), score * weight)
    return 1 - prod(1 - p for p in best.values())


def _own_score(group: Group) -> float:
    allies = ((ally.group, IN_OTHER_WORDS * ally.likeness) for ally in group.allies)
    return pooled_score(
        (weight, evidence)
        for item, weight in ((group, 1.0), *allies)
        for evidence in item.candidate.evidence
    )
