"""Words written by sound in another script, by the network that ships with the tool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from kgenrich.adapters.transliteration.known_words import Ways
from kgenrich.adapters.transliteration.transliterator import Transliterator, find
from kgenrich.model import MUL
from kgenrich.sources.graph.two_scripts import ONE_SCRIPT, is_undivided, ways_in_one_script

WIDTH = 4
"""Ways to write a word that are looked at."""

_MOST_HELD = 200_000


@lru_cache(maxsize=4096)
def writer(language: str, target: str) -> Transliterator | None:
    """Who writes words of a language in another; ``mul`` is taken for the Latin script."""
    return find("en" if language == MUL else language, target)


class WordWays:
    """The ways of the network to write words, each worked out once while it is held."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], dict[str, Ways]] = {}

    def of(self, words: Iterable[str], language: str, target: str) -> Mapping[str, Ways]:
        """Those of some words of a language, and of others; empty where nobody can write them."""
        held = self._held.setdefault((language, target), {})
        by = writer(language, target)
        if by is None:
            return held
        if len(held) > _MOST_HELD:
            held.clear()
        if wanted := sorted({word for word in words if word not in held}):
            if is_undivided(target):
                ways = by.transliterate(wanted, ONE_SCRIPT, n=WIDTH)
                ways = [ways_in_one_script(of_word) for of_word in ways]
            else:
                ways = by.transliterate(wanted, target, n=WIDTH)
            held |= zip(wanted, ways, strict=True)
        return held
