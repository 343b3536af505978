"""How far the names that local search finds can be trusted: the features of a name, and what they
are worth, counted on names that the graph has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import log

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.likeness import Likeness
from kgenrich.adapters.training.logistic_regression import logit
from kgenrich.cross_fitting import part_of
from kgenrich.languages import script
from kgenrich.model import TermKind
from kgenrich.sources.calibration import Calibration, Example, Prior, calibrate
from kgenrich.sources.search.page_names import PageHit, PageNames
from kgenrich.text import vote_key

STRENGTH = 5.0
"""Observations that the rate over all languages counts for in one language."""

ALL = -1


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


def score_names(
    found: PageNames, rates: Callable[[str], float], likeness: Likeness
) -> list[ScoredName]:
    """One for each distinct text among the hits, in their order; ``rates`` gives the probability of
    a name by the way that it was found."""
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
                *_like_titles(hits[key], key, alike),
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


def _like_titles(
    hits: Sequence[PageHit], key: str, alike: Mapping[str, float]
) -> tuple[float, float, float, float]:
    leads = [hit.lead for hit in hits if hit.lead is not None]
    if len(leads) < len(hits):
        return 0.0, 0.0, 0.0, 0.0
    rival = max((one for other, one in alike.items() if other != key), default=alike[key])
    return 1.0, alike[key], alike[key] - rival, max(leads)


class Observation(Struct, frozen=True):
    """What was found for a label that the graph has, and the names that are right. ``group`` is
    the class of the entity, or the entity where it has none; ``seen`` is whether the encoder was
    trained on the label: its likeness then tells nothing of how it fares with others."""

    entity: str
    group: str
    language: str
    label: str
    right: frozenset[str]
    has_aliases: bool
    seen: bool
    found: PageNames

    def judged(self, key: str) -> list[tuple[TermKind, bool]]:
        """For which kinds of term a text in normal form tells something, and if it is right."""
        right = key in self.right
        alias = [(TermKind.ALIAS, right)] if self.has_aliases and key != self.label else []
        return [(TermKind.LABEL, right), *alias]


class Reliability(Struct):
    """The probability of a name, calibrated on what the graph has; where that is too little, the
    rate of its way and what likeness is generally worth.

    ``counts`` by part, kind of term, way, and language, script or everywhere (empty): names that
    were right, and all."""

    counts: dict[tuple[int, TermKind, str, str], tuple[int, int]] = {}
    calibrations: dict[TermKind, Calibration] = {}

    def judge(
        self, found: PageNames, kind: TermKind, language: str, likeness: Likeness
    ) -> list[tuple[float, ScoredName]]:
        """The names with their probabilities, the most probable first."""
        offered = score_names(found, partial(self._rate, kind, language, ALL), likeness)
        chances = self.calibrations[kind].chances([scored.features for scored in offered], language)
        return sorted(
            zip(chances, offered, strict=True), key=lambda pair: (-pair[0], pair[1].hit.given.text)
        )

    def seen(self, kind: TermKind, way: str, language: str) -> tuple[int, int]:
        """How often the names of a way were right, of how many, in the language."""
        return self.counts.get((ALL, kind, way, language), (0, 0))

    @classmethod
    def learn(cls, known: Sequence[Observation], likeness: Likeness) -> Reliability:
        """Count and calibrate on what was found for names that the graph has."""
        reliability = cls()
        for one in known:
            reliability._count(one)
        for kind in (TermKind.LABEL, TermKind.ALIAS):
            examples = reliability._examples(kind, known, likeness)
            reliability.calibrations[kind] = calibrate(examples, PRIOR) or Calibration(
                PRIOR.neutral, {}
            )
        return reliability

    def _count(self, known: Observation) -> None:
        for way, key in {(hit.way, vote_key(hit.given.text)) for hit in known.found.hits}:
            for kind, right in known.judged(key):
                for where in (known.language, script(known.language), ""):
                    for part in (part_of(known.entity), ALL):
                        hits, seen = self.counts.get((part, kind, way, where), (0, 0))
                        self.counts[part, kind, way, where] = (hits + right, seen + 1)

    def _rate(self, kind: TermKind, language: str, without: int, way: str) -> float:
        """The rate in the language, shrunk to that in its script, to that everywhere, to a cautious
        guess: half for labels, a tenth for aliases. What was counted on the part ``without`` does
        not count."""
        rate = 0.5 if kind is TermKind.LABEL else 0.1
        for where in ("", script(language), language):
            hits, seen = self.counts.get((ALL, kind, way, where), (0, 0))
            if without != ALL:
                fewer, less = self.counts.get((without, kind, way, where), (0, 0))
                hits, seen = hits - fewer, seen - less
            rate = (hits + STRENGTH * rate) / (seen + STRENGTH)
        return rate

    def _examples(
        self, kind: TermKind, known: Sequence[Observation], likeness: Likeness
    ) -> Mapping[str, Sequence[Example]]:
        examples: dict[str, list[Example]] = {}
        for one in known:
            rates = partial(self._rate, kind, one.language, part_of(one.entity))
            for scored in score_names(one.found, rates, likeness):
                right = dict(one.judged(scored.key)).get(kind)
                if right is not None and not (one.seen and scored.by_likeness):
                    example = Example(scored.features, right, one.group)
                    examples.setdefault(one.language, []).append(example)
        return examples
