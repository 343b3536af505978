"""What entities have to share for the description of one to tell about that of another."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

from kgenrich.sources.graph.describe.records import Record
from kgenrich.sources.graph.describe.trait_votes import Key

_MOST_TOGETHER = 2


class Reading(NamedTuple):
    """What a description in a source language says: as it stands, with slots, and which values."""

    source: str
    text: str
    exact: str
    slotted: str
    values: frozenset[str]


def composer_keys(reduced: Record) -> list[Key]:
    """Class, with the gender for those who have one, and up to two features: those with more
    features weigh more, further classes less."""
    keys = []
    for place, name in enumerate(reduced.classes or ("",)):
        for size in range(_MOST_TOGETHER + 1):
            for chosen in combinations(reduced.features, size):
                what = (name, reduced.gender, *(part for pair in chosen for part in pair))
                keys.append(Key((1.0 + size) / (1 + place), what, place == 0))
    return keys


def memory_keys(reduced: Record, readings: Iterable[Reading]) -> list[Key]:
    """Class, gender, and what a description in another language says, exactly and with slots;
    across classes only within one country and exactly."""
    keys = []
    for source, _, exact, slotted, _ in readings:
        for place, name in enumerate(reduced.classes[:2]):
            for said in (exact, slotted) if exact != slotted else (exact,):
                what = (source, name, reduced.gender, said)
                keys.append(Key(1.0 / (1 + place), what, place == 0))
        for country in reduced.values.get("P17", ())[:1]:
            keys.append(Key(0.5, (source, country, reduced.gender, exact), False))
    return keys
