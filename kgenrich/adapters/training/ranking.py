"""The measures that all rankings here share."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class Ranking(
    Struct,
    frozen=True,
    rename={
        "hits1": "hits@1",
        "hits10": "hits@10",
        "queries": "pairs",
        "authors_hits1": "authors_hits@1",
    },
):
    """Shares of queries, in percent, and the mean reciprocal rank in [0, 1].

    ``authors_hits1`` is what the code of Hou et al. (2022) prints as Hits@1: it counts a
    zero-based rank of at most 1 and so is Hits@2.
    """

    hits1: float
    hits10: float
    mrr: float
    queries: int
    authors_hits1: float


def ranking_of_scores(scores: NDArray[Any], gold: NDArray[np.int64] | None = None) -> Ranking:
    """The measures of scores, floats of shape (queries, candidates).

    ``gold`` (queries,) is the right column of each row; without it that is the row's own number.
    """
    rows = np.arange(len(scores))
    of_gold = scores[rows, rows if gold is None else gold][:, None]
    better = (scores > of_gold).sum(axis=1)
    tied = (scores == of_gold).sum(axis=1) - 1
    return ranking_of_ranks(better + tied / 2 + 1)


def ranking_of_ranks(ranks: NDArray[np.float64]) -> Ranking:
    """The measures of ranks (queries,) that count from 1; ties have the mean of their ranks."""
    if not len(ranks):
        return Ranking(0.0, 0.0, 0.0, 0, 0.0)
    return Ranking(
        round(100 * float((ranks <= 1).mean()), 2),
        round(100 * float((ranks <= 10).mean()), 2),
        round(float((1 / ranks).mean()), 4),
        len(ranks),
        round(100 * float((ranks <= 2).mean()), 2),
    )
