"""What every reader of a graph yields: entities in batches, with the place it has come to."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

from kgenrich.model import Entity, Reject

EXCERPT = 800
"""Bytes of what cannot be read that are kept."""


class Batch(Struct):
    """Some entities and the ``position`` from which a reader goes on after them.

    ``position`` is the reader's own text. ``read`` counts the documents looked at, entities or
    not; ``done`` says how far the reader is, in the units of its progress. ``live``: a server says
    how it is now, which brings back what was deleted; a dump says how it was.

    ``rejects`` are the documents of which nothing could be used, ``partial`` the places of what was
    left out of others. ``left_out`` and ``repaired`` count, by its name in the singular ("label"),
    what of an entity was not used or was mended.
    """

    position: str = ""
    done: int = 0
    read: int = 0
    entities: list[Entity] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    partial: list[Reject] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    live: bool = False


def excerpt(data: bytes) -> str:
    """The beginning of some bytes, as text that is safe to show and to store."""
    text = data[:EXCERPT].decode("utf-8", "replace")[:200]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
