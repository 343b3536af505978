"""What an entity may be called in a language, by all that the graph teaches, with the features
that tell how good each candidate is beside the others.

A text can come by routes (what other languages call the entity) and be put together from the parts
of a name (`kgenrich.sources.graph.phrases`); a candidate is all that leads to one normal form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from math import exp, log

import numpy as np
from msgspec import Struct

from kgenrich.adapters.training.logistic_regression import logit
from kgenrich.languages import in_script
from kgenrich.model import Entity
from kgenrich.sources.calibration import Prior
from kgenrich.sources.graph.copy_counts import CopyCounts
from kgenrich.sources.graph.name_kinds import (
    CLASS_ITEM,
    GROUPS,
    KEPT,
    OTHER,
    SOUNDED,
    KindCounts,
    Kinds,
    is_by_sound,
    likeness_of,
)
from kgenrich.sources.graph.name_routes import RoutedTexts, Routes
from kgenrich.sources.graph.phrases.composer import Part
from kgenrich.text import vote_key

_BECAME = ("kept", "sounded", "other")

FEATURES = (
    "constant",
    "route",
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
    "composed",
    "chance",
    "composed share",
    "composed first",
    "sound",
    "sounded words",
    "kept words",
    "support",
    "whole",
    "steps",
    "of an alias",
    "kept",
    "sounded",
    "lone small",
    "kept capitals",
    "lone phrase",
    "lone class item",
    "words",
    "usual",
    "likeness",
    "compared",
    "described",
    "known part",
    "of its class",
    *(f"{became} {group}" for became in _BECAME for group in GROUPS),
)
"""Of a candidate: whether a route leads to it; log-odds of the highest rate of its routes;
log-odds of its part in the weights of all; that part less the largest part of another; logarithms
of the number of its routes and of all others; the best rate (log-odds, 0 if none) and presence by
group of routes; whether it is put together, the logarithm of its chance then, log-odds of its part
in those of all; the mean logarithm of its words by sound, the number of those and of words kept,
the logarithm of the labels that it rests on, whether a whole name has it, templates and joints;
whether it is made of an alias alone; what became of the name (kept, and that by no other language,
with a small initial, with small words within, of a class; in capitals), and the log-odds of that,
by all names and by what tells the kind of name; how much more it sounds like what other scripts
have than the other candidates do, and how many such names there are; whether the entity is
described, how likely the parts are that are not by sound, and the logarithm of the labels that the
largest of its classes has."""

_SPEAKING = {"share", "lead", "chance", "composed share", "likeness"}
_GROWING = np.array(["rate" in name or name in _SPEAKING for name in FEATURES])
_SUPPOSED = {"best rate": 0.4, "share": 0.4, "chance": 0.2, "usual": 0.2}
_DOUBTED = {"lone small": -3.0, "lone phrase": -2.0, "lone class item": -2.0}
"""Common nouns and phrases that only one other language has are no names: it takes many labels to
say so."""

PRIOR = Prior(
    neutral=np.array([(_SUPPOSED | _DOUBTED).get(name, 0.0) for name in FEATURES]),
    ridge=np.array(
        [0.02 if name == "constant" else 8.0 if name in _DOUBTED else 1.0 for name in FEATURES]
    ),
    lowest=np.where(_GROWING, 0.0, -np.inf),
)
"""Rates, shares, leads and chances can only speak for a candidate."""

UNKNOWN = 1.0
"""What stands for the names that nobody has written down yet: a lone candidate has not all of the
rates, and less of them the lower its own."""

CONSIDERED = 10
"""Candidates of one entity that are looked at, the best-supported ones."""

_LEAST_CHANCE = -12.0
_MOST_WITNESSES = 6


class Composed(Struct, frozen=True):
    """A name put together, and whether it is of the entity's label (else of an alias)."""

    part: Part
    of_label: bool


class NameCandidate(Struct, frozen=True):
    """A text with the numbers of the routes that lead to it, of which ``best`` is the surest
    (-1: none), and the way in which it is put together, if it is."""

    key: str
    text: str
    routes: tuple[int, ...]
    best: int
    composed: Composed | None
    became: int
    features: list[float]

    def parts(self, routes: Routes, hub: str) -> tuple[str, ...]:
        """The parts of the source that lead to it."""
        found = ["copy" if routes.names[n] == hub else "siblings" for n in self.routes]
        if self.composed is not None:
            part = self.composed.part
            if part.sounded:
                found.append("transliteration")
            if part.support >= 1:
                found.append("phrases")
        return tuple(dict.fromkeys(found))


