"""What kind of name a name is, and how names of the kind pass into a language: kept as they are,
written by sound, or neither.

The classes of an entity tell it best; where there are none, what its description says does, and
what the name looks like. Classes have names that are translated and things have names that are
kept: a name that begins small is rarely kept in a language that begins names large.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import log

from msgspec import Struct

from kgenrich.adapters.encoder.ngrams import ascii_form
from kgenrich.adapters.transliteration.alphabet import folded
from kgenrich.adapters.transliteration.name_words import sounds_alike
from kgenrich.model import Entity
from kgenrich.sources.graph.phrases.tokens import tokens, words_of

KEPT, SOUNDED, OTHER = 0, 1, 2
"""What became of a name."""

GROUPS = ("class", "about", "shape", "ends")
"""What tells the kind of a name: classes, description, its look, its last and first word."""

CLASS_ITEM = "class"
"""The key, among the classes, of what has a superclass: it is a class itself."""

_STRENGTH = 12.0
_FEWEST = 3
MOST_KINDS = 150_000
"""Kinds that are counted."""
_ALL = ""

Kinds = tuple[tuple[str, ...], ...]
"""By group the keys of an entity."""


def kinds_of(entity: Entity, name: str, language: str, superclass: str = "") -> Kinds:
    """The kinds of an entity's name, by group. ``superclass`` is the graph's property for one.

    >>> kinds_of(Entity("Q1", classes=("Q4022",), descriptions={"en": "river in Peru"}),
    ...          "Black River", "en")
    (('Q4022',), ('a river', 'a in', 'a peru'), ('s A2',), ('w river', 'f black'))
    """
    described = entity.descriptions.get(language, "").lower().split()[:6]
    words = tokens(name)
    ends = (f"w {words[-1].lower()}", f"f {words[0].lower()}") if len(words) > 1 else ()
    return (
        (*((CLASS_ITEM,) if superclass in entity.claims else ()), *entity.classes[:6]),
        tuple(f"a {word.strip(',;.')}" for word in described),
        (shape(name, words),),
        ends,
    )


def is_by_sound(name: str, other: str) -> bool:
    """Whether two names in different scripts have as many words, which sound alike."""
    words, others = words_of(name), words_of(other)
    return len(words) == len(others) and all(map(sounds_like, words, others))


@lru_cache(maxsize=1 << 18)
def sounds_like(one: str, two: str) -> bool:
    """Whether two words sound alike, in whatever scripts."""
    return sounds_alike(folded(one), folded(two))


def likeness_of(text: str, others: Sequence[str]) -> float:
    """How much a name sounds like its names in other scripts: the mean share of letter pairs in
    ASCII that they have in common, in [0, 1]; 0 where there are none.

    >>> round(likeness_of("Москва", ["Московія", "מוסקבה"]), 2)
    0.51
    """
    mine = _letter_pairs(text)
    theirs = [_letter_pairs(other) for other in others]
    shares = [2 * len(mine & its) / (len(mine) + len(its)) for its in theirs]
    return sum(shares) / len(shares) if shares else 0.0


@lru_cache(maxsize=1 << 16)
def _letter_pairs(text: str) -> frozenset[str]:
    letters = f" {ascii_form(folded(text))} "
    return frozenset(map("".join, pairwise(letters)))


def shape(name: str, words: Sequence[str]) -> str:
    """How a name begins, how many words it has up to four, and whether it has digits or signs."""
    begins = "a" if name[:1].islower() else "A" if name[:1].isupper() else "1"
    if len(name) > 1 and name.isupper():
        begins = "AA"
    small = any(word[:1].islower() for word in words[1:])
    digits = any(map(str.isdigit, name))
    signs = any(not word[0].isalnum() for word in words)
    marks = ("o" if small else "") + ("1" if digits else "") + ("," if signs else "")
    return f"s {begins}{min(len(words), 4)}{marks}"


class KindCounts(Struct):
    """By kind the number of names that were kept, were written by sound, and became neither."""

    counts: dict[str, list[int]] = {}

    def observe(self, kinds: Kinds, became: int) -> None:
        """Count a name."""
        for key in (_ALL, *(key for group in kinds for key in group)):
            counts = self.counts.get(key)
            if counts is None:
                if len(self.counts) > MOST_KINDS:
                    continue
                counts = self.counts[key] = [0, 0, 0]
            counts[became] += 1

    def trimmed(self) -> KindCounts:
        """Without the kinds that were seen too seldom to say anything."""
        return KindCounts({k: c for k, c in self.counts.items() if sum(c) >= _FEWEST})

    def base(self, became: int) -> float:
        """The log-odds that a name of any kind becomes that."""
        return _log_odds(self.counts.get(_ALL, [0, 0, 0]), became, 1 / 3)

    def odds(self, kinds: Kinds) -> list[list[float]]:
        """By what a name may become and group: how much more (log-odds) names of the kind do."""
        every = self.counts.get(_ALL, [0, 0, 0])
        total = sum(every)
        rates = [(count + 1) / (total + 3) for count in every]
        result = []
        for became in (KEPT, SOUNDED, OTHER):
            usual = _log_odds(every, became, 1 / 3)
            row = []
            for group in kinds:
                known = [self.counts[key] for key in group if key in self.counts]
                told = [_log_odds(counts, became, rates[became]) - usual for counts in known]
                # Words tell more together than each does, but not all of them something else.
                row.append(sum(told) / len(told) ** 0.5 if told else 0.0)
            result.append(row)
        return result


def _log_odds(counts: Sequence[int], became: int, rate: float) -> float:
    share = (counts[became] + _STRENGTH * rate) / (sum(counts) + _STRENGTH)
    return log(share / (1 - share))
