"""What a term reaches: its own slot, and those of the languages that fall back to its language."""

from __future__ import annotations

from collections.abc import Iterable

from kgenrich.languages import CODES, fallbacks
from kgenrich.model import MUL, TermKind
from kgenrich.store.term_slots import KIND_CODES, Slots

_LABEL, _ALIAS = KIND_CODES[TermKind.LABEL], KIND_CODES[TermKind.ALIAS]


class ReachBits:
    """Two bits for each slot that was ever met: has the term, and reaches it. ``slots`` are in the
    order of their bits."""

    def __init__(self, slots: Slots) -> None:
        self.slots: list[int] = []
        self._slots = slots
        self._place: dict[int, int] = {}
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
            place = self._place[slot] = len(self.slots)
            self.slots.append(slot)
            if slot & 3 == _LABEL:
                self._inherited_labels |= 2 << 2 * place
        return place