def name_candidates(
    counts: CopyCounts,
    entity: Entity,
    target: str,
    found: RoutedTexts,
    composed: Sequence[Composed],
    kinds: Kinds,
    kind_counts: KindCounts,
    name: str,
) -> list[NameCandidate]:
    """The candidates among what was found for an entity and put together, the best-supported
    first. ``name`` is the one that was translated, of these ``kinds``."""
    routes = counts.routes
    sure: list[float] = counts.rates(entity.classes, target, found.routes).tolist()
    places: dict[str, list[int]] = defaultdict(list)
    weights: dict[str, float] = defaultdict(float)
    for place, key in enumerate(found.keys):
        places[key].append(place)
        weights[key] += sure[place]
    own, foreign = vote_key(name), not in_script(name, target)
    best_of: dict[str, Composed] = {}
    chances: dict[str, float] = defaultdict(float)
    for one in composed:
        key = vote_key(one.part.text)
        # A name that is kept in another script is not put together of words that are kept.
        if key and not (foreign and key == own and one.part.support < 1):
            chance = exp(one.part.chance) * (1.0 if one.of_label else 0.5)
            chances[key] += chance
            held = best_of.get(key)
            if held is None or one.part.chance > held.part.chance:
                best_of[key] = one
    for key, chance in chances.items():
        weights[key] += chance
    total, all_chances = sum(weights.values()) + UNKNOWN, sum(chances.values()) + 0.02
    order = sorted(weights, key=lambda key: (-weights[key], key))
    likeliest = max(chances, key=chances.__getitem__, default="")
    odds = kind_counts.odds(kinds)
    usual = [kind_counts.base(became) for became in (KEPT, SOUNDED, OTHER)]
    words = log(1 + name.count(" "))
    described = float(bool(kinds[1]))
    of_class = log(1 + counts.of_class(entity.classes, target))
    considered = order[:CONSIDERED]
    texts = {
        key: _spelling(of, found, sure) if (of := places.get(key)) else best_of[key].part.text
        for key in considered
    }
    witnesses = _in_other_scripts(found, routes, name) if foreign else []
    likeness = {key: likeness_of(text, witnesses) for key, text in texts.items()}
    middle = sum(likeness.values()) / max(1, len(likeness))
    result = []
    for key in considered:
        mine = places.get(key, [])
        put = best_of.get(key)
        part = put.part if put else None
        rival = max((weights[other] for other in order[:2] if other != key), default=0.0)
        best = max(mine, key=sure.__getitem__, default=-1)
        text = texts[key]
        became = KEPT if key == own else SOUNDED if foreign and is_by_sound(name, text) else OTHER
        lone = became == KEPT and len(mine) < 2
        of_groups = [odds[became] if one == became else _NOTHING for one in (KEPT, SOUNDED, OTHER)]
        features = [
            1.0,
            float(best >= 0),
            logit(sure[best]) if best >= 0 else 0.0,
            logit(weights[key] / total),
            (weights[key] - rival) / total,
            log(1 + len(mine)),
            log(1 + len(found.keys) - len(mine)),
            *_best_of("title", mine, found, sure, routes),
            *_best_of("native", mine, found, sure, routes),
            float(any(routes.groups[found.routes[i]] == "converted" for i in mine)),
            float(in_script(text, target)),
            float(key == order[0]),
            float(len(order) == 1),
            float(part is not None),
            max(part.chance, _LEAST_CHANCE) if part else 0.0,
            logit(chances[key] / all_chances) if part else 0.0,
            float(key == likeliest),
            part.sound / part.sounded if part and part.sounded else 0.0,
            log(1 + part.sounded) if part else 0.0,
            log(1 + part.kept) if part else 0.0,
            log(1 + part.support) if part else 0.0,
            float(part is not None and not part.steps and part.support >= 0.5 and not part.sounded),
            float(part.steps) if part else 0.0,
            float(put is not None and not put.of_label),
            float(became == KEPT),
            float(became == SOUNDED),
            float(lone and name[:1].islower()),
            float(became == KEPT and name.isupper()),
            float(lone and any(word[:1].islower() for word in name.split()[1:])),
            float(lone and CLASS_ITEM in kinds[0]),
            words,
            usual[became],
            likeness[key] - middle,
            log(1 + len(witnesses)),
            described,
            (part.chance - part.sound) / (1 + part.steps) if part else 0.0,
            of_class,
            *(value for row in of_groups for value in row),
        ]
        by = tuple(int(found.routes[one]) for one in mine)
        route = int(found.routes[best]) if best >= 0 else -1
        result.append(NameCandidate(key, text, by, route, put, became, features))
    return result


def _in_other_scripts(found: RoutedTexts, routes: Routes, name: str) -> list[str]:
    """The labels that are not in the script of the name that is translated: how it sounds, or is
    spelled, elsewhere."""
    return [
        text
        for route, text in zip(found.routes.tolist(), found.texts, strict=True)
        if routes.groups[route] == "label" and not _is_of_script(name, routes.languages[route])
    ][:_MOST_WITNESSES]


@lru_cache(maxsize=4096)
def _is_of_script(name: str, language: str) -> bool:
    return in_script(name, language)


_NOTHING = [0.0] * len(GROUPS)


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
