"""Ids of a Wikibase by the million: a bit each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

import numpy as np

from kgenrich.errors import InputError, UsageError
from kgenrich.harvest.wikibase import entity_id
from kgenrich.inputs import read_lines

_ID = re.compile(r"([QPLM])([1-9][0-9]{0,8})")
_MOST = 1 << 28
"""The first number that has no bit: twice as large as any item's today."""
_HEAD = re.compile(
    rb'\{(?:"(?:type|datatype)":"[a-z-]{1,40}",){0,2}"id":"([QPLM][1-9][0-9]{0,17})"'
)


class IdSet:
    """A set of ids that remembers which of them were met.

    It takes two bits for each number up to the largest of its letter: 35 MB for all items of
    Wikidata, however many are in the set.
    """

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._bits: defaultdict[str, bytearray] = defaultdict(bytearray)
        self._met: defaultdict[str, bytearray] = defaultdict(bytearray)
        self._others: dict[str, bool] = {}
        self._size = self._found = 0
        for id in ids:
            self.add(id)

    def __len__(self) -> int:
        return self._size

    def add(self, id: str) -> None:
        """Put one more into it."""
        letter, number = _split(id)
        if letter:
            self._size += _set(self._bits[letter], number)
        else:
            self._size += id not in self._others
            self._others.setdefault(id, False)

    def meet(self, id: str) -> bool:
        """Whether it is in the set; from then on it counts as met."""
        letter, number = _split(id)
        if letter:
            bits = self._bits.get(letter, b"")
            if number >> 3 >= len(bits) or not bits[number >> 3] >> (number & 7) & 1:
                return False
            self._found += _set(self._met[letter], number)
            return True
        if id not in self._others:
            return False
        self._found += not self._others[id]
        self._others[id] = True
        return True

    @property
    def missing(self) -> int:
        """How many were not met."""
        return self._size - self._found

    def unmet(self) -> Iterator[str]:
        """Those that were not met, by letter and number."""
        for letter, bits in sorted(self._bits.items()):
            left = np.frombuffer(bits, np.uint8).copy()
            met = np.frombuffer(self._met[letter], np.uint8)
            left[: len(met)] &= ~met
            for place in np.flatnonzero(left).tolist():
                byte = left[place]
                yield from (f"{letter}{place << 3 | bit}" for bit in range(8) if byte >> bit & 1)
        yield from (id for id, is_met in self._others.items() if not is_met)

    def digest(self) -> str:
        """A hash of what is in it, in whatever order it came."""
        hashed = blake2b(digest_size=16)
        for letter, bits in sorted(self._bits.items()):
            hashed.update(b"%b%d:" % (letter.encode(), len(bits)) + bits)
        hashed.update("\n".join(sorted(self._others)).encode())
        return hashed.hexdigest()


def read_id_set(path: str | Path, base: str) -> IdSet:
    """The ids of a file, one a line, as people write them (`entity_id`); lines that begin with
    ``#`` are comments.

    Raises `InputError` for a line that is none, and for a file without any.
    """
    ids = IdSet()
    for number, line in enumerate(read_lines(path), 1):
        text = line.strip().strip('"')
        if not text or text.startswith("#"):
            continue
        try:
            ids.add(text if _ID.fullmatch(text) else entity_id(text, base))
        except UsageError as error:
            raise InputError(f"Line {number} of {path}: {error}") from error
    if not ids:
        raise InputError(f"{path} has no id in it.")
    return ids


def id_in_head(document: bytes | memoryview) -> str:
    """The id of an entity document as dumps begin one, without decoding it; empty where it begins
    otherwise."""
    match = _HEAD.match(document)
    return match[1].decode() if match else ""


def _split(id: str) -> tuple[str, int]:
    """The letter and number of an id that has a bit; else no letter."""
    match = _ID.fullmatch(id)
    number = int(match[2]) if match else _MOST
    return (id[0], number) if number < _MOST else ("", 0)


def _set(bits: bytearray, number: int) -> bool:
    """Set a bit; whether it was not."""
    place = number >> 3
    if place >= len(bits):
        bits.extend(bytes(place + 1 - len(bits)))
    was = bits[place] >> (number & 7) & 1
    bits[place] |= 1 << (number & 7)
    return not was
