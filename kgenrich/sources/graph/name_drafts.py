"""What the ways of one entity lead to: drafts of a name, with the features that tell how good
each one is beside the others."""

from __future__ import annotations

from math import log

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.training.logistic_regression import logit
from kgenrich.languages import in_script
from kgenrich.sources.calibration import Prior
from kgenrich.sources.graph.copy_rates import Ways
from kgenrich.sources.graph.name_routes import Found

FEATURES = (
    "constant",
    "best rate",
    "share",
    "lead",
    "ways",
    "other ways",
    "best rate of titles",
    "title",
    "best rate of native names",
    "native",
    "converted",
    "in the script",
    "first",
    "lone",
)
"""Of a draft: log-odds of the highest rate of its ways; log-odds of its part in the rates of all
ways; that part less the largest part of another draft; logarithms of the number of its ways and
of all others; the best rate (log-odds, 0 if none) and presence by group of ways."""

_GROWING = np.array(["rate" in name or name in {"share", "lead"} for name in FEATURES])

PRIOR = Prior(
    neutral=np.array([0.4 if name in {"best rate", "share"} else 0.0 for name in FEATURES]),
    ridge=np.array([0.02 if name == "constant" else 1.0 for name in FEATURES]),
    lowest=np.where(_GROWING, 0.0, -np.inf),
)
"""Rates, shares and leads can only speak for a draft."""

UNKNOWN = 1.0
"""What stands for the names that nobody has written down yet: a lone draft has not all of the
rates, and less of them the lower its own."""

CONSIDERED = 8
"""Drafts of one entity that are looked at, the best-supported ones."""

Floats = NDArray[np.float64]


class Draft(Struct, frozen=True):
    """A text with the numbers of the ways that lead to it, of which ``best`` is the surest."""

    key: str
    text: str
    ways: tuple[int, ...]
    best: int
    features: Floats


def drafts(found: Found, rates: Floats, target: str, known: Ways) -> list[Draft]:
    """The drafts, the best-supported first. ``rates`` are those of ``found.ways``."""
    sure: list[float] = rates.tolist()
    places: dict[str, list[int]] = {}
    weights: dict[str, float] = {}
    for place, key in enumerate(found.keys):
        places.setdefault(key, []).append(place)
        weights[key] = weights.get(key, 0.0) + sure[place]
    total = sum(sure) + UNKNOWN
    order = sorted(places, key=lambda key: (-weights[key], key))
    result = []
    for key in order[:CONSIDERED]:
        mine = places[key]
        rival = max((weights[other] for other in order[:2] if other != key), default=0.0)
        best = max(mine, key=sure.__getitem__)
        features = np.array(
            [
                1.0,
                logit(sure[best]),
                logit(weights[key] / total),
                (weights[key] - rival) / total,
                log(len(mine)),
                log(1 + len(found.keys) - len(mine)),
                *_best_of("title", mine, found, sure, known),
                *_best_of("native", mine, found, sure, known),
                float(any(known.groups[found.ways[i]] == "converted" for i in mine)),
                float(in_script(found.texts[best], target)),
                float(key == order[0]),
                float(len(order) == 1),
            ]
        )
        ways = tuple(int(found.ways[place]) for place in mine)
        text = _spelling(mine, found, sure)
        result.append(Draft(key, text, ways, int(found.ways[best]), features))
    return result


def _best_of(
    group: str, mine: list[int], found: Found, sure: list[float], known: Ways
) -> tuple[float, float]:
    of_group = [sure[i] for i in mine if known.groups[found.ways[i]] == group]
    return (logit(max(of_group)), 1.0) if of_group else (0.0, 0.0)


def _spelling(mine: list[int], found: Found, sure: list[float]) -> str:
    """The best-supported of the spellings that are equal in normal form."""
    support: dict[str, float] = {}
    for place in mine:
        text = found.texts[place]
        support[text] = support.get(text, 0.0) + sure[place]
    return max(sorted(support), key=support.__getitem__)
