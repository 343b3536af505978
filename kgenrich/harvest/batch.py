"""What every reader of a graph yields: entities in batches, with the place it has come to."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

from kgenrich.model import Entity, Reject

EXCERPT = 800
"""Bytes of what cannot be read that are kept."""

_MOST = 20
"""Reasons that are told of one entity; the rest is only counted."""


class Notes(Struct):
    """What the reading of a document came upon: by entity why parts of it were left out, entities
    that are ``broken`` and why, and counts as those of a `Batch`."""

    reasons: dict[str, list[str]] = field(default_factory=dict)
    broken: list[tuple[str, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)

    def add(self, other: Notes) -> None:
        """Take over what was noted of another entity."""
        self.reasons |= other.reasons
        self.left_out += other.left_out
        self.repaired += other.repaired

    def reason(self, entity: str) -> str:
        """What was left out of an entity, in a few words."""
        return ", ".join(self.reasons[entity])

    def __bool__(self) -> bool:
        return bool(self.reasons or self.broken or self.repaired)

    def leave(self, entity: str, part: str, where: str = "", count: int = 1) -> None:
        """Note that a ``part`` of an entity ("label") was left out, and ``where`` in it."""
        self.left_out[part] += count
        reasons = self.reasons.setdefault(entity, [])
        if len(reasons) < _MOST:
            reasons.append(f"{part} {where}".rstrip())


class Batch(Struct):
    """Some entities and the ``position`` from which a reader goes on after them.

    ``position`` is the reader's own text. ``read`` counts the documents looked at, entities or
    not, ``unchanged`` those of them that are known to be gone already; ``done`` says how far the
    reader is, in the units of its progress, ``standing`` more of that in words. ``live``: a server
    says how it is now, which brings back what was deleted; a dump says how it was.

    ``rejects`` are the documents of which nothing could be used, ``partial`` the places of what was
    left out of others. ``left_out`` and ``repaired`` count, by its name in the singular ("label"),
    what of an entity was not used or was mended.
    """

    position: str = ""
    done: int = 0
    read: int = 0
    unchanged: int = 0
    entities: list[Entity] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    partial: list[Reject] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    live: bool = False
    standing: str = ""

    def note(self, notes: Notes, input: str, position: int, data: bytes) -> None:
        """Take over what was noted of a document: where it stands, and how it begins."""
        begin = excerpt(data)
        for entity, why in notes.broken:
            self.rejects.append(Reject(input, position, why, begin, entity))
        for entity in notes.reasons:
            why = f"Left out, for it cannot be used: {notes.reason(entity)}."
            self.partial.append(Reject(input, position, why, begin, entity))
        self.left_out += notes.left_out
        self.repaired += notes.repaired


class GraphNotes:
    """What was not used of a whole graph, whose entities stand all over a file, or was mended:
    counted by its name in the singular; of each reason the first entity is kept."""

    MOST = 1_000
    """Reasons that are kept."""

    def __init__(self, input: str = "") -> None:
        self._input = input
        self.left_out: Counter[str] = Counter()
        self.repaired: Counter[str] = Counter()
        self.partial: list[Reject] = []
        self._reasons: set[str] = set()

    def leave(self, part: str, reason: str, entity: str = "") -> None:
        """A part of an entity cannot be used."""
        self.left_out[part] += 1
        if reason not in self._reasons and len(self._reasons) < self.MOST:
            self._reasons.add(reason)
            self.partial.append(Reject(self._input, 0, f"{reason}.", entity=entity))

    def mend(self, part: str) -> None:
        """A part of an entity had to be mended."""
        self.repaired[part] += 1

    def move_to(self, batch: Batch) -> None:
        """Hand over what was noted since the last time."""
        batch.left_out, batch.repaired = +self.left_out, +self.repaired
        self.left_out.clear()
        self.repaired.clear()
        batch.partial, self.partial = self.partial, []


def excerpt(data: bytes) -> str:
    """The beginning of some bytes, as text that is safe to show and to store."""
    text = data[:EXCERPT].decode("utf-8", "replace")[:200]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
