"""Ridge logistic regression by Newton's method, small enough to need no library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit(
    rows: Floats, right: Floats, penalties: Floats, start: Floats | None = None, steps: int = 30
) -> Floats:
    """Weights that maximise the penalised likelihood.

    ``rows`` is (n, d), ``right`` (n,) of 0 and 1, ``penalties`` (d,) the ridge of each weight,
    pulling it towards ``start`` (zero by default).
    """
    prior = np.zeros(rows.shape[1]) if start is None else start
    weights = prior.copy()
    for _ in range(steps):
        chance = probability(rows, weights)
        gradient = rows.T @ (right - chance) - penalties * (weights - prior)
        spread = chance * (1 - chance) + 1e-9
        curvature = (rows * spread[:, None]).T @ rows + np.diag(penalties + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return weights


def probability(rows: Floats, weights: Floats) -> Floats:
    """The probability of each row, (n,)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30))))


def logit(p: Floats | float) -> Floats:
    """Log-odds, finite at 0 and 1."""
    clipped = np.clip(p, 0.002, 0.998)
    return np.asarray(np.log(clipped / (1 - clipped)))
