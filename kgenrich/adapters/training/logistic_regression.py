"""Ridge logistic regression by Newton's method, small enough to need no library."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.training.one_thread import one_thread

Floats = NDArray[np.float64]


@one_thread()
def fit(
    rows: Floats,
    right: Floats,
    weights: Floats,
    ridge: Floats,
    start: Floats,
    lowest: Floats,
    steps: int = 60,
    tolerance: float = 1e-7,
) -> Floats:
    """Coefficients (d,) that maximise the penalised likelihood, none under its ``lowest`` (d,).

    ``rows`` is (n, d), ``right`` (n,) of 0 and 1, ``weights`` (n,) what each row counts for,
    ``ridge`` (d,) how strongly each coefficient is drawn to its ``start`` (d,); all float64. It
    ends where a step lowers the loss by less than ``tolerance``, as a share of it.
    """
    current = np.maximum(start, lowest)

    def loss(coefficients: Floats) -> float:
        sums = rows @ coefficients
        misfit = weights @ (np.logaddexp(0, sums) - right * sums)
        return float(misfit + 0.5 * ridge @ (coefficients - start) ** 2)

    now = loss(current)
    for _ in range(steps):
        chance = probability(rows, current)
        gradient = rows.T @ (weights * (right - chance)) - ridge * (current - start)
        spread = weights * chance * (1 - chance) + 1e-9
        curvature = (rows * spread[:, None]).T @ rows + np.diag(ridge)
        # A coefficient that is held at its lowest takes no part in the step.
        free = (current > lowest) | (gradient > 0)
        step = np.zeros_like(current)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        length = 1.0
        following = np.maximum(current + step, lowest)
        while length > 1e-4 and loss(following) > now:
            length /= 2
            following = np.maximum(current + length * step, lowest)
        if now - loss(following) < tolerance * max(now, 1.0):
            break
        current, now = following, loss(following)
    return current


def probability(rows: Floats, coefficients: Floats) -> Floats:
    """The probability of each of the ``rows`` (n, d): (n,)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(rows @ coefficients, -30, 30))))


def logit(p: float) -> float:
    """Log-odds, finite at 0 and 1.

    >>> logit(0.5)
    0.0
    """
    bounded = min(max(p, 0.002), 0.998)
    return log(bounded / (1 - bounded))
