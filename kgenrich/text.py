"""Normal forms of names, for storing, comparing and hashing.

What stands for a character in a key is in `text.tsv` beside this file, which
``tests/unicode_table.py`` makes: one version of Unicode for every Python, so that names that are
one on one machine are one on every other.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

UNICODE = "18.0"
"""The version of Unicode that keys are made by; what is kept by key goes with it."""

_SPACES = re.compile(r"[\s\u200b\ufeff]+")
_QUALIFIER = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


def clean(text: str) -> str:
    """The text as Wikibase would store it: NFC, no control characters, single inner spaces.

    >>> clean(" Citta\\u0300  del\\tVaticano ")
    'Città del Vaticano'
    """
    if text.isprintable() and unicodedata.is_normalized("NFC", text) and "  " not in text:
        # Most texts are as they should be: the space is the only one that can be printed.
        return text.strip()
    text = unicodedata.normalize("NFC", text)
    text = _SPACES.sub(" ", text)
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def _rows() -> list[tuple[str, str, str]]:
    """First and last character of each range, and what stands for it (``=``: itself)."""
    lines = (Path(__file__).parent / "text.tsv").read_text(encoding="ascii").splitlines()[1:]
    rows = []
    for line in lines:
        first, last, folded = line.split("\t")
        if folded != "=":
            folded = "".join(chr(int(code, 16)) for code in folded.split())
        rows.append((chr(int(first, 16)), chr(int(last, 16)), folded))
    return rows


_ROWS = _rows()
_FIRST = [first for first, _, _ in _ROWS]
_PRESENTED = re.compile(
    "<(?:wide|narrow|small|vertical|noBreak|initial|medial|final|isolated|compat|square)>"
)


# Letters that were written with a joiner before they had a code point of their own.
_JOINED = {
    f"{base}\u200d": letter
    for base, letter in (
        ("\u0d23\u0d4d", "\u0d7a"), ("\u0d28\u0d4d", "\u0d7b"), ("\u0d30\u0d4d", "\u0d7c"),
        ("\u0d32\u0d4d", "\u0d7d"), ("\u0d33\u0d4d", "\u0d7e"), ("\u0d15\u0d4d", "\u0d7f"),
        ("\u09a4\u09cd", "\u09ce"),
    )
}  # fmt: skip
_TURKIC = re.compile(r"\S*[ıİğĞ]\S*")
_SOFT_DOT = re.compile(r"(?<=[ijįị])\u0307")
_STRESS = re.compile(r"(?<=[аеиоуыэюяєіїёѣѵ])[\u0300\u0301]")
_DOT = re.compile(r"(?<![lns])·|·(?![lh])")
_NUMBER_SIGN = re.compile(r"(?<![^\s0-9])#|#(?=\S)")
_APOSTROPHE = re.compile(r"(?<=[^\s0-9'])'+(?=[^\s0-9'])(?!s(?:\s|$))|(?<=[א-ת])'")

# What only newer Pythons compose, and the marks that only they put in order.
_PARTED = {ord(first): folded for first, _, folded in _ROWS if len(folded) > 1}
_LATE = "".join(f"{first}-{last}" for first, last, folded in _ROWS if folded == "=")
_UNORDERED = re.compile(rf"[\u0300-\u036f]*[{_LATE}][\u0300-\u036f{_LATE}]*")

_CONTEXTUAL = re.compile(rf"['#·\u200d\u0300\u0301\u0307{_LATE}{''.join(_PARTED.values())}]")
_FLAG = "\0"
"""Follows what hangs on its neighbours: one search for it is cheaper than one for all of that."""


class _Folded(dict[int, str]):
    """Code point of a lower-case character to what stands for it, filled as they are met.

    The decompositions that are asked of Python are those of characters that every one knows.
    """

    def __missing__(self, code: int) -> str:
        folded = self._folded(chr(code))
        self[code] = folded = folded + _FLAG if _CONTEXTUAL.search(folded) else folded
        return folded

    def _folded(self, char: str) -> str:
        _, last, folded = _ROWS[bisect_right(_FIRST, char) - 1]
        if char <= last:
            return char if folded == "=" else folded
        presented = _PRESENTED.match(unicodedata.decomposition(char))
        parts = unicodedata.normalize("NFKD" if presented else "NFD", char).lower()
        if parts == char:
            return char
        return unicodedata.normalize("NFC", parts.translate(self).replace(_FLAG, ""))


_FOLDED = _Folded()


@lru_cache(maxsize=65536)
def vote_key(text: str) -> str:
    """The normal form by which two names are one: see docs/consensus.md.

    >>> vote_key("Jean-Paul Sartre!"), vote_key("ＤＶＤ")
    ('jeanpaul sartre', 'dvd')
    >>> vote_key("O’Neill") == vote_key("O'Neill"), vote_key("दाल") == vote_key("दिल")
    (True, False)
    """
    if text.isascii():
        key = text.lower().translate(_FOLDED)
    else:
        if "I" in text:
            text = _TURKIC.sub(_dotless, unicodedata.normalize("NFC", text))
        key = unicodedata.normalize("NFC", text.lower().translate(_FOLDED))
    return " ".join((_in_context(key) if _FLAG in key else key).split())


def _dotless(word: re.Match[str]) -> str:
    """A word with letters that only Turkic languages have: its I is the capital of ı."""
    return word[0].replace("I", "ı")


def _in_context(key: str) -> str:
    """The key with what hangs on its neighbours decided: joiners, dots, stress, signs."""
    key = key.replace(_FLAG, "")
    if not key.isascii():
        for joined, letter in _JOINED.items():
            key = key.replace(joined, letter)
        key = unicodedata.normalize("NFC", _DOT.sub("", key).replace("\u200d", ""))
        key = _SOFT_DOT.sub("", _ordered(key))
        key = _ordered(unicodedata.normalize("NFC", key).translate(_PARTED))
        key = _STRESS.sub("", key)
    key = _APOSTROPHE.sub("ʼ", key).replace("'", "")
    return _NUMBER_SIGN.sub("", key)


def _ordered(key: str) -> str:
    """The key with the marks that only newer Pythons put in order in the order of their codes."""
    return _UNORDERED.sub(lambda run: "".join(sorted(run[0])), key)


def is_letter(char: str) -> bool:
    """Whether it is a letter or a mark that belongs to one: words of many scripts have both.

    >>> is_letter("ि"), is_letter("1")
    (True, False)
    """
    return unicodedata.category(char)[0] in "LM"


def strip_qualifier(title: str) -> str:
    """A page title without the bracketed qualifier at its end; unchanged if nothing is left.

    >>> strip_qualifier("Mercury (planet)")
    'Mercury'
    """
    stripped = _QUALIFIER.sub("", title)
    return stripped if stripped.strip() else title
