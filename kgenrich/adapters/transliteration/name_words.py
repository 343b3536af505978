"""Pairs of words out of whole names of the same things, where the words sound alike.

Two names of as many words are taken word by word, and a pair is kept when what the two words have
of consonants is nearly the same: what is translated falls out. Script by script, no table but the
ASCII form of a letter is needed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import regex

from kgenrich.adapters.encoder.name_tables import Row
from kgenrich.adapters.encoder.ngrams import ascii_form
from kgenrich.adapters.transliteration.alphabet import folded
from kgenrich.errors import InputError

_BETWEEN = re.compile(r"[\s·・‐\-]+")
_QUALIFIER = re.compile(r"[(（,،、].*")
_CLASSES = str.maketrans("pvckqgxjdtrszyhwaeiou", "bfkkkkkstllss" + " " * 8)
_LEAST = 0.6
"""Likeness of the consonants of two words that are taken for one name."""

_LONGEST = 6
"""Words of a name that is looked at."""


def word_pairs(
    rows: Iterable[Row], source: str, targets: Mapping[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """By target language the pairs of words of one thing's names, the ``source`` language's first:
    of each word the one that most things have. ``targets`` says what a word of each language
    consists of, as a regular expression. The rows of an entity adjoin. Raises `InputError` for
    what is no regular expression.
    """
    try:
        patterns = {target: regex.compile(pattern) for target, pattern in targets.items()}
    except regex.error as error:
        raise InputError(f"What a word consists of is no regular expression: {error}.") from error
    counts: dict[str, dict[str, Counter[str]]] = {
        target: defaultdict(Counter) for target in targets
    }
    for _, group in groupby(rows, key=lambda row: row[0]):
        names: dict[str, set[str]] = defaultdict(set)
        for _, language, kind, text in group:
            if kind.is_name and (language == source or language in targets):
                names[language].add(folded(text))
        sources = [_words(name) for name in sorted(names.pop(source, ()))]
        for target, others in sorted(names.items()):
            pairs = {
                pair
                for other in sorted(others)
                for words in sources
                for pair in _pairs(words, _words(other), patterns[target])
            }
            for word, other in pairs:
                counts[target][word][other] += 1
    return {
        target: [(word, _most(of)) for word, of in sorted(by_word.items())]
        for target, by_word in counts.items()
    }


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda word: (-counts[word], word))


def _words(name: str) -> Sequence[str]:
    return _BETWEEN.split(_QUALIFIER.sub("", name).strip())


def _pairs(
    words: Sequence[str], others: Sequence[str], target: regex.Pattern[str]
) -> Iterator[tuple[str, str]]:
    if len(words) == len(others) <= _LONGEST:
        for word, other in zip(words, others, strict=True):
            if len(word) > 1 and target.fullmatch(other) and sounds_alike(word, other):
                yield word, other


def sounds_alike(word: str, other: str) -> bool:
    """Whether two words have nearly the same consonants.

    >>> sounds_alike("keats", "китс"), sounds_alike("river", "река")
    (True, False)
    """
    one, two = _consonants(word), _consonants(other)
    longest = max(len(one), len(two))
    return longest > 0 and 1 - _distance(one, two) / longest >= _LEAST


def _consonants(word: str) -> str:
    letters = ascii_form(word).translate(_CLASSES).replace(" ", "")
    return "".join(letter for letter, _ in groupby(letters))


def _distance(one: str, two: str) -> int:
    """The edits that turn one into the other (Levenshtein)."""
    row = list(range(len(two) + 1))
    for letter in one:
        before, row[0] = row[0], row[0] + 1
        for place, other in enumerate(two, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (letter != other)),
            )
    return row[-1]
