"""How a language writes descriptions: words, casing at the start, the words that only join."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import regex

_WORD = regex.compile(r"\p{L}{1,5}['’](?=\p{L})|[\p{L}\p{M}\p{N}]+(?:[-·][\p{L}\p{M}\p{N}]+)*|\S")
_RUN = regex.compile(r"[\p{Katakana}ー]+|\p{Hiragana}+|\p{Han}+|\p{Hangul}+|[\p{L}\p{M}]+")
_TRAILING = regex.compile(r"(?<!\.)(?<!\b\p{L})[.。]+$")
_MIN_JOINING = 3
_LONGEST_JOINING = 5
_MIN_BESIDE = 3
_MIN_LATER = 4


class Word(NamedTuple):
    """A word or sign with its place in the text."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=1 << 16)
def words(text: str) -> tuple[Word, ...]:
    """Words (an elided article apart from what follows) and single signs.

    >>> [w.text for w in words("ville d'Italie (1933)")]
    ['ville', "d'", 'Italie', '(', '1933', ')']
    """
    return tuple(Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text))


class Style(NamedTuple):
    """What was learned of one language.

    ``joining`` holds the words that join many others and neither begin nor end a description
    (prepositions and articles), ``cased`` the usual casing of each word seen, ``spaced`` whether
    words stand apart, ``longest`` the 99th percentile of the lengths in code points, ``capitals``
    the share of distinct words with a capital among those that begin no description.
    """

    joining: frozenset[str]
    cased: dict[str, str]
    spaced: bool
    longest: int
    capitals: float

    def pieces(self, text: str) -> list[str]:
        """Words, folded; stretches of one script where words do not stand apart."""
        if self.spaced:
            return [word.text.casefold() for word in words(text) if word.text[0].isalpha()]
        return [run.casefold() for run in _RUN.findall(text)]

    def content(self, text: str) -> list[str]:
        """Folded words that carry meaning: letters, and not merely joining."""
        folded = (word.text.casefold() for word in words(text) if word.text[0].isalpha())
        return [word for word in folded if word not in self.joining]

    def canonical(self, text: str) -> str:
        """Without the final full stop, and the first word in its usual casing."""
        text = _TRAILING.sub("", text.strip())
        first = _WORD.match(text)
        if not first:
            return text
        usual = self.cased.get(first.group().casefold())
        return usual + text[first.end() :] if usual and usual.islower() else text


def learn_style(texts: Sequence[str]) -> Style:
    """Learn the style of a language from its descriptions."""
    edges: Counter[str] = Counter()
    beside: dict[str, tuple[set[str], set[str]]] = {}
    cases: dict[str, Counter[str]] = defaultdict(Counter)
    later: set[str] = set()
    for text in texts:
        found = words(text)
        for index, word in enumerate(found):
            folded = word.text.casefold()
            cases[folded][word.text] += 1
            if index and len(word.text) >= _MIN_LATER and word.text[0].isalpha():
                later.add(word.text)
            if index in (0, len(found) - 1):
                edges[folded] += 1
                continue
            before, after = beside.setdefault(folded, (set(), set()))
            before.add(found[index - 1].text)
            if found[index + 1].text[0].isalpha():
                after.add(found[index + 1].text)
    joining = frozenset(
        word
        for word, (before, after) in beside.items()
        if len(word) <= _LONGEST_JOINING
        and word[0].isalpha()
        and cases[word].total() >= _MIN_JOINING
        and len(before) >= _MIN_BESIDE
        and len(after) >= _MIN_BESIDE
        and edges[word] <= 0.1 * cases[word].total()
    )
    cased = {}
    for folded, counts in cases.items():
        usual = max(sorted(counts), key=counts.__getitem__)
        # A lower-case spelling outweighs capitals, which a start may have brought.
        cased[folded] = folded if 2 * counts[folded] >= counts[usual] else usual
    lengths = sorted(map(len, texts)) or [0]
    return Style(
        joining,
        cased,
        sum(text.count(" ") for text in texts) > 0.04 * sum(lengths),
        lengths[min(len(lengths) - 1, int(0.99 * len(lengths)))],
        sum(word[0].isupper() for word in later) / max(len(later), 1),
    )
