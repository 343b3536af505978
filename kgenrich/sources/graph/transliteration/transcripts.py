"""Whole names out of the ways to write their words, with the features that tell how good one is."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

import numpy as np
from msgspec import Struct

from kgenrich.adapters.training.logistic_regression import logit
from kgenrich.adapters.transliteration.transliterator import Ways
from kgenrich.model import Entity
from kgenrich.sources.calibration import Floats, Prior
from kgenrich.sources.graph.scripts import conversions
from kgenrich.sources.graph.transliteration.spellings import Spellings
from kgenrich.sources.graph.transliteration.words import WIDTH, Name, joined
from kgenrich.text import vote_key

FEATURES = (
    "constant",
    "class",
    "chance",
    "share",
    "first",
    "words",
    "seen",
    "small",
    "alike",
    "others",
)
"""Of a candidate: log-odds of the rate at which the class's names are transliterated, logarithm of
the product of the chances of its words, log-odds of its part in those of all, whether it is the
first; logarithm of the number of words, share of those that labels have, share of those that begin
small; how many other labels of the script are alike, and whether there are others."""

PRIOR = Prior(
    neutral=np.array([{"class": 0.5, "chance": 0.3}.get(name, 0.0) for name in FEATURES]),
    ridge=np.array([0.02 if name == "constant" else 1.0 for name in FEATURES]),
    lowest=np.array(
        [0.0 if name in {"class", "chance", "share"} else -np.inf for name in FEATURES]
    ),
)
"""That a class is transliterated and that the words are likely can only speak for a name."""


class Transcript(Struct, frozen=True):
    """A name written in another script, with its normal form and features."""

    key: str
    text: str
    features: Floats


def transcripts(
    entity: Entity, name: Name, target: str, spellings: Spellings, network: Mapping[str, Ways]
) -> list[Transcript]:
    """The ways to write a name, the likeliest first; none where a word cannot be written."""
    names: list[tuple[tuple[str, ...], float]] = [((), 1.0)]
    for word in name.words:
        ways = spellings.ways(word, target, network.get(word, []), WIDTH)
        longer = [((*of, text), before * chance) for of, before in names for text, chance in ways]
        names = sorted(longer, key=lambda name: (-name[1], name[0]))[:WIDTH]
    between, found = spellings.between(target), dict[str, tuple[str, float]]()
    for words, chance in names:
        text = _in_variant(joined(words, name.joints, between), target)
        key = vote_key(text)
        found[key] = (found[key][0], found[key][1] + chance) if key in found else (text, chance)
    total = sum(chance for _, chance in found.values()) + 1e-9
    known = sum(bool(spellings.seen(word, target)) for word in name.words) / len(name.words)
    small = sum(word[:1].islower() for word in name.words) / len(name.words)
    rate = spellings.rate(entity.classes, target)
    return [
        Transcript(
            key,
            text,
            np.array(
                [
                    1.0,
                    logit(rate),
                    log(chance + 1e-9),
                    logit(chance / total),
                    float(place == 0),
                    log(len(name.words)),
                    known,
                    small,
                    name.alike or 0.0,
                    float(name.alike is not None),
                ]
            ),
        )
        for place, (key, (text, chance)) in enumerate(found.items())
        if key
    ]


def _in_variant(text: str, target: str) -> str:
    """The text as a variant of Chinese is written, of which the network knows none."""
    ways = conversions(text, "zh", target) if target.startswith("zh-") else ()
    return ways[0][1] if ways else text
