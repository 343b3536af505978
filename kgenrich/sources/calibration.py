"""From the features of a candidate to the probability of being right, learned from terms of the
graph.

One logistic regression for all languages orders the candidates; each language then has its own
intercept and slope on it (Platt scaling), drawn towards none. A class that has many terms counts
for no more than `CLASS_WEIGHT` of them, so that one series does not decide for all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.training.logistic_regression import fit, probability

Floats = NDArray[np.float64]

ENOUGH = 10
"""Right and wrong examples without which nothing is calibrated."""

CLASS_WEIGHT = 40.0


class Prior(Struct, frozen=True):
    """What is held of each feature before anything is seen: its coefficient (``neutral``), how
    strongly it is drawn to that (``ridge``), and what it cannot fall below (``lowest``)."""

    neutral: Floats
    ridge: Floats
    lowest: Floats


class Example(Struct, frozen=True):
    """The features of a candidate for a term that the graph has, and whether it is that term."""

    features: Floats
    right: bool
    class_id: str


class Calibration(Struct, frozen=True):
    """Coefficients of the features, and intercept and slope by language."""

    coefficients: Floats
    scales: Mapping[str, tuple[float, float]]

    def chances(self, rows: Sequence[Floats], target: str) -> list[float]:
        """The probability of each candidate, by its features, that it is a name of its entity."""
        if not rows:
            return []
        sums = np.array(rows) @ self.coefficients
        intercept, slope = self.scales.get(target, (0.0, 1.0))
        chances: list[float] = probability(sums[:, None] * slope + intercept, np.ones(1)).tolist()
        return chances


def calibrate(examples: Mapping[str, Sequence[Example]], prior: Prior) -> Calibration | None:
    """Learn from examples by target language; None where there are too few."""
    every = [example for mine in examples.values() for example in mine]
    right = np.array([example.right for example in every], float)
    if min(right.sum(), len(right) - right.sum()) < ENOUGH:
        return None
    rows = np.array([example.features for example in every])
    weights = np.concatenate([_balanced(mine) for mine in examples.values() if mine])
    coefficients = fit(rows, right, weights, prior.ridge, prior.neutral, prior.lowest)
    scales: dict[str, tuple[float, float]] = {}
    start, ridge, lowest = np.array([0.0, 1.0]), np.array([2.0, 6.0]), np.array([-np.inf, 0.2])
    for target, mine in examples.items():
        if mine:
            sums = np.array([example.features for example in mine]) @ coefficients
            hits = np.array([example.right for example in mine], float)
            rows = np.column_stack((np.ones(len(mine)), sums))
            intercept, slope = fit(rows, hits, _balanced(mine), ridge, start, lowest)
            scales[target] = (float(intercept), float(slope))
    return Calibration(coefficients, scales)


def _balanced(examples: Sequence[Example]) -> Floats:
    sizes = Counter(example.class_id for example in examples)
    return np.array([min(1.0, CLASS_WEIGHT / sizes[example.class_id]) for example in examples])
