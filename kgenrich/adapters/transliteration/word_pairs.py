"""Pairs of words to learn from: a word, and what it is in another language."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kgenrich.adapters.transliteration.alphabet import LONGEST, folded, symbols_of
from kgenrich.errors import InputError
from kgenrich.inputs import read_lines

Pair = tuple[str, str]
Pairs = Mapping[str, Sequence[Pair]]
"""By the language of the second word of each."""

_WAYS = 3
_SHARE = 0.2
"""Of the pairs of a word with others that are turned around: how many, and how often one is there
beside the most frequent at least."""


def read_pairs(path: Path) -> Iterator[tuple[str, str, int]]:
    """The pairs of a TSV file: a word, the letters of the other with spaces between, and how often
    they were seen, once where that is not said. Raises `InputError` for what is no such file.
    """
    for number, line in enumerate(read_lines(path), 1):
        word, tab, rest = line.partition("\t")
        letters, _, count = rest.partition("\t")
        if not tab or not word or not letters or (count and not count.isdecimal()):
            raise InputError(
                f"Line {number} of {path} is no word, its letters in the other script and a count,"
                f" with tabs between: {line[:80]!r}."
            )
        yield folded(word), letters.replace(" ", ""), int(count or 1)


def usable(pairs: Iterable[Pair]) -> list[Pair]:
    """Those short enough, each once, in their order."""
    short = (
        (word, other)
        for word, other in pairs
        if 0 < len(word) <= LONGEST and 0 < len(symbols_of(other)) < LONGEST
    )
    return list(dict.fromkeys(short))


def converted(pairs: Iterable[Pair], way: str) -> list[Pair]:
    """The pairs with their second words put into another script in a way of OpenCC.

    >>> converted([("abel", "埃布爾"), ("abel", "埃布尔")], "t2s")
    [('abel', '埃布尔')]
    """
    convert = conversion(way)
    return list(dict.fromkeys((word, convert(other)) for word, other in pairs))


def conversion(way: str) -> Callable[[str], str]:
    """What puts a word into another script in a way of OpenCC."""
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC(way).convert
    return convert


def turned(pairs: Mapping[str, Iterable[tuple[str, str, int]]]) -> list[Pair]:
    """The pairs of all languages the other way around: of each word the most frequent others."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for of_language in pairs.values():
        for word, other, count in of_language:
            counts[other][word] += count
    return [(word, other) for word in sorted(counts) for other in _usual(counts[word])]


def _usual(counts: Counter[str]) -> list[str]:
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ranked[:_WAYS] if counts[word] >= _SHARE * counts[ranked[0]]]


def held_out(pairs: Pairs, parts: int, *, development: bool) -> dict[str, list[Pair]]:
    """The pairs of which the first word is (or is not) in the first ``parts`` of a hundred."""
    return {
        language: [pair for pair in of if (fold(pair[0]) < parts) is development]
        for language, of in pairs.items()
    }


def fold(word: str) -> int:
    """The part, of a hundred, that a word belongs to, whatever it is written as."""
    return zlib.crc32(folded(word).encode()) % 100
