"""How far probabilities can be believed, and where to cut when a whole set must be chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

WANTED = (0.9, 0.95, 0.99)
"""The shares of right answers that cuts are sought for."""


class Bin(Struct, frozen=True):
    """Predictions of one tenth: how many, their mean probability, and the share that was right."""

    low: float
    count: int
    expected: float
    right: float


def reliability(probability: ArrayLike, right: ArrayLike, bins: int = 10) -> list[Bin]:
    """The reliability table over equal-width bins; empty bins are left out."""
    p, y = np.asarray(probability, dtype=float), np.asarray(right, dtype=float)
    place = np.minimum((p * bins).astype(int), bins - 1)
    return [
        Bin(k / bins, int(held.sum()), float(p[held].mean()), float(y[held].mean()))
        for k in range(bins)
        if (held := place == k).any()
    ]


def calibration_error(probability: ArrayLike, right: ArrayLike, bins: int = 10) -> float:
    """The expected calibration error (Naeini et al., 2015): the mean distance of expected and
    right over equal-width bins, weighted by their size; 0 without predictions."""
    table = reliability(probability, right, bins)
    total = sum(row.count for row in table)
    return sum(row.count * abs(row.expected - row.right) for row in table) / max(1, total)


def f1_cut(probability: ArrayLike, reach: float = 1.0) -> float:
    """The cut that maximises the expected F1 of what is at or above it.

    ``reach`` is the share of all right answers that is among the candidates at all: the expected
    number of right answers is the sum of the probabilities divided by it. No truth is looked at.

    >>> f1_cut([0.9, 0.8, 0.3, 0.1])
    0.8
    """
    p: Floats = np.sort(np.asarray(probability, dtype=float))[::-1]
    if not p.size:
        return 1.0
    wanted = p.sum() / reach
    expected = 2 * np.cumsum(p) / (np.arange(1, p.size + 1) + wanted)
    return _best(p, expected)


def official_cut(wrong: ArrayLike, others: float, reach: float = 1.0) -> float:
    """The cut on the probability of being wrong that maximises the expected official precision
    F1 of WikiKGE-10 (`kgenrich.evaluate.wikikge.benchmark.precision`).

    ``wrong`` are the probabilities of the names of the graph, ``others`` the expected number of
    right names that are proposed and not in the graph, of which ``reach`` is the share found.
    """
    q: Floats = np.sort(np.asarray(wrong, dtype=float))[::-1]
    if not q.size:
        return 1.0
    dropped = np.cumsum(q)
    kept = (1 - q).sum() - np.cumsum(1 - q)
    accuracy = (others + dropped + kept) / (q.size + others / reach)
    found = dropped / q.sum()
    expected = 2 * accuracy * found / (accuracy + found)
    return _best(q, expected)


def smallest_cut(probability: Sequence[float], right: Sequence[bool], wanted: float) -> float:
    """The lowest cut at which at least ``wanted`` of what is at or above it was right; above 1
    where no cut reaches that. Choose it on one part of the data and report it on another."""
    p, y = np.asarray(probability, dtype=float), np.asarray(right, dtype=float)
    order = np.argsort(-p, kind="stable")
    share = np.cumsum(y[order]) / np.arange(1, len(p) + 1)
    good = np.flatnonzero((share >= wanted) & _possible(p[order]))
    return float(p[order][good[-1]]) if good.size else 1.01


def _best(descending: Floats, expected: Floats) -> float:
    return float(descending[int(np.argmax(np.where(_possible(descending), expected, -1.0)))])


def _possible(descending: Floats) -> NDArray[np.bool_]:
    """Equal probabilities stand or fall together: only the last of them is a possible cut."""
    return np.append(np.diff(descending) != 0, True)[: len(descending)]
