"""Normal forms of names, for storing, comparing and hashing."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

_SPACES = regex.compile(r"[\s\p{Z}\u200b\ufeff]+")
_QUALIFIER = regex.compile(r"\s*[(（][^()（）]*[)）]\s*$")


def clean(text: str) -> str:
    """The text as Wikibase would store it: NFC, no control characters, single inner spaces.

    >>> clean(" Citta\\u0300  del\\tVaticano ")
    'Città del Vaticano'
    """
    text = unicodedata.normalize("NFC", text)
    text = _SPACES.sub(" ", text)
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs"}).strip()


class _Kept(dict[int, str]):
    """Code point to the character, or to nothing if it is neither alphanumeric nor a space."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = kept = char if char.isalnum() or char.isspace() else ""
        return kept


_KEPT = _Kept()


@lru_cache(maxsize=65536)
def vote_key(text: str) -> str:
    """The normal form in which M-NTA and WikiKGE-10 compare names: lower case, only
    alphanumeric characters and spaces (Conia et al., 2023).

    >>> vote_key("Jean-Paul Sartre!")
    'jeanpaul sartre'
    """
    lowered = unicodedata.normalize("NFC", text).lower()
    return " ".join(lowered.translate(_KEPT).split())


def strip_qualifier(title: str) -> str:
    """A page title without the bracketed qualifier at its end; unchanged if nothing is left.

    >>> strip_qualifier("Mercury (planet)")
    'Mercury'
    """
    stripped = _QUALIFIER.sub("", title)
    return stripped if stripped.strip() else title
