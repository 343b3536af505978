"""Counting coverage: how many entities of each class have a term, or inherit one.

The terms of an entity are one long integer, two bits a slot: has it, and reaches it (has it or
one of its fallbacks). The integers of a batch become a matrix of bits, whose sums over the
entities of a class, plain and weighted by sitelinks, are what to add to the counts of the class.

An entity with a label for all languages (``mul``) reaches no label slots: it counts once, under
``mul`` and each script that this label is in, and the query adds that to every language of the
script (`kgenrich.store.term_slots.ReachBits`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from kgenrich.store.term_slots import ReachBits

_SLAB = 1000
"""Entities in one matrix of bits: a few megabytes."""

_ROW = np.dtype([("slot", "<i4"), ("numbers", "<i8", (4,))])

Counts = NDArray[np.void]
"""Rows of a slot and four numbers (explicit, reachable, and both weighted by links), by slot."""

NOTHING: Counts = np.empty(0, _ROW)


def pack(counts: Counts) -> bytes:
    """The counts of a class as they are stored."""
    return counts.tobytes()


def unpack(data: bytes) -> Counts:
    """The counts of a class from where they are stored."""
    return np.frombuffer(data, _ROW)


def add(counts: Counts, more: Counts) -> Counts:
    """The sums of two counts, without rows of nothing but zeros."""
    if not len(counts):
        return more
    if np.array_equal(counts["slot"], more["slot"]):
        slots = more["slot"]
    else:
        slots = np.union1d(counts["slot"], more["slot"])
    result = np.zeros(len(slots), _ROW)
    result["slot"] = slots
    for part in (counts, more):
        result["numbers"][np.searchsorted(slots, part["slot"])] += part["numbers"]
    return result[result["numbers"].any(axis=1)]


def by_slot(counts: Counts) -> dict[int, tuple[int, int, int, int]]:
    """Explicit, reachable, and both weighted by links, by slot."""
    return {slot: tuple(numbers.tolist()) for slot, numbers in counts.tolist()}


class CoverageChanges:
    """Differences of coverage by class, from entities that came, went or changed."""

    def __init__(self, reach: ReachBits) -> None:
        self._reach = reach
        self._bits: list[int] = []
        self._weights: list[tuple[int, int]] = []
        self._members: dict[int, list[int]] = {}
        self._counts: dict[int, Counts] = {}
        self._totals: dict[int, tuple[int, int]] = {}

    def note(
        self,
        keys: Iterable[int],
        slots: Collection[int],
        links: int,
        everywhere: str = "",
        *,
        gone: bool = False,
    ) -> None:
        """An entity that is counted under these keys (`kgenrich.store.keys.counted_under`) has
        terms in these slots, and this label for all languages, or has them no longer."""
        place = len(self._bits)
        self._bits.append(self._reach.bits(slots, everywhere))
        self._weights.append((-1, -links) if gone else (1, links))
        for key in keys:
            self._members.setdefault(key, []).append(place)
        if place == _SLAB:
            self._sum()

    def sums(self) -> tuple[Mapping[int, tuple[int, int]], Mapping[int, Counts]]:
        """What to add to the entities and links, and to the counts, of each class touched."""
        self._sum()
        return self._totals, self._counts

    def _sum(self) -> None:
        if not self._bits:
            return
        slots = np.array(self._reach.slots, np.int32)
        width = max((2 * len(slots) + 7) // 8, 1)
        packed = b"".join(bits.to_bytes(width, "little") for bits in self._bits)
        matrix = np.unpackbits(
            np.frombuffer(packed, np.uint8).reshape(-1, width), axis=1, bitorder="little"
        )
        weights = np.array(self._weights, np.int64).reshape(-1, 2).T
        order = np.argsort(slots)
        for key, members in self._members.items():
            mine = weights[:, members]
            entities, links = mine.sum(axis=1).tolist()
            before = self._totals.get(key, (0, 0))
            self._totals[key] = before[0] + entities, before[1] + links
            # Not `@`: that is slow for integers, and for floats it wakes every core.
            sums = np.einsum("ki,ij->kj", mine, matrix[members])[:, : 2 * len(slots)]
            numbers = sums.reshape(2, -1, 2).transpose(1, 0, 2).reshape(-1, 4)[order]
            found = np.empty(len(slots), _ROW)
            found["slot"] = slots[order]
            found["numbers"] = numbers
            found = found[numbers.any(axis=1)]
            self._counts[key] = add(self._counts.get(key, NOTHING), found)
        self._bits.clear()
        self._weights.clear()
        self._members.clear()
