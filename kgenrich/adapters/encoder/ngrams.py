"""Names as bags of hashed character n-grams, for whole batches at once in numpy.

Three readings of a name are cut into n-grams, and each n-gram is hashed to a bucket: the name
itself with Chinese characters in their simplified form, its ASCII transliteration, and the
consonant skeleton of that, in which sounds that languages confuse (b and p, l and r) are one.
The second and third let names meet across scripts that were never seen together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Indices = NDArray[np.int32]
Offsets = NDArray[np.int64]
_Part = tuple[NDArray[np.int64], Indices]

_LONGEST, _LONGEST_ASCII, _LONGEST_WORD = 80, 120, 24
_BETWEEN, _SPACE = 1, 32
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class NgramSpec(Struct, frozen=True, kw_only=True):
    """Which n-grams are cut (orders by reading) and into how many buckets they are hashed.

    ``own`` n-grams have at least one character outside ASCII: what is all ASCII is left to the
    ``ascii`` reading. ``words`` adds whole words of the ASCII reading.
    """

    own: tuple[int, ...] = (1, 2, 3)
    ascii: tuple[int, ...] = (2, 3, 4)
    skeleton: tuple[int, ...] = (3,)
    words: bool = True
    buckets: int = 1 << 17


class _AsciiTable(dict[int, str]):
    """Code point to lower-case ASCII, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        from anyascii import anyascii

        letters = anyascii(chr(code)).lower()
        text = "".join(c if c.isalnum() else "" if c in "'`\"" else " " for c in letters)
        self[code] = text
        return text


class _HanTable(dict[int, str]):
    """Code point to the simplified form of a traditional or Japanese character."""

    def __missing__(self, code: int) -> str:
        text = chr(code)
        if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF:
            japanese, traditional = _converters()
            text = traditional.convert(japanese.convert(text))
        self[code] = text
        return text


@cache
def _converters() -> tuple[Any, Any]:
    from opencc import OpenCC

    return OpenCC("jp2t"), OpenCC("t2s")


_ASCII, _HAN = _AsciiTable(), _HanTable()


def _consonant_classes() -> NDArray[np.uint8]:
    classes = np.zeros(128, np.uint8)
    for group, stands_for in zip(
        ("bp", "fv", "ckqgx", "dt", "lr", "m", "n", "szj"), "pfktlmns", strict=True
    ):
        for letter in group:
            classes[ord(letter)] = ord(stands_for)
    for kept in (*range(ord("0"), ord("9") + 1), _SPACE, _BETWEEN):
        classes[kept] = kept
    return classes


_CLASSES = _consonant_classes()


def normal_form(name: str) -> str:
    """The form of a name from which n-grams are cut: NFKC, case-folded, single spaces.

    >>> normal_form("Ａlan_Turing ")
    'alan turing'
    """
    folded = unicodedata.normalize("NFKC", name).casefold().replace("_", " ")
    folded = folded.replace(chr(_BETWEEN), " ")
    return " ".join(folded.split())[:_LONGEST]


def ascii_form(name: str) -> str:
    """The transliteration of a normal form to lower-case ASCII letters, digits and spaces.

    >>> ascii_form("东京"), ascii_form("москва")
    ('dongjing', 'moskva')
    """
    return " ".join(name.translate(_ASCII).split())[:_LONGEST_ASCII]


def ngrams(names: Sequence[str], spec: NgramSpec) -> tuple[Indices, Offsets]:
    """The buckets of every name, one after the other.

    Returns ``indices`` (int32) and ``offsets`` (int64, one more than there are names): those of
    name ``i`` are ``indices[offsets[i]:offsets[i + 1]]``.
    """
    own = [normal_form(name) for name in names]
    latin = _codes([ascii_form(name) for name in own])
    parts = _cut(_codes([name.translate(_HAN) for name in own]), spec.own, 1, spec, foreign=True)
    parts += _cut(latin, spec.ascii, 2, spec)
    if spec.words:
        parts.append(_words(latin, 3, spec))
    parts += _cut(_skeleton(latin), spec.skeleton, 4, spec)
    return _by_name(parts, len(names))


