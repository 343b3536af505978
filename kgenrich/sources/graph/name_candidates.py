"""What the routes of one entity lead to: candidates for its name, with the features that tell how
good each one is beside the others."""

from __future__ import annotations

from collections import defaultdict
from math import log

import numpy as np
from msgspec import Struct

from kgenrich.adapters.training.logistic_regression import logit
from kgenrich.languages import in_script
from kgenrich.model import Entity
from kgenrich.sources.calibration import Prior
from kgenrich.sources.graph.copy_rates import CopyCounts, Floats, Routes
from kgenrich.sources.graph.name_routes import RoutedTexts

FEATURES = (
    "constant",
    "best rate",
    "share",
    "lead",
    "routes",
    "other routes",
    "best rate of titles",
    "title",
    "best rate of native names",
    "native",
    "converted",
    "in the script",
    "first",
    "lone",
)
"""Of a candidate: log-odds of the highest rate of its routes; log-odds of its part in the rates of
all routes; that part less the largest part of another candidate; logarithms of the number of its
routes and of all others; the best rate (log-odds, 0 if none) and presence by group of routes."""

_GROWING = np.array(["rate" in name or name in {"share", "lead"} for name in FEATURES])

PRIOR = Prior(
    neutral=np.array([0.4 if name in {"best rate", "share"} else 0.0 for name in FEATURES]),
    ridge=np.array([0.02 if name == "constant" else 1.0 for name in FEATURES]),
    lowest=np.where(_GROWING, 0.0, -np.inf),
)
"""Rates, shares and leads can only speak for a candidate."""

UNKNOWN = 1.0
"""What stands for the names that nobody has written down yet: a lone candidate has not all of the
rates, and less of them the lower its own."""

CONSIDERED = 8
"""Candidates of one entity that are looked at, the best-supported ones."""


class NameCandidate(Struct, frozen=True):
    """A text with the numbers of the routes that lead to it, of which ``best`` is the surest."""

    key: str
    text: str
    routes: tuple[int, ...]
    best: int
    features: Floats


def name_candidates(
    counts: CopyCounts, entity: Entity, target: str, found: RoutedTexts
) -> list[NameCandidate]:
    """The candidates among what was found for an entity, the best-supported first."""
    routes = counts.routes
    sure: list[float] = counts.rates(entity.classes, target, found.routes).tolist()
    places: dict[str, list[int]] = defaultdict(list)
    weights: dict[str, float] = defaultdict(float)
    for place, key in enumerate(found.keys):
        places[key].append(place)
        weights[key] += sure[place]
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
                *_best_of("title", mine, found, sure, routes),
                *_best_of("native", mine, found, sure, routes),
                float(any(routes.groups[found.routes[i]] == "converted" for i in mine)),
                float(in_script(found.texts[best], target)),
                float(key == order[0]),
                float(len(order) == 1),
            ]
        )
        text, by = _spelling(mine, found, sure), tuple(int(found.routes[one]) for one in mine)
        result.append(NameCandidate(key, text, by, int(found.routes[best]), features))
    return result


def _best_of(
    group: str, mine: list[int], found: RoutedTexts, sure: list[float], routes: Routes
) -> tuple[float, float]:
    of_group = [sure[i] for i in mine if routes.groups[found.routes[i]] == group]
    return (logit(max(of_group)), 1.0) if of_group else (0.0, 0.0)


def _spelling(mine: list[int], found: RoutedTexts, sure: list[float]) -> str:
    """The best-supported of the spellings that are equal in normal form."""
    support: dict[str, float] = defaultdict(float)
    for place in mine:
        support[found.texts[place]] += sure[place]
    return max(sorted(support), key=support.__getitem__)
