"""From what speaks for a candidate to the probability that it is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1.0
_STEPS = 25
_ENOUGH = 40


class Calibrator:
    """Ridge logistic regression on standardised features (Newton's method).

    Fitted on fewer than 40 examples it says nothing and all probabilities are 0: a source that
    could not be measured does not speak.
    """

    def __init__(
        self,
        features: Sequence[Sequence[float]],
        right: Sequence[bool],
        weights: Sequence[float] | None = None,
    ) -> None:
        self._weights: NDArray[np.float64] | None = None
        if len(right) < _ENOUGH:
            return
        x = np.asarray(features, dtype=np.float64)
        y = np.asarray(right, dtype=np.float64)
        importance = np.ones(len(right)) if weights is None else np.asarray(weights)
        importance = importance * (len(right) / importance.sum())
        self._mean = x.mean(axis=0)
        self._scale = x.std(axis=0) + 1e-9
        x = self._design(x)
        beta = np.zeros(x.shape[1])
        ridge = np.full(x.shape[1], _RIDGE)
        ridge[0] = 1e-6
        for _ in range(_STEPS):
            p = 1.0 / (1.0 + np.exp(-np.clip(x @ beta, -30, 30)))
            gradient = x.T @ (importance * (y - p)) - ridge * beta
            hessian = (x * (importance * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
            step = np.linalg.solve(hessian, gradient)
            beta = beta + step
            if float(np.abs(step).max()) < 1e-6:
                break
        self._weights = beta

    def _design(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = np.clip((x - self._mean) / self._scale, -5, 5)
        return np.hstack([np.ones((x.shape[0], 1)), scaled])

    def probability(self, features: Sequence[float]) -> float:
        """The probability of one, in [0, 1]."""
        if self._weights is None:
            return 0.0
        x = self._design(np.asarray([features], dtype=np.float64))
        return float((1.0 / (1.0 + np.exp(-np.clip(x @ self._weights, -30, 30))))[0])
