"""Names as tokens: words and signs, and what stands for a part of a name in a table."""

from __future__ import annotations

from functools import lru_cache

import regex

MOST_TOKENS = 8
"""A longer name is looked up as a whole alone."""

GAP = "\t"
"""Stands between the sides of what is left of a name when a part is taken out."""

_TOKEN = regex.compile(
    r"[\p{L}\p{M}\p{N}]+(?:['’ʼ.][\p{L}\p{M}\p{N}]+)*['’.]?|[^\s\p{L}\p{M}\p{N}]"
)
_PARTED = regex.compile(r"[\s·・=＝‐\-]+")
_SPACELESS = regex.compile(
    r"[\p{Script=Hani}\p{Script=Hira}\p{Script=Kana}\p{Script=Hang}\p{Script=Thai}"
    r"\p{Script=Laoo}\p{Script=Khmr}\p{Script=Mymr}ー]"
)


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """The words and signs of a name.

    >>> tokens("St. John's-on-Sea (Kent)")
    ('St.', "John's", '-', 'on', '-', 'Sea', '(', 'Kent', ')')
    """
    return tuple(_TOKEN.findall(text))


def words_of(text: str) -> list[str]:
    """The words of a name in any script, also those that dots part.

    >>> words_of("ジョージ・スミス"), words_of("Jean-Luc")
    (['ジョージ', 'スミス'], ['Jean', 'Luc'])
    """
    return _PARTED.split(text)


def key_of(some: tuple[str, ...]) -> str:
    """What a part of a name is looked up by."""
    return " ".join(some).lower()


def is_bounded(text: str, begin: int, end: int) -> bool:
    """Whether a part of a text stands for itself: no letter that belongs to it goes before or
    follows, in scripts that part words by spaces.

    >>> is_bounded("река Рейн", 5, 9), is_bounded("Рейнланд", 0, 4), is_bounded("ライン川", 0, 3)
    (True, False, True)
    """
    return _is_end(text, begin - 1, begin) and _is_end(text, end, end - 1)


def _is_end(text: str, outside: int, inside: int) -> bool:
    if not 0 <= outside < len(text) or not text[outside].isalnum():
        return True
    return bool(_SPACELESS.match(text[outside]) or _SPACELESS.match(text[inside]))


@lru_cache(maxsize=4096)
def kind_of(char: str) -> str:
    """What of a character decides how it is joined with its neighbour: its script, for those
    that are written without spaces.

    >>> kind_of("ラ"), kind_of("川"), kind_of("R"), kind_of("강")
    ('k', 'h', 'w', 'g')
    """
    if regex.match(r"[\p{Script=Kana}ー]", char):
        return "k"
    if regex.match(r"[\p{Script=Hani}]", char):
        return "h"
    if regex.match(r"[\p{Script=Hira}]", char):
        return "i"
    return "g" if regex.match(r"\p{Script=Hang}", char) else "w"
