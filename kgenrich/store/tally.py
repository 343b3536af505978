"""Counting coverage: how many entities of each class have a term, or inherit one.

An entity's terms are one big integer, two bits a slot: has it, and reaches it (has it or one of
its fallbacks). Such integers are added up bit by bit with carry-save counters (Harley and Seal),
so that an entity costs a handful of operations on long integers however many languages it has.

An entity with a label for all languages (``mul``) reaches no label slots: it counts once, under
``mul``, and the query adds that to every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgenrich.languages import CODES, fallbacks
from kgenrich.model import MUL, TermKind
from kgenrich.store.keys import ALL
from kgenrich.store.slots import KIND_CODES, Slots

_LABEL, _ALIAS = KIND_CODES[TermKind.LABEL], KIND_CODES[TermKind.ALIAS]

Delta = tuple[int, int, int, int, int, int]
"""class key, slot, explicit, reachable, explicit links, reachable links"""


class Presence:
    """The bits of slots: which a term makes explicit and which it makes reachable."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._place: dict[int, int] = {}
        self._slot: list[int] = []
        self._bits: dict[int, int] = {}
        self._inherited_labels = 0
        self._mul = slots.labels[MUL]
        self._heirs: dict[str, list[str]] = {}
        for code in CODES:
            for fallback in fallbacks(code):
                self._heirs.setdefault(fallback, []).append(code)

    def bits(self, slots: Iterable[int]) -> int:
        """The bits of an entity that has terms in these slots."""
        known = self._bits
        result = 0
        has_mul = False
        for slot in slots:
            try:
                result |= known[slot]
            except KeyError:
                result |= self._learn(slot)
            if slot == self._mul:
                has_mul = True
        return result & ~self._inherited_labels if has_mul else result

    def slot(self, bit: int) -> tuple[int, bool]:
        """The slot of a bit, and whether the bit says that it is reachable."""
        return self._slot[bit >> 1], bool(bit & 1)

    def _learn(self, slot: int) -> int:
        place = 2 * self._placed(slot)
        result = 1 << place
        kind = slot & 3
        if kind == _ALIAS:
            result |= 2 << place
        else:
            code = self._slots.language(slot)
            for heir in (code, *self._heirs.get(code, ())):
                reached = self._slots.labels[heir] + kind
                result |= 2 << 2 * self._placed(reached)
        self._bits[slot] = result
        return result

    def _placed(self, slot: int) -> int:
        place = self._place.get(slot)
        if place is None:
            place = self._place[slot] = len(self._slot)
            self._slot.append(slot)
            if slot & 3 == _LABEL:
                self._inherited_labels |= 2 << 2 * place
        return place


class Counter:
    """For each bit, how often it was set: ``planes[k]`` holds the k-th binary digits."""

    __slots__ = ("planes",)

    def __init__(self) -> None:
        self.planes: list[int] = []

    def add(self, bits: int, times: int = 1) -> None:
        """Count the set bits ``times`` times."""
        level = 0
        while times:
            if times & 1:
                self._add(bits, level)
            times >>= 1
            level += 1

    def _add(self, carry: int, level: int) -> None:
        planes = self.planes
        while len(planes) < level:
            planes.append(0)
        while carry:
            if level == len(planes):
                planes.append(carry)
                return
            plane = planes[level]
            planes[level] = plane ^ carry
            carry &= plane
            level += 1

    def counts(self) -> dict[int, int]:
        """The number of times each bit was counted, for bits counted at all."""
        found: dict[int, int] = {}
        for level, plane in enumerate(self.planes):
            weight = 1 << level
            for bit in _set_bits(plane):
                found[bit] = found.get(bit, 0) + weight
        return found


class Tally:
    """Differences of coverage by class, from entities that came, went or changed."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        # By class: counters of entities and links that came, and of those that went.
        self._counters: dict[int, tuple[Counter, Counter, Counter, Counter]] = {}
        self._totals: dict[int, list[int]] = {}

    def add(self, classes: Iterable[int], slots: Iterable[int], links: int) -> None:
        """An entity of these classes has terms in these slots."""
        self._count(classes, slots, links, 0, 1)

    def remove(self, classes: Iterable[int], slots: Iterable[int], links: int) -> None:
        """An entity of these classes no longer has terms in these slots."""
        self._count(classes, slots, links, 2, -1)

    def _count(
        self, classes: Iterable[int], slots: Iterable[int], links: int, side: int, sign: int
    ) -> None:
        bits = self._presence.bits(slots)
        for key in {ALL, *classes}:
            counters = self._counters.get(key)
            if counters is None:
                counters = self._counters[key] = (Counter(), Counter(), Counter(), Counter())
                self._totals[key] = [0, 0]
            counters[side].add(bits)
            counters[side + 1].add(bits, links)
            self._totals[key][0] += sign
            self._totals[key][1] += sign * links

    def coverage(self) -> Iterator[Delta]:
        """What to add to the table ``coverage``."""
        for key, counters in self._counters.items():
            rows: dict[int, list[int]] = {}
            for side, counter in enumerate(counters):
                sign = 1 if side < 2 else -1
                for bit, count in counter.counts().items():
                    slot, reachable = self._presence.slot(bit)
                    row = rows.setdefault(slot, [0, 0, 0, 0])
                    row[2 * (side & 1) + reachable] += sign * count
            for slot, row in rows.items():
                if any(row):
                    yield key, slot, row[0], row[1], row[2], row[3]

    def totals(self) -> Iterator[tuple[int, int, int]]:
        """What to add to the table ``totals``."""
        for key, (count, links) in self._totals.items():
            if count or links:
                yield key, count, links


def _set_bits(number: int) -> Iterator[int]:
    digits = bin(number)[:1:-1]
    bit = digits.find("1")
    while bit >= 0:
        yield bit
        bit = digits.find("1", bit + 1)
