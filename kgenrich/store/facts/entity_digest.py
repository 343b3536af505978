"""A number that tells whether an entity is what was loaded last."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from kgenrich.model import Entity


def digest_of(entity: Entity, mark: bytes) -> int | None:
    """63 bits (BLAKE2b) of an entity and of ``mark``, the languages that are loaded of it; None
    for what no database can keep: NUL, halves of surrogate pairs, numbers over 63 bits."""
    try:
        data = msgspec.json.encode(entity)
    except UnicodeEncodeError:
        return None
    if not 0 <= entity.revision < 2**63 or (b"\\u0000" in data and _has_nul(entity)):
        return None
    return int.from_bytes(blake2b(data + mark, digest_size=8).digest(), "big") >> 1


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    return any(_has_nul(part) for part in _parts(msgspec.to_builtins(value)))


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _parts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _parts(part)
    else:
        yield str(value)
