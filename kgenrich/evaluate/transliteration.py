"""Words whose spelling in another script is known: how often is it the first, or among three?"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from pathlib import Path

from msgspec import Struct

from kgenrich.adapters.transliteration.alphabet import folded
from kgenrich.adapters.transliteration.transliterator import Transliterator
from kgenrich.adapters.transliteration.word_pairs import read_pairs
from kgenrich.errors import InputError

Chosen = tuple[Transliterator, str]
"""Who writes the words, and the code of the language."""


class TransliterationReport(Struct, frozen=True):
    """How many ``words`` there were, the shares that have one of their spellings first (``best1``)
    and among the first three, and the ``seconds`` that writing them took.
    """

    words: int
    best1: float
    best3: float
    seconds: float


def read_words(path: Path) -> dict[str, set[str]]:
    """The spellings of each word of a file of pairs. Raises `InputError` for what is none."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for word, other, _ in read_pairs(path):
        wanted[word].add(folded(other))
    if not wanted:
        raise InputError(f"{path} has no words.")
    return dict(wanted)


def languages_of(wanted: Mapping[str, Set[str]], among: Iterable[Transliterator]) -> Chosen:
    """Who can write most of the words, and in which language, where nobody says: the one whose
    letters most words and spellings consist of.

    Raises `InputError` where that is less than half of them.
    """
    best, choice = 0, None
    for by in among:
        for language in by.alphabet.languages:
            count = sum(
                by.knows(word) and any(by.knows(other, language) for other in others)
                for word, others in wanted.items()
            )
            if count > best:
                best, choice = count, (by, language)
    if choice is None or 2 * best < len(wanted):
        raise InputError(
            "Most of the words are in no script that there is training data for; say --to."
        )
    return choice


def evaluate(
    wanted: Mapping[str, Set[str]], language: str, by: Transliterator
) -> TransliterationReport:
    """Write words in a language, and compare, capitals aside."""
    words = list(wanted)
    began = time.perf_counter()
    answers = by.transliterate(words, language, n=3)
    seconds = time.perf_counter() - began
    best1 = best3 = 0
    for word, ways in zip(words, answers, strict=True):
        texts = [folded(text) for text, _ in ways]
        best1 += any(text in wanted[word] for text in texts[:1])
        best3 += any(text in wanted[word] for text in texts)
    return TransliterationReport(
        len(words), round(best1 / len(words), 4), round(best3 / len(words), 4), round(seconds, 3)
    )
