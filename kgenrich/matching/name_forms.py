"""The forms by which a name is found: Latin words, what they sound like, pairs of characters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import regex
from anyascii import anyascii

VERSION = "1"
"""Of the forms: what is kept by them goes with it."""

LONGEST = 400
"""Characters of a name that are looked at."""

_WORD = re.compile(r"[a-z0-9]+")
_JOINER = re.compile(r"['`’ʼ]")
_SPACELESS = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー々]+"
)
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("sch|sh|[td]?zh|tch|ch|ts|tz|dz|dj|cz", "s"),
        ("ph", "f"),
        ("ck|q|kh|gh", "k"),
        ("th", "t"),
        ("ng", "n"),
        ("^nt", "d"),
        ("^mp", "b"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("x", "ks"),
        ("h$", ""),
    )
)
_CLASSES = str.maketrans(
    {
        **dict.fromkeys("pvf", "b"),
        **dict.fromkeys("zj", "s"),
        **dict.fromkeys("aeiouwyh"),
        "g": "k",
        "t": "d",
        "r": "l",
        "m": "n",
    }
)
_TWICE = re.compile(r"(.)\1+")


class NameForms(NamedTuple):
    """``words``: the name in Latin letters, words separated by spaces. ``sounds``: the consonants
    of each word, so that writings of one name in several scripts meet. ``pairs``: neighbouring
    characters, in scripts without spaces."""

    words: str
    sounds: str
    pairs: str


@lru_cache(maxsize=8192)
def name_forms(text: str) -> NameForms:
    """The forms of a name; all are empty for one without letters and digits.

    >>> name_forms("Дуглас Адамс")
    NameForms(words='duglas adams', sounds='dkls dns', pairs='')
    >>> name_forms("Douglas Adams").sounds == name_forms("דאגלס אדמס").sounds
    True
    >>> name_forms("東京都").pairs
    '東京 京都'
    """
    text = text[:LONGEST]
    words = _WORD.findall(_JOINER.sub("", anyascii(text)).lower())
    pairs = [
        run[i : i + 2]
        for run in ([] if text.isascii() else _SPACELESS.findall(text))
        for i in range(max(len(run) - 1, 1))
    ]
    return NameForms(" ".join(words), " ".join(map(sound, words)), " ".join(pairs))


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """What a word in Latin letters sounds like, roughly: classes of consonants; the first letter
    of a word that has none, and a number as it is.

    >>> sound("michael"), sound("mikhail"), sound("1984"), sound("io")
    ('nsl', 'nkl', '1984', 'i')
    """
    if word.isdigit():
        return word
    spelled = word
    for pattern, simple in _SOUNDS:
        spelled = pattern.sub(simple, spelled)
    return _TWICE.sub(r"\1", spelled.translate(_CLASSES)) or word[0]
