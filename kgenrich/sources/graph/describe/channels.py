"""The two channels by which a description comes: what speaks for and against the best choices of
each, as figures, and how probable that makes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from kgenrich.adapters.training.logistic_regression import fit
from kgenrich.sources.graph.describe.trait_choices import Choice
from kgenrich.text import vote_key

_RIDGE = 1.0
_ENOUGH = 40
_FARTHEST = 5.0

COMPOSER, MEMORY = "composer", "memory"
CHANNELS = (COMPOSER, MEMORY)


def same(one: Choice, other: Choice) -> bool:
    """Whether two choices say the same in normal form."""
    return vote_key(one.filled.text) == vote_key(other.filled.text)


class ChannelChoices(NamedTuple):
    """The choices by channel, best first and none that is refused at the top.

    ``familiar`` is the share of the entity's other descriptions (as they stand and with slots)
    that others of its class have too, ``readings`` the number of these descriptions.
    """

    choices: Mapping[str, Sequence[Choice]]
    familiar: float
    readings: int

    def features(self, channel: str) -> list[float]:
        """What the calibrator sees of a channel's best choice."""
        top, *others = self.choices[channel]
        agrees = differs = concord = 0.0
        if rivals := self.choices.get(MEMORY if channel == COMPOSER else COMPOSER):
            agree = same(rivals[0], top)
            agrees, differs = float(agree), float(not agree)
            concord = rivals[0].score if agree else -rivals[0].score
        support = math.log1p(top.best_votes)
        return [
            top.score,
            top.score**3,
            top.score * support,
            top.score * agrees,
            top.score * self.familiar,
            top.score - (others[0].score if others else 0.0),
            float(not others),
            top.share,
            top.best_share,
            top.main,
            support,
            math.log1p(top.clusters),
            math.log1p(top.keys),
            top.filled.sureness,
            float(bool(top.filled.values)),
            agrees,
            differs,
            concord,
            self.familiar,
            math.log1p(self.readings),
        ]


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
