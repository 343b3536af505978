"""Words that a language is known to have: a way to write a word that is one of them is likelier."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
import regex
from numpy.typing import NDArray

from kgenrich.adapters.encoder.name_tables import Row
from kgenrich.adapters.transliteration.alphabet import LONGEST, folded
from kgenrich.errors import InputError

Hashes = NDArray[np.uint32]
Ways = list[tuple[str, float]]
"""Ways to write a word, the best first, each with its probability."""

_LIKELIER = 3.0
"""How many times as likely a known word is as the network says, beside one that is not known:
the logarithm is between 0.8 and 1.4 by language on words that were held out."""


def hashes(words: Iterable[str]) -> Hashes:
    """Words as they are kept: 32 bits of each, in order."""
    return np.array(sorted({_hash(word) for word in words}), np.uint32)


def preferring(known: Hashes, found: Sequence[Ways]) -> list[Ways]:
    """Ways to write words, in lower case, with their probabilities, once what is ``known`` is
    taken into account; the likeliest first.

    >>> preferring(hashes(["ян"]), [[("жан", 0.5), ("ян", 0.5)]])
    [[('ян', 0.75), ('жан', 0.25)]]
    """
    if not len(known):
        return list(found)
    asked = np.array([_hash(text) for text, _ in chain.from_iterable(found)], np.uint32)
    places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    answers = iter((known[places] == asked).tolist())
    return [_weighed([(*way, next(answers)) for way in ways]) for ways in found]


def _weighed(ways: Sequence[tuple[str, float, bool]]) -> Ways:
    total = 1 + sum((_LIKELIER - 1) * chance for _, chance, is_known in ways if is_known)
    weighed = [
        (text, chance * (_LIKELIER if is_known else 1) / total) for text, chance, is_known in ways
    ]
    return sorted(weighed, key=lambda way: -way[1])


def words_of_names(rows: Iterable[Row], patterns: Mapping[str, str]) -> dict[str, set[str]]:
    """By language the words of the names in it, of which a regular expression says what they
    consist of. Raises `InputError` for what is no regular expression.
    """
    try:
        compiled = {language: regex.compile(pattern) for language, pattern in patterns.items()}
    except regex.error as error:
        raise InputError(f"What a word consists of is no regular expression: {error}.") from error
    found: dict[str, set[str]] = {language: set() for language in compiled}
    for _, language, kind, text in rows:
        if kind.is_name and language in compiled:
            found[language].update(
                word for word in compiled[language].findall(folded(text)) if len(word) <= LONGEST
            )
    return found


def _hash(word: str) -> int:
    return zlib.crc32(word.encode())
