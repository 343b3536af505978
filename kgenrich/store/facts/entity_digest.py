"""A number that tells whether an entity is what was loaded last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from kgenrich.model import Entity

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""NUL in JSON: an escape whose backslash is not escaped itself."""


def digest_of(entity: Entity, mark: bytes) -> int | None:
    """63 bits (BLAKE2b) of an entity and of ``mark``, the languages that are loaded of it; None
    for what no database can keep: NUL, halves of surrogate pairs, numbers over 63 bits."""
    try:
        data = msgspec.json.encode(entity)
    except UnicodeEncodeError:
        return None
    if not 0 <= entity.revision < 2**63 or (b"\\u0000" in data and _NUL.search(data)):
        return None
    return _number(data + mark)


def digest_beside(digest: int, kept: Sequence[Sequence[object]]) -> int:
    """The digest of an entity that keeps rows beside what was loaded: terms in other languages."""
    return _number(msgspec.json.encode((digest, kept)))


def _number(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") >> 1
