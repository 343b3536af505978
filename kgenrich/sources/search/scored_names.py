"""What local search offers as a name: a text with the ways that lead to it, and the features that
tell how far it can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.likeness import Likeness
from kgenrich.adapters.training.logistic_regression import logit
from kgenrich.sources.calibration import Prior
from kgenrich.sources.search.page_names import PageHit, PageNames
from kgenrich.text import vote_key

FEATURES = (
    "constant",
    "rate",
    "hits",
    "rival",
    "has a rival",
    "is known",
    "pages titled by the label",
    "other pages",
    "by likeness",
    "likeness",
    "likeness above rivals",
    "lead of the title",
)
"""of a name: log-odds of the highest rate of its ways; logarithm of its hits; log-odds of the best
rival's rate (0 without a rival) and whether there is one; whether it is written like a name of the
entity in another language; of the other pages about the entity the log-odds of bearing its label
as title, and if there are any. Where only the likeness of a title led to it: that; the cosine to
the most alike of the entity's names, and what it has more than the best rival; the lead of the
title over others."""

_BY_LIKENESS = FEATURES.index("by likeness")
_NEUTRAL = {
    "rate": 1.0,
    "by likeness": -2.3,
    "likeness": 3.5,
    "likeness above rivals": 1.5,
    "lead of the title": 5.0,
}
_RIDGE = {"constant": 0.02, "likeness": 2.0, "likeness above rivals": 2.0, "lead of the title": 2.0}

PRIOR = Prior(
    neutral=np.array([_NEUTRAL.get(name, 0.0) for name in FEATURES]),
    ridge=np.array([_RIDGE.get(name, 1.0) for name in FEATURES]),
    lowest=np.array([0.0 if name == "rate" else -np.inf for name in FEATURES]),
)
"""Where a graph tells little, the rate is believed, and likeness as much as an encoder that had
never seen the names deserved on 2,600 classes without ids (`benchmarks/local_search.py`)."""

_TITLED = (0.8, 1.0)
"""How often pages bear the label as title, and for how many pages that counts."""

Rates = Callable[[str], float]
"""The probability of a name by the way that it was found."""


class ScoredName(Struct, frozen=True):
    """A text in normal form, the hit of its surest way, the features, and in words what they were
    made from besides (``reason``)."""

    key: str
    hit: PageHit
    features: NDArray[np.float64]
    reason: str

    @property
    def by_likeness(self) -> bool:
        """Whether it was only found because a title is like the entity's names."""
        return bool(self.features[_BY_LIKENESS])


def score_names(found: PageNames, rates: Rates, likeness: Likeness) -> list[ScoredName]:
    """One for each distinct text among the hits, in their order."""
    hits: dict[str, list[PageHit]] = {}
    for hit in found.hits:
        hits.setdefault(vote_key(hit.given.text), []).append(hit)
    if not hits:
        return []
    best = {key: max(mine, key=lambda hit: rates(hit.way)) for key, mine in hits.items()}
    rate = {key: rates(hit.way) for key, hit in best.items()}
    cosines = likeness([hit.given.text for hit in best.values()], found.names or ("",))
    alike = dict(zip(hits, map(float, cosines.max(axis=1)), strict=True))
    known = {vote_key(name) for name in found.names}
    titled = _titled(found)
    result = []
    for place, (key, hit) in enumerate(best.items()):
        features = np.array(
            [
                1.0,
                logit(rate[key]),
                log(len(hits[key])),
                *_rival(rate, key),
                float(key in known),
                *titled,
                *_by_likeness(hits[key], key, alike),
            ]
        )
        reason = ""
        if features[_BY_LIKENESS]:
            reason = f"like {found.names[cosines[place].argmax()]!r} ({alike[key]:.2f})"
        elif others := len(found.titled):
            reason = f"{sum(found.titled)} of {others} other pages have the label as title"
        result.append(ScoredName(key, hit, features, reason))
    return result


def _rival(rate: Mapping[str, float], key: str) -> tuple[float, float]:
    others = [one for other, one in rate.items() if other != key]
    return (logit(max(others)), 1.0) if others else (0.0, 0.0)


def _titled(found: PageNames) -> tuple[float, float]:
    if not found.titled:
        return 0.0, 0.0
    rate, strength = _TITLED
    return logit((sum(found.titled) + rate * strength) / (len(found.titled) + strength)), 1.0


def _by_likeness(
    hits: Sequence[PageHit], key: str, alike: Mapping[str, float]
) -> tuple[float, float, float, float]:
    leads = [hit.lead for hit in hits if hit.lead is not None]
    if len(leads) < len(hits):
        return 0.0, 0.0, 0.0, 0.0
    rival = max((one for other, one in alike.items() if other != key), default=alike[key])
    return 1.0, alike[key], alike[key] - rival, max(leads)
