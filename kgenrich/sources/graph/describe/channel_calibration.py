"""From what speaks for a candidate to the probability that it is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from kgenrich.adapters.training.logistic_regression import fit

_RIDGE = 1.0
_ENOUGH = 40
_FARTHEST = 5.0


class Calibrator(Struct, frozen=True):
    """Ridge logistic regression on standardised features: the constant, and mean, scale and slope
    of each feature. Without features it says nothing and all probabilities are 0."""

    constant: float = 0.0
    terms: tuple[tuple[float, float, float], ...] = ()

    def probability(self, features: Sequence[float]) -> float:
        """The probability of one, in [0, 1]."""
        if not self.terms:
            return 0.0
        total = self.constant
        for feature, (mean, scale, slope) in zip(features, self.terms, strict=True):
            total += slope * max(-_FARTHEST, min(_FARTHEST, (feature - mean) / scale))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def fit_calibrator(
    features: Sequence[Sequence[float]], right: Sequence[bool], weights: Sequence[float]
) -> Calibrator:
    """Fit to n examples: ``features`` (n, d), ``right`` (n,), ``weights`` (n,) what each counts
    for. A source that could not be measured, on fewer than 40 of them, does not speak."""
    if len(right) < _ENOUGH:
        return Calibrator()
    x = np.asarray(features, dtype=np.float64)
    counts = np.asarray(weights, dtype=np.float64)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    scaled = np.clip((x - mean) / scale, -_FARTHEST, _FARTHEST)
    rows = np.hstack([np.ones((len(x), 1)), scaled])
    size = rows.shape[1]
    ridge = np.full(size, _RIDGE)
    ridge[0] = 1e-6
    constant, *slopes = fit(
        rows,
        np.asarray(right, dtype=np.float64),
        counts * (len(right) / counts.sum()),
        ridge,
        np.zeros(size),
        np.full(size, -np.inf),
    ).tolist()
    return Calibrator(constant, tuple(zip(mean.tolist(), scale.tolist(), slopes, strict=True)))
