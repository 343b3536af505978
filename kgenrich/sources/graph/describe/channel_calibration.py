"""From what speaks for a candidate to the probability that it is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from kgenrich.adapters.training.logistic_regression import fit

_RIDGE = 1.0
_ENOUGH = 40
_FARTHEST = 5.0


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
        self._first = 0.0
        self._terms: list[tuple[float, float, float]] = []
        if len(right) < _ENOUGH:
            return
        x = np.asarray(features, dtype=np.float64)
        counts = np.asarray(weights, dtype=np.float64)
        mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
        scaled = np.clip((x - mean) / scale, -_FARTHEST, _FARTHEST)
        rows = np.hstack([np.ones((len(x), 1)), scaled])
        size = rows.shape[1]
        ridge = np.full(size, _RIDGE)
        ridge[0] = 1e-6
        first, *slopes = fit(
            rows,
            np.asarray(right, dtype=np.float64),
            counts * (len(right) / counts.sum()),
            ridge,
            np.zeros(size),
            np.full(size, -np.inf),
        ).tolist()
        self._first = first
        self._terms = list(zip(mean.tolist(), scale.tolist(), slopes, strict=True))

    def probability(self, features: Sequence[float]) -> float:
        """The probability of one, in [0, 1]."""
        if not self._terms:
            return 0.0
        total = self._first
        for feature, (mean, scale, slope) in zip(features, self._terms, strict=True):
            total += slope * max(-_FARTHEST, min(_FARTHEST, (feature - mean) / scale))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
