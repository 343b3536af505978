"""Words, letters and scripts of a label."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import regex

_WORDS = regex.compile(r"[\p{L}\p{M}'’ʼ--\p{Han}]+", regex.V1)


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, of those scripts whose letters make words; syllables of
    Hangul are taken apart."""
    plain = text.casefold()
    if any("\uac00" <= char <= "\ud7a3" for char in plain):
        plain = unicodedata.normalize("NFD", plain)
    return [word.strip("'’ʼ") for word in _WORDS.findall(plain) if len(word) > 1]


def main_script(text: str) -> str:
    """The script of most letters, by its name in Unicode; empty where there are no letters. Both
    kana are one.

    >>> main_script("Москва"), main_script("東京タワー"), main_script("42")
    ('CYRILLIC', 'KANA', '')
    """
    counted = Counter(map(_script_of, text)) - Counter({"": len(text)})
    return max(sorted(counted), key=counted.__getitem__, default="")


@lru_cache(maxsize=4096)
def _script_of(char: str) -> str:
    name = unicodedata.name(char, "").split(" ")[0].split("-")[0] if char.isalpha() else ""
    return "KANA" if name in {"KATAKANA", "HIRAGANA"} else name


def grams_of(word: str) -> Iterator[str]:
    """Three letters at a time, with the two ends of the word."""
    padded = f"^^{word}$"
    for at in range(len(padded) - 2):
        yield padded[at : at + 3]
