"""Boosted oblivious trees, small enough to be fitted on a user's graph with numpy alone.

Each tree asks as many questions as it is deep, the same of all rows, and adds to the log-odds that
a regression gives (Friedman, "Greedy function approximation", 2001; of oblivious trees:
Prokhorenkova et al., "CatBoost", 2018). So they learn what features mean together, and little where
there is little to learn from: a leaf is drawn to nothing by ``_RIDGE``.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.training.one_thread import one_thread

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]

TREES, DEPTH = 160, 4
_RATE, _RIDGE = 0.12, 3.0
_BINS = 32
_ROWS, _COLUMNS = 0.5, 0.4
"""Shares of the rows and the columns, drawn anew for each tree, that it is fitted on."""


class Trees(Struct, frozen=True):
    """``columns`` and ``borders`` are (trees, depth): the question is ``value > border``;
    ``leaves`` are (trees, 2 ** depth) log-odds; the first question is the lowest bit."""

    columns: NDArray[np.int16]
    borders: Matrix
    leaves: NDArray[np.float64]

    def log_odds(self, rows: Matrix) -> Floats:
        """What is added to the log-odds of each row of (rows, columns)."""
        by_column = np.ascontiguousarray(rows.T)
        total = np.zeros(len(rows))
        for columns, borders, leaves in zip(self.columns, self.borders, self.leaves, strict=True):
            leaf = np.zeros(len(rows), np.intp)
            for level, (column, border) in enumerate(zip(columns, borders, strict=True)):
                leaf |= (by_column[column] > border).astype(np.intp) << level
            total += leaves[leaf]
        return total


@one_thread()
def fit(rows: Matrix, right: Floats, weights: Floats, base: Floats) -> Trees:
    """Trees that bring the log-odds ``base`` (n,) of ``rows`` (n, d) nearer to what is ``right``
    (n,), 0 or 1, where each row counts for its weight. The same rows give the same trees."""
    draw = np.random.default_rng(1)
    borders = [_borders(column) for column in rows.T]
    bins = [
        np.searchsorted(of, column, side="left").astype(np.intp)
        for of, column in zip(borders, rows.T, strict=True)
    ]
    telling = np.array([number for number, of in enumerate(borders) if len(of)])
    odds = base.copy()
    columns, cuts = np.zeros((TREES, DEPTH), np.int16), np.zeros((TREES, DEPTH), np.float32)
    leaves = np.zeros((TREES, 1 << DEPTH))
    for tree in range(TREES if len(telling) else 0):
        chance = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        gradient, curvature = weights * (right - chance), weights * chance * (1 - chance)
        some = np.flatnonzero(draw.random(len(rows)) < _ROWS)
        asked = telling[draw.random(len(telling)) < _COLUMNS]
        asked = asked if len(asked) else telling
        slope, bend = gradient[some], curvature[some]
        drawn = {column: bins[column][some] for column in asked.tolist()}
        leaf, everyone = np.zeros(len(some), np.intp), np.zeros(len(rows), np.intp)
        for level in range(DEPTH):
            best, column, cut = -np.inf, 0, 0
            for number, of in drawn.items():
                size = len(borders[number]) + 1
                place = leaf * size + of
                gain = _gains(place, slope, bend, 1 << level, size)
                at = int(gain.argmax())
                if gain[at] > best:
                    best, column, cut = float(gain[at]), number, at
            columns[tree, level], cuts[tree, level] = column, borders[column][cut]
            leaf |= (drawn[column] > cut).astype(np.intp) << level
            everyone |= (bins[column] > cut).astype(np.intp) << level
        steps = np.bincount(leaf, slope, 1 << DEPTH)
        leaves[tree] = _RATE * steps / (np.bincount(leaf, bend, 1 << DEPTH) + _RIDGE)
        odds += leaves[tree][everyone]
    return Trees(columns, cuts, leaves)


def _borders(column: Matrix) -> Matrix:
    values = np.unique(column)
    if len(values) > _BINS:
        values = np.unique(np.quantile(column, np.linspace(0, 1, _BINS), method="nearest"))
    return np.asarray((values[1:] + values[:-1]) / 2, np.float32)


def _gains(place: NDArray[np.intp], slope: Floats, bend: Floats, leaves: int, size: int) -> Floats:
    """How much better each border of a column parts the rows of all leaves."""
    slopes = np.bincount(place, slope, leaves * size).reshape(leaves, size).cumsum(axis=1)
    bends = np.bincount(place, bend, leaves * size).reshape(leaves, size).cumsum(axis=1)
    left, right = slopes[:, :-1], slopes[:, -1:] - slopes[:, :-1]
    less, more = bends[:, :-1], bends[:, -1:] - bends[:, :-1]
    found: Floats = (left**2 / (less + _RIDGE) + right**2 / (more + _RIDGE)).sum(axis=0)
    return found
