"""Which entities of a store a name stands for, with the chance of each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import numpy as np

from kgenrich.matching.chances import ASKED, Chances, learn
from kgenrich.matching.comparison import FEATURES, compare
from kgenrich.matching.index_building import update_index
from kgenrich.matching.name_index import NameIndex
from kgenrich.progress import SILENT, Progress
from kgenrich.store.base import Store
from kgenrich.store.facts.names import entity_names

CHANCES = "chances.json"
SURE = 0.95
"""The chance from which the best entity is taken for the one that is meant, where no other one is
called alike."""

_BEST, _NAMESAKES = FEATURES.index("best"), FEATURES.index("namesakes")


class Match(NamedTuple):
    """An entity by its key, its name that is most like what was asked for, the chance that it is
    meant, whether that is safe, and what `FEATURES` names."""

    key: int
    name: str
    chance: float
    is_sure: bool
    features: tuple[float, ...] = ()


class Matcher:
    """Answers what a name stands for, from an index and what was learned of it."""

    def __init__(self, index: NameIndex, chances: Chances) -> None:
        self.index = index
        self._chances = chances

    def match(
        self,
        text: str,
        members: Collection[int] = (),
        more: Callable[[list[int]], list[float]] | None = None,
    ) -> list[Match]:
        """The entities that may be meant, the likeliest first; with ``members`` those in one of
        these classes. ``more`` gives for their keys what else speaks for each, in log-odds
        (minus infinity: it cannot be)."""
        compared = compare(text, self.index.search(text, members))
        chances = self._chances.of(compared)
        keys = [one.row.key for one in compared]
        if more is not None and keys:
            bounded = np.clip(chances, 1e-9, 1 - 1e-9)
            odds = bounded / (1 - bounded) * np.exp(more(keys))
            chances = odds / (1 + odds)
            chances /= max(chances.sum(), 1.0)
        found = [
            Match(
                one.row.key,
                one.row.text,
                float(chance),
                bool(chance >= SURE and (more is not None or one.features[_NAMESAKES] == 0)),
                tuple(one.features.tolist()),
            )
            for one, chance in zip(compared, chances, strict=True)
            if chance > 0
        ]
        return sorted(found, key=lambda one: -one.chance)


def open_matcher(store: Store, folder: Path, progress: Progress = SILENT) -> Matcher:
    """The matcher of a store, whose index is in a folder and is brought up to date first."""
    update_index(store, folder, progress)
    index = NameIndex(folder)
    try:
        chances = msgspec.json.decode((folder / CHANCES).read_bytes(), type=Chances)
        is_known = len(chances.coefficients) == len(FEATURES)
    except (OSError, msgspec.DecodeError):
        is_known = False
    if not is_known:
        progress.begin("learning what likeness is worth")
        chances = learn(index, entity_names(store, _some(index)))
        (folder / CHANCES).write_bytes(msgspec.json.encode(chances))
    return Matcher(index, chances)


def _some(index: NameIndex) -> list[int]:
    """The keys of some entities, in random order, the same for the same index."""
    number = index.state.rows
    rows = Random(0).sample(range(number), min(number, 2 * ASKED))
    return list(dict.fromkeys(row.key for row in index.rows.read(rows)))
