"""What names in other languages could add to the recorded answers: the same letters again where the
script is the same, else the words written by the transliterator.

Names in the language itself are never looked at. Only entities of which names in other languages
are known count (`kgenrich.evaluate.wikikge.benchmark_folder.load`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod

from msgspec import Struct

from kgenrich.adapters.transliteration.known_words import Ways
from kgenrich.adapters.transliteration.transliterator import find
from kgenrich.evaluate.wikikge.benchmark import Item, normal
from kgenrich.languages import script

WAYS = 3
"""Ways to write a word, and whole names of each name, that are looked at."""

NAMES = 4
"""Names of an entity that are written in another script."""

_MOST_WORDS = 6
_BETWEEN = re.compile(r"[\s\-‐]+")
_JOINTS = {"ja": "・", "zh": "·"}


class OtherNames(Struct, frozen=True):
    """Counts over the ``items`` of a language: their ``right`` names and how many of these are
    ``given`` in the recorded answers; the ``new`` names that none has, and how many of them are
    right (``new_right``); the names of the answers that are said again (``again``), and how many
    of them are right (``again_right``)."""

    items: int
    right: int
    given: int
    new: int
    new_right: int
    again: int
    again_right: int


def other_names(items: Sequence[Item]) -> OtherNames | None:
    """What they add for the items of a language; None where no names in others are known."""
    known = [item for item in items if item.foreign]
    if not known:
        return None
    language = known[0].language
    sums = dict.fromkeys(OtherNames.__struct_fields__, 0)
    for item, made in zip(known, _made(known, language), strict=True):
        gold = {normal(name) for name in item.correct}
        given = {normal(candidate.text) for candidate in item.candidates()}
        said = {normal(name) for name in made} - {""}
        sums["items"] += 1
        sums["right"] += len(gold)
        sums["given"] += len(gold & given)
        sums["new"] += len(said - given)
        sums["new_right"] += len((said - given) & gold)
        sums["again"] += len(said & given)
        sums["again_right"] += len(said & given & gold)
    return OtherNames(**sums)


def _made(items: Sequence[Item], language: str) -> Iterator[list[str]]:
    """The names that can be made for each item."""
    alike, other = [], []
    for item in items:
        is_alike = [script(name.language) == script(language) for name in item.foreign]
        alike.append([n.text for n, same in zip(item.foreign, is_alike, strict=True) if same])
        pairs = [
            (name.language, tuple(_BETWEEN.split(name.text.strip())))
            for name, same in zip(item.foreign, is_alike, strict=True)
            if not same and find(name.language, language)
        ]
        other.append([pair for pair in pairs if len(pair[1]) <= _MOST_WORDS][:NAMES])
    ways = _written((pair for pairs in other for pair in pairs), language)
    for same, pairs in zip(alike, other, strict=True):
        yield same + [name for pair in pairs for name in _whole(*pair, ways, language)]


def _written(
    names: Iterable[tuple[str, tuple[str, ...]]], language: str
) -> Mapping[tuple[str, str], Ways]:
    """The ways to write each word of each language."""
    words: dict[str, dict[str, None]] = {}
    for of, some in names:
        words.setdefault(of, {}).update(dict.fromkeys(some))
    return {
        (of, word): found
        for of, some in words.items()
        if (writer := find(of, language))
        for word, found in zip(some, writer.transliterate([*some], language, n=WAYS), strict=True)
    }


def _whole(
    of: str, words: Sequence[str], ways: Mapping[tuple[str, str], Ways], language: str
) -> list[str]:
    """The most probable ways to write all words together; none where one cannot be written."""
    each = [ways.get((of, word), []) for word in words]
    together = islice(product(*each), WAYS**_MOST_WORDS) if all(each) else ()
    ranked = sorted(together, key=lambda some: -prod(chance for _, chance in some))
    joint = _JOINTS.get(language, " ")
    return [joint.join(text for text, _ in some) for some in ranked[:WAYS]]
