"""The vote of M-NTA (Conia et al., EMNLP 2023), as published.

Every source gives a list of answers to a request. The score of a name is the number of *other*
answer lists that hold one equal to it after lower-casing and dropping punctuation; a source cannot
vote for itself. For coverage a name is kept at a score of 2 or more; for precision a name of the
graph is called wrong unless it is among the names kept at a score of 1 or more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kgenrich.consensus.candidate_groups import Group
from kgenrich.consensus.pool_ranker import Ranker
from kgenrich.model import TermRequest

COVERAGE_SCORE = 2
PRECISION_SCORE = 1


def score(group: Group) -> int:
    """Other answer lists that hold the same name, or a description that agrees."""
    return len(group.lists) - 1


def votes(group: Group) -> dict[str, int]:
    """The number of answer lists that `score` counts and its own, by kind of source."""
    return dict(sorted(Counter(str(kind) for kind, _ in group.lists).items()))


class VoteRanker(Ranker):
    """A name is kept or it is not, so the probability is 1 or 0."""

    name = "vote"

    def __init__(self, minimum: int = COVERAGE_SCORE) -> None:
        self._minimum = minimum

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        """See `kgenrich.consensus.pool_ranker.Ranker.rank`."""
        return [1.0 if score(group) >= self._minimum else 0.0 for group in groups]
