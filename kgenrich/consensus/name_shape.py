"""How a name is written: its script, capitals, marks and accents, and how much two names share."""

from __future__ import annotations

from functools import cache, lru_cache
from operator import add

from kgenrich.consensus.spelling_variants import unaccented
from kgenrich.languages import in_script

_FIRST = 0xE000
_FLAGS = 6
_SET = {
    chr(_FIRST + bits): tuple(i for i in range(_FLAGS) if bits >> i & 1)
    for bits in range(1 << _FLAGS)
}


class _Classes(dict[int, str]):
    """Code point to a character that stands for its flags in a language, filled as they are met:
    a whole name is then classified by one ``str.translate``."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, code: int) -> str:
        char = chr(code)
        letter = char.isalpha()
        flags = (
            letter and in_script(char, self._language),
            letter and in_script(char, "en"),
            letter,
            letter and char.isupper(),
            not (char.isalnum() or char == " "),
            char != unaccented(char),
        )
        self[code] = found = chr(_FIRST + sum(flag << i for i, flag in enumerate(flags)))
        return found


@cache
def _classes(language: str) -> _Classes:
    return _Classes(language)


@lru_cache(maxsize=65536)
def shape(text: str, language: str) -> tuple[float, ...]:
    """Share of letters in the language's script and in Latin, then marks, capitals, accents."""
    classified = text.translate(_classes(language))
    counts = [0] * _FLAGS
    for one in set(classified):
        count = classified.count(one)
        for flag in _SET[one]:
            counts[flag] += count
    own, latin, letters, upper, marks, accents = counts
    size = max(1, letters)
    words = text.split() or [""]
    first = [word[0] for word in words if word]
    return (
        own / size,
        latin / size,
        "(" in text or "（" in text,
        "," in text or "、" in text or "،" in text,
        marks,
        "-" in text or "–" in text,
        '"' in text or "«" in text or "“" in text,
        ":" in text or "：" in text,
        "." in text,
        "·" in text or "・" in text,
        upper / size,
        upper,
        text[:1].isupper(),
        text.isupper(),
        sum(map(str.isupper, first)) / len(words),
        sum(map(str.islower, first)),
        accents,
    )


@lru_cache(maxsize=65536)
def bigrams(key: str) -> frozenset[str]:
    """The pairs of neighbouring characters, spaces left out."""
    packed = key.replace(" ", "")
    return frozenset(map(add, packed, packed[1:])) or frozenset((packed,))


def dice(left: frozenset[str], right: frozenset[str]) -> float:
    """The Dice coefficient of two sets of which one is not empty."""
    return 2 * len(left & right) / (len(left) + len(right))
