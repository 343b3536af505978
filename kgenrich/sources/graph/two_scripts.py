"""Languages that are written in two scripts at once: Chinese labels are simplified or traditional.

What labels teach is learned in one of the scripts, else each half of them would teach half; in
which one a name is to be written, its kind tells best.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp, log

from msgspec import Struct

from kgenrich.adapters.transliteration.known_words import Ways
from kgenrich.sources.graph.name_kinds import MOST_KINDS, Kinds
from kgenrich.sources.graph.phrases.composer import Part
from kgenrich.sources.graph.scripts import UNDIVIDED, convert

ONE_SCRIPT = "zh-hans"
"""The language in which what an undivided one has is learned."""

_STRENGTH = 6.0
_FEWEST = 3


def is_undivided(language: str) -> bool:
    """Whether labels of a language come in two scripts that are converted into one another."""
    return language in UNDIVIDED


@lru_cache(maxsize=1 << 17)
def one_script(text: str) -> str:
    """The text in simplified characters, which learning is in.

    >>> one_script("薩拉斯科")
    '萨拉斯科'
    """
    return convert("t2s", text)


@lru_cache(maxsize=1 << 16)
def other_script(text: str) -> str:
    """A simplified text in traditional characters.

    >>> other_script("萨拉斯科")
    '薩拉斯科'
    """
    return convert("s2t", text)


def ways_in_one_script(ways: Ways) -> Ways:
    """The ways to write a word, those together that are one in either script."""
    chances: dict[str, float] = {}
    for text, chance in ways:
        text = one_script(text)
        chances[text] = chances.get(text, 0.0) + chance
    return sorted(chances.items(), key=lambda way: (-way[1], way[0]))


class ScriptCounts(Struct):
    """By kind of name how many have a form that is simplified alone, and one that is traditional
    alone; under the empty key all."""

    counts: dict[str, list[int]] = {}

    def observe(self, kinds: Kinds, texts: Iterable[str]) -> None:
        """Count the names of an entity."""
        traditional = simplified = False
        for text in texts:
            plain = one_script(text)
            traditional = traditional or plain != text
            simplified = simplified or (plain == text and other_script(text) != text)
        if traditional or simplified:
            for key in ("", *(key for group in kinds for key in group)):
                counts = self.counts.get(key)
                if counts is None:
                    if len(self.counts) > MOST_KINDS:
                        continue
                    counts = self.counts[key] = [0, 0]
                counts[0] += simplified
                counts[1] += traditional

    def trimmed(self) -> ScriptCounts:
        """Without the kinds that were seen too seldom to say anything."""
        return ScriptCounts({k: c for k, c in self.counts.items() if sum(c) >= _FEWEST})

    def written(self, parts: Sequence[Part], kinds: Kinds) -> list[Part]:
        """Ways to write a name of the kinds in simplified characters, in both scripts."""
        traditional = self.share_of_traditional(kinds)
        found = []
        for part in parts:
            other = other_script(part.text)
            if other == part.text:
                found.append(part)
            else:
                found.append(part._replace(chance=part.chance + log(1 - traditional)))
                found.append(part._replace(text=other, chance=part.chance + log(traditional)))
        return found

    def share_of_traditional(self, kinds: Kinds) -> float:
        """How probably a name of the kinds is traditional rather than simplified, in (0, 1)."""
        simplified, traditional = self.counts.get("", (0, 0))
        rate = (traditional + 1) / (simplified + traditional + 2)
        usual = odds = log(rate / (1 - rate))
        for group in kinds:
            told = []
            for key in group:
                if (of := self.counts.get(key)) is not None:
                    share = (of[1] + _STRENGTH * rate) / (sum(of) + _STRENGTH)
                    told.append(log(share / (1 - share)) - usual)
            odds += sum(told) / len(told) if told else 0.0
        return 1 / (1 + exp(-odds))
