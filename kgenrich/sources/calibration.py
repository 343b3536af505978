"""From the features of a candidate to the probability of being right, learned from terms of the
graph.

One logistic regression for all languages orders the candidates; each language then has its own
intercept and slope on it (Platt scaling), drawn towards none. What kind of name a candidate is (a
common noun or a proper name, of a class or of an instance, of one word or of many) has its own as
well, over all languages and in each: how often people's names are written alike says nothing of
words. What features mean together small trees tell, where there are examples enough
(`kgenrich.sources.boosted_trees`). What few examples speak for moves little. A class that has many
terms counts for no more than `CLASS_WEIGHT` of them, so that one series does not decide for all
others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from kgenrich.adapters.training.logistic_regression import fit
from kgenrich.model import Entity
from kgenrich.property_roles import PropertyRoles
from kgenrich.sources import boosted_trees
from kgenrich.sources.boosted_trees import Matrix, Trees

Floats = NDArray[np.float64]

ENOUGH = 10
"""Right and wrong examples without which nothing is calibrated."""

ENOUGH_FOR_TREES = 400
"""Right and wrong examples without which no trees are grown."""

CLASS_WEIGHT = 40.0

LEAST_SLOPE = -0.15
"""Of one trait: several together never turn the order around."""


class Prior(Struct, frozen=True):
    """What is held of each feature before anything is seen: its coefficient (``neutral``), how
    strongly it is drawn to that (``ridge``), and what it cannot fall below (``lowest``)."""

    neutral: Floats
    ridge: Floats
    lowest: Floats


class Example(Struct, frozen=True):
    """The features of a candidate for a term that the graph has, whether it is that term, and the
    `traits` of the candidate."""

    features: Floats
    right: bool
    class_id: str
    traits: tuple[str, ...] = ()


def traits(entity: Entity, text: str, roles: PropertyRoles) -> tuple[str, ...]:
    """What kind of name a text would be for an entity: of a class or an instance, with a small or a
    capital first letter (or one that is neither), of one word or of several."""
    is_class = roles.of("subclass_of") in entity.claims or any(
        one.form.role == "hierarchy" for one in entity.statements
    )
    first = text[:1]
    case = "lower" if first.islower() else "upper" if first.isupper() else "no case"
    return (
        "class" if is_class else "instance",
        f"{case} {'class' if is_class else 'instance'}",
        f"{case} {'several words' if ' ' in text else 'one word'}",
    )


class Calibration(Struct, frozen=True):
    """Coefficients of the features, and intercept and slope by language; by trait, and by trait in
    a language (``lower@it``), what is added to both; the trees that are asked after them, and the
    features that speak against a candidate from the start (``doubts``): of one that has them trees
    make nothing likelier, since it takes many labels to say that such a name is right."""

    coefficients: Floats
    scales: Mapping[str, tuple[float, float]]
    shifts: Mapping[str, tuple[float, float]] = {}
    trees: Trees | None = None
    doubts: tuple[int, ...] = ()

    def chances(
        self, rows: Sequence[Floats] | Floats, target: str, traits: Sequence[Sequence[str]] = ()
    ) -> list[float]:
        """The probability of each candidate, by its features and `traits`, that it is a name of its
        entity."""
        if not len(rows):
            return []
        table = np.asarray(rows, float)
        odds = self.regressed(table, target, traits)
        if self.trees is not None:
            added = self.trees.log_odds(self.columns(table, odds, target, traits))
            doubted = (table[:, list(self.doubts)] != 0).any(axis=1)
            odds = odds + np.where(doubted, np.minimum(added, 0.0), added)
        chances: list[float] = (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).tolist()
        return chances

    def regressed(self, rows: Floats, target: str, traits: Sequence[Sequence[str]]) -> Floats:
        """The log-odds of rows (n, d) without the trees."""
        intercept, slope = self.scales.get(target, (0.0, 1.0))
        odds: Floats = rows @ self.coefficients * slope + intercept
        if traits:
            moved: dict[tuple[str, ...], tuple[float, float]] = {}
            for own in {*map(tuple, traits)}:
                of = [self.shifts.get(one, (0.0, 0.0)) for one in _in_language(own, target)]
                moved[own] = sum(one[0] for one in of), sum(one[1] for one in of)
            added = np.array([moved[tuple(own)] for own in traits])
            odds = odds * (1 + added[:, 1]) + added[:, 0]
        return odds

    def columns(
        self, rows: Floats, odds: Floats, target: str, traits: Sequence[Sequence[str]]
    ) -> Matrix:
        """What trees are asked of: the features, the log-odds so far, the language by what it
        adds, and the traits."""
        known = [one for one in self.shifts if "@" not in one]
        table = np.zeros((len(rows), rows.shape[1] + 3 + len(known)), np.float32)
        table[:, : rows.shape[1]] = rows
        table[:, rows.shape[1]] = odds
        table[:, rows.shape[1] + 1 : rows.shape[1] + 3] = self.scales.get(target, (0.0, 1.0))
        places = {one: rows.shape[1] + 3 + number for number, one in enumerate(known)}
        for row, own in enumerate(traits):
            table[row, [places[one] for one in own if one in places]] = 1.0
        return table


def calibrate(
    examples: Mapping[str, Sequence[Example]], prior: Prior, *, trees: bool = False
) -> Calibration | None:
    """Learn from examples by target language; None where there are too few. With ``trees`` also
    what features mean together."""
    every = [example for mine in examples.values() for example in mine]
    right = np.array([example.right for example in every], float)
    fewest = min(right.sum(), len(right) - right.sum())
    if fewest < ENOUGH:
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
            of_target = np.column_stack((np.ones(len(mine)), sums))
            intercept, slope = fit(of_target, hits, _balanced(mine), ridge, start, lowest)
            scales[target] = (float(intercept), float(slope))
    found = Calibration(coefficients, scales, _shifts(examples, coefficients, scales))
    if not trees or fewest < ENOUGH_FOR_TREES:
        return found
    tables, bases = [], []
    for target, mine in examples.items():
        if mine:
            of_target = np.array([example.features for example in mine])
            of_kind = [example.traits for example in mine]
            bases.append(found.regressed(of_target, target, of_kind))
            tables.append(found.columns(of_target, bases[-1], target, of_kind))
    grown = boosted_trees.fit(np.concatenate(tables), right, weights, np.concatenate(bases))
    doubts = np.flatnonzero(prior.neutral < 0).tolist()
    return replace(found, trees=grown, doubts=tuple(doubts))


def _shifts(
    examples: Mapping[str, Sequence[Example]],
    coefficients: Floats,
    scales: Mapping[str, tuple[float, float]],
) -> dict[str, tuple[float, float]]:
    """By trait, alone and in each language, what is added to intercept and slope, learned together
    over all examples."""
    names: dict[str, int] = {}
    places: list[tuple[int, int]] = []
    sums: list[float] = []
    for target, mine in examples.items():
        intercept, slope = scales.get(target, (0.0, 1.0))
        for example in mine:
            row = len(sums)
            sums.append(float(example.features @ coefficients) * slope + intercept)
            for one in _in_language(example.traits, target):
                places.append((row, names.setdefault(one, len(names))))
    if not names:
        return {}
    base = np.array(sums)
    present = np.zeros((len(base), len(names)))
    present[tuple(zip(*places, strict=True))] = 1.0
    rows = np.column_stack((base, present, present * base[:, None]))
    right = np.array([example.right for mine in examples.values() for example in mine], float)
    weights = np.concatenate([_balanced(mine) for mine in examples.values() if mine])
    alone = np.array(["@" not in name for name in names])
    ridge = np.concatenate(([1e6], np.where(alone, 1.0, 4.0), np.where(alone, 6.0, 24.0)))
    start = np.zeros(1 + 2 * len(names))
    start[0] = 1.0
    found = fit(rows, right, weights, ridge, start, np.full(len(start), -np.inf))
    moved, steeper = found[1 : 1 + len(names)], found[1 + len(names) :]
    return {
        name: (float(moved[at]), max(float(steeper[at]), LEAST_SLOPE)) for name, at in names.items()
    }


def _in_language(traits: Sequence[str], target: str) -> list[str]:
    return [*traits, *(f"{one}@{target}" for one in traits)]


def _balanced(examples: Sequence[Example]) -> Floats:
    sizes = Counter(example.class_id for example in examples)
    return np.array([min(1.0, CLASS_WEIGHT / sizes[example.class_id]) for example in examples])
