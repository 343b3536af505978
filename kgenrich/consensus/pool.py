"""The untrained ranker: pools what calibrated sources say, and the published vote beside it.

Sources of one kind often share their errors, so a kind counts once, with its most certain
source. Kinds are taken as independent: for one name ``1 - prod(1 - p)``. A rival name that a
different set of sources stands for lowers it as an exclusive alternative does:
``p (1 - q) / (1 - p q)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Protocol

from kgenrich.consensus.group import Group, answer_list
from kgenrich.model import SourceKind, TermRequest

UNSCORED = {
    SourceKind.GRAPH: 0.5,
    SourceKind.MT: 0.35,
    SourceKind.SEARCH: 0.35,
    SourceKind.LLM: 0.5,
}
"""What evidence without a score counts for, a cautious prior by kind."""


class Ranker(Protocol):
    """Gives each group of one request the probability of being right."""

    @property
    def name(self) -> str:
        """Name and version, as proposals remember it."""
        ...

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        """One probability in [0, 1] a group, in their order."""
        ...


class PoolRanker:
    """See the module."""

    name = "pool-1"

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        """See `Ranker.rank`."""
        own = [self._own(group) for group in groups]
        supporters = [{item.source for item in group.candidate.evidence} for group in groups]
        result = []
        for index, p in enumerate(own):
            for other, q in enumerate(own):
                # A source that offers both does not speak against either.
                if other != index and not supporters[index] & supporters[other]:
                    p = p * (1 - q) / max(1 - p * q, 1e-9)
            result.append(p)
        return result

    @staticmethod
    def _own(group: Group) -> float:
        best: dict[SourceKind, float] = {}
        for item in group.candidate.evidence:
            score = UNSCORED[item.kind] if item.score is None else item.score
            best[item.kind] = max(best.get(item.kind, 0.0), score)
        return 1 - prod(1 - p for p in best.values())


class VoteRanker:
    """M-NTA as published: a name is kept or it is not, so the probability is 1 or 0."""

    name = "vote"

    def __init__(self, minimum: int = 2) -> None:
        self._minimum = minimum

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        """See `Ranker.rank`."""
        return [1.0 if score(group) >= self._minimum else 0.0 for group in groups]


def score(group: Group) -> int:
    """The M-NTA score: other answer lists that hold the same name."""
    return len({answer_list(item) for item in group.candidate.evidence}) - 1
