"""From what speaks for a candidate to the probability that it is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgenrich.sources.graph.logistic import Floats, fit, probability

_RIDGE = 1.0
_ENOUGH = 40


class Calibrator:
    """Ridge logistic regression on standardised features.

    Fitted on fewer than 40 examples it says nothing and all probabilities are 0: a source that
    could not be measured does not speak.
    """

    def __init__(
        self,
        features: Sequence[Sequence[float]],
        right: Sequence[bool],
        weights: Sequence[float],
    ) -> None:
        self._coefficients: Floats | None = None
        if len(right) < _ENOUGH:
            return
        x = np.asarray(features, dtype=np.float64)
        counts = np.asarray(weights, dtype=np.float64)
        self._mean = x.mean(axis=0)
        self._scale = x.std(axis=0) + 1e-9
        rows = self._rows(x)
        size = rows.shape[1]
        ridge = np.full(size, _RIDGE)
        ridge[0] = 1e-6
        self._coefficients = fit(
            rows,
            np.asarray(right, dtype=np.float64),
            counts * (len(right) / counts.sum()),
            ridge,
            np.zeros(size),
            np.full(size, -np.inf),
        )

    def _rows(self, x: Floats) -> Floats:
        scaled = np.clip((x - self._mean) / self._scale, -5, 5)
        return np.hstack([np.ones((x.shape[0], 1)), scaled])

    def probability(self, features: Sequence[float]) -> float:
        """The probability of one, in [0, 1]."""
        if self._coefficients is None:
            return 0.0
        rows = self._rows(np.asarray([features], dtype=np.float64))
        return float(probability(rows, self._coefficients)[0])
