"""What the labels of two languages teach of names: whole names and words, what stands around a
part of a name (``X River``: ``rivière X``), and between two parts.
"""

from __future__ import annotations

from zlib import crc32

from msgspec import Struct

Counts = dict[str, float]
"""Weights by text: a label counts for one, shared between the names of the entity."""


class PhraseTable(Struct):
    """``names`` by key the other names of the same words; ``words`` those of parts of names that
    were found where the rest was known; ``around`` by what is left of a name without a part (left
    and right, `GAP` between) what stands around the part in the other language; ``between`` by
    what stands between two parts (empty: nothing) and the kinds of the letters that meet what
    stands between them there, an ``x`` before it where they change places. ``sounds`` are words
    of names by sound. ``owners`` has by the key of a name the number of the entity (`owner_of`)
    that alone has it. ``labels`` is the number of labels that were read.
    """

    names: dict[str, Counts] = {}
    words: dict[str, Counts] = {}
    around: dict[str, Counts] = {}
    between: dict[str, Counts] = {}
    sounds: dict[str, Counts] = {}
    owners: dict[str, int] = {}
    labels: int = 0


def owner_of(entity_id: str) -> int:
    """The number of an entity, from 1, so that a name does not speak for itself."""
    return crc32(entity_id.encode("utf-8", "surrogatepass")) or 1
