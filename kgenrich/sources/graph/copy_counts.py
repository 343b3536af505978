"""How often names are written alike, counted on the graph itself.

For a target language and each route a text can come from another (a label of that language, or a
conversion of one), it is the share of entities whose label in the target is the same text: by
class, shrunk to the rate over all classes, which is itself shrunk to the rate of language pairs
with (or without) a common script. Nothing is assumed of any pair of languages.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgenrich.languages import script
from kgenrich.sources.graph.name_routes import Routes

STRENGTH = 8.0
"""Entities that the wider rate counts for when it meets a narrower one."""

_ALL = ""
_CELLS = 3_000_000
"""Bounds the memory of the counts (classes x targets x routes)."""

Integers = NDArray[np.int32]
Floats = NDArray[np.float64]


class CopyCounts:
    """Counts of equal and of compared labels by class, target and route: ``counts`` by class (the
    empty one: all) is (2, targets, capacity of the routes) int32, equal ones first."""

    def __init__(
        self, targets: Sequence[str], routes: Routes, counts: dict[str, Integers] | None = None
    ) -> None:
        self.routes = routes
        self._targets = {target: number for number, target in enumerate(targets)}
        self._shape = (len(targets), routes.capacity)
        self._classes = max(8, _CELLS // max(1, len(targets) * routes.capacity))
        self.counts = counts or {_ALL: np.zeros((2, *self._shape), np.int32)}
        self._wide: Floats | None = None
        self._pooled = 0

    def observe(
        self, classes: Sequence[str], target: str, routes: Integers, equal: NDArray[np.bool_]
    ) -> None:
        """Count one entity: ``equal[i]`` tells whether the text that came by ``routes[i]`` is the
        target's label."""
        row = self._targets[target]
        for name in (_ALL, *classes):
            if name not in self.counts:
                if len(self.counts) > self._classes:
                    continue
                self.counts[name] = np.zeros((2, *self._shape), np.int32)
            self.counts[name][0, row, routes] += equal
            self.counts[name][1, row, routes] += 1
        self._wide = None

    def without(self, part: CopyCounts) -> CopyCounts:
        """These counts without those of a part of the entities, to measure on that part."""
        rest = {
            name: counts - part.counts[name] if name in part.counts else counts
            for name, counts in self.counts.items()
        }
        return CopyCounts(tuple(self._targets), self.routes, rest)

    def rates(self, classes: Sequence[str], target: str, routes: Integers) -> Floats:
        """The probability by route that the text is the label, in (0, 1)."""
        row = self._targets[target]
        # Routes that appeared since belong to one of the two groups as well.
        if self._wide is None or self._pooled != len(self.routes.names):
            self._wide, self._pooled = self._pool(), len(self.routes.names)
        rate = np.asarray(self._wide[row, routes])
        counted = (name for name in classes if name in self.counts)
        largest = max(counted, key=lambda name: self._size(name, row), default=_ALL)
        for name in dict.fromkeys((_ALL, largest)):
            equal, compared = self.counts[name][:, row, routes]
            rate = (equal + STRENGTH * rate) / (compared + STRENGTH)
        return rate

    def of_class(self, classes: Sequence[str], target: str) -> int:
        """How many labels were compared at most of one of the classes; 0 without classes."""
        row = self._targets[target]
        return max((self._size(name, row) for name in classes), default=0)

    def seen(self, classes: Sequence[str], target: str, route: int) -> tuple[int, int, str]:
        """Equal and compared labels, and the class they are of (empty: all), for people."""
        row = self._targets[target]
        telling = (
            name
            for name in sorted(classes, key=lambda name: -self._size(name, row))
            if name in self.counts and self.counts[name][1, row, route] >= STRENGTH
        )
        name = next(telling, _ALL)
        equal, compared = self.counts[name][:, row, route].tolist()
        return equal, compared, name

    def _size(self, name: str, row: int) -> int:
        return int(self.counts[name][1, row].max()) if name in self.counts else 0

    def _pool(self) -> Floats:
        """The rate by target and route, over all routes that share (or do not) the script."""
        known = len(self.routes.names)
        scripts = np.array([_common(script(code)) for code in self.routes.languages])
        converted = np.array(self.routes.groups) == "converted"
        result = np.full(self._shape, 0.5)
        equal, compared = self.counts[_ALL].astype(float)
        for target, row in self._targets.items():
            shared = np.zeros(self._shape[1], bool)
            shared[:known] = (scripts == _common(script(target))) | converted
            for group in (shared, ~shared):
                hits, seen = equal[row, group].sum(), compared[row, group].sum()
                result[row, group] = (hits + 1) / (seen + 2)
        return result


def _common(code: str) -> str:
    """Scripts that share their characters as one."""
    return "Hani" if code in {"Hans", "Hant", "Hani", "Jpan"} else code