def _codes(texts: Sequence[str]) -> Codes:
    """All texts as code points: a mark before, between and after, a space around each."""
    joined = "\x01" + "".join(f" {text} \x01" for text in texts)
    return np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)


def _skeleton(latin: Codes) -> Codes:
    """Consonant classes without vowels and repetitions; a vowel that opens a word stays."""
    classes = _CLASSES[np.minimum(latin, 127)]
    opening = np.zeros(len(latin), bool)
    opening[1:] = (latin[:-1] == _SPACE) & (classes[1:] == 0)
    classes = np.where(opening, np.uint8(ord("a")), classes)
    kept = classes[classes > 0]
    repeated = np.zeros(len(kept), bool)
    repeated[1:] = (kept[1:] == kept[:-1]) & (kept[1:] > ord("9"))
    return kept[~repeated].astype(np.uint32)


def _cut(
    codes: Codes, orders: Sequence[int], salt: int, spec: NgramSpec, *, foreign: bool = False
) -> list[_Part]:
    """(owner, bucket) of the n-grams of each order that lie within one name."""
    between = codes == _BETWEEN
    owner = np.cumsum(between) - 1
    wide = codes.astype(np.uint64)
    hashes = np.zeros(len(codes), np.uint64)
    crosses, visible, outside = (np.zeros(len(codes), bool) for _ in range(3))
    parts = []
    for order in range(1, max(orders, default=0) + 1):
        size = len(codes) - order + 1
        last = slice(order - 1, None)
        hashes = hashes[:size] * _PRIME + wide[last] + np.uint64(1)
        crosses = crosses[:size] | between[last]
        visible = visible[:size] | (codes[last] != _SPACE)
        outside = outside[:size] | (codes[last] > 127)
        if order in orders:
            kept = ~crosses & visible & (outside | (not foreign))
            places = np.flatnonzero(kept)
            parts.append((owner[places], _buckets(hashes[places], salt * 16 + order, spec)))
    return parts


def _words(codes: Codes, salt: int, spec: NgramSpec) -> _Part:
    """(owner, bucket) of the words of two letters or more."""
    gap = (codes == _SPACE) | (codes == _BETWEEN)
    owner = np.cumsum(codes == _BETWEEN) - 1
    edges = np.flatnonzero(gap)
    start, end = edges[:-1] + 1, edges[1:]
    sized = (end - start >= 2) & (end - start <= _LONGEST_WORD)
    start, end = start[sized], end[sized]
    letters = codes.astype(np.uint64) * _MIX
    letters ^= letters >> np.uint64(29)
    hashes = np.zeros(len(start), np.uint64)
    for place in range(int((end - start).max(initial=0))):
        live = start + place < end
        hashes[live] = hashes[live] * _PRIME + letters[(start + place)[live]]
    return owner[start], _buckets(hashes, salt * 16 + 15, spec)


def _buckets(hashes: NDArray[np.uint64], salt: int, spec: NgramSpec) -> Indices:
    mixed = hashes ^ np.uint64(salt * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX
    mixed ^= mixed >> np.uint64(31)
    scaled = ((mixed >> np.uint64(32)) * np.uint64(spec.buckets)) >> np.uint64(32)
    return scaled.astype(np.int32)


def _by_name(parts: Sequence[_Part], size: int) -> tuple[Indices, Offsets]:
    """The parts, each in the order of names, merged so that every name's buckets adjoin."""
    counts = [np.bincount(owner, minlength=size) for owner, _ in parts]
    offsets = np.zeros(size + 1, np.int64)
    np.cumsum(np.sum(counts, axis=0), out=offsets[1:])
    indices = np.empty(offsets[-1], np.int32)
    at = offsets[:-1].copy()
    for (owner, bucket), count in zip(parts, counts, strict=True):
        first = np.cumsum(count) - count
        indices[at[owner] + np.arange(len(owner)) - first[owner]] = bucket
        at += count
    return indices, offsets
