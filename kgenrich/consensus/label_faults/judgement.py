"""How probably a label is wrong, by its signs.

The weights are those of a logistic regression that tells labels of real graphs from the same labels
broken on purpose (`python benchmarks/label_faults.py`, which prints them); the facts behind the
signs are counted on the graph that is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

from msgspec import Struct

from kgenrich.consensus.label_faults.facts import LabelFacts
from kgenrich.consensus.label_faults.signs import SIGNS, signs
from kgenrich.model import Entity

SHARE_WRONG = 0.03
"""The share of wrong ones among the labels of WikiKGE-10: what is held before a label is seen."""

CONSTANT = -1.27
WEIGHTS: Mapping[str, float] = {
    "mojibake": 3.42,
    "script": 0.86,
    "script here": 0.88,
    "script alone": 0.99,
    "mixed": 3.5,
    "edit": 1.15,
    "edit support": 2.49,
    "title edit": 3.11,
    "letters": 0.23,
    "word": 0.9,
    "swap": 3.6,
    "swap alone": 4.57,
    "swap coherent": 2.48,
    "language": 1.52,
    "copied": 1.07,
    "follows": 4.26,
    "class": 1.22,
    "other title": 0.81,
    "words": 0.69,
    "characters": 0.34,
    "titled": 0.33,
    "title": -3.33,
    "shared": -2.17,
}
"""What each sign adds to the log-odds of being wrong."""


class Fault(Struct, frozen=True):
    """The ``probability`` that a label is broken, and the ``reasons`` for it, the weightiest
    first."""

    probability: float
    reasons: tuple[str, ...] = ()


def judge_label(facts: LabelFacts, entity: Entity, language: str, label: str) -> Fault:
    """Judge a text as the label of an entity in a language.

    The entity's own names in the language have no part in it, its page title there has.
    """
    found = signs(facts, entity, language, label)
    parts = {
        name: WEIGHTS[name] * value
        for name, value in zip(SIGNS, found.values, strict=True)
        if value
    }
    total = CONSTANT + sum(parts.values()) + log(SHARE_WRONG / (1 - SHARE_WRONG))
    telling = sorted(found.told, key=lambda name: -parts.get(name, 0.0))
    return Fault(1 / (1 + exp(-total)), tuple(found.told[name] for name in telling))
