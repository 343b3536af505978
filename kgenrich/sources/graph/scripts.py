"""Writing a name of one language in the script of another: Chinese, Japanese, Serbian.

Conversions only offer texts. Whether the graph writes its labels like that, between which two
languages, is counted in `copying` and never assumed.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import regex

from kgenrich.languages import CODES, base, script

_HAN = frozenset(code for code in CODES if script(code) in {"Hans", "Hant"})
_SLAVIC = frozenset(code for code in CODES if base(code) in {"sr", "sh", "bs", "hr", "cnr"})
UNDIVIDED = ("zh", "yue", "gan", "lzh", "hsn", "wuu", "cjy")
"""Languages whose labels may be in simplified or in traditional characters."""

# OpenCC's configurations by target. Undivided languages may be written either way; Taiwan also has
# words of its own (s2twp: 老挝 is 寮國 there).
_WAYS = {
    **{code: ("t2s",) if script(code) == "Hans" else ("s2t",) for code in _HAN},
    **dict.fromkeys(UNDIVIDED, ("t2s", "s2t")),
    "zh-tw": ("s2twp", "s2tw", "t2tw"),
    "zh-hk": ("s2hk", "t2hk"),
    "zh-mo": ("s2hk", "t2hk"),
    "ja": ("t2jp",),
}
_PURE_HAN = regex.compile(r"[\p{Script=Hani}\p{N}\s·・]+")

_CYRILLIC = "абвгдђежзијклљмнњопрстћуфхцчџш"
_LATIN = (
    "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split()  # noqa: SIM905
)
_TO_LATIN = dict(zip(_CYRILLIC, _LATIN, strict=True))
_TO_CYRILLIC = {latin: cyrillic for cyrillic, latin in _TO_LATIN.items()}
_CYRILLIC_LETTER = regex.compile(f"[{_CYRILLIC}{_CYRILLIC.upper()}]")
_LATIN_LETTER = regex.compile(r"(?i)lj|nj|dž|\p{L}")


def conversions(text: str, source: str, target: str) -> tuple[tuple[str, str], ...]:
    """Ways of writing a text of the source language in the target's script, each with the name
    of the way; only those that change the text.

    >>> conversions("Дуглас Адамс", "sr", "sr-el")
    (('latin', 'Duglas Adams'),)
    >>> conversions("Newton", "hr", "sr-ec")
    ()
    """
    if source == target:
        return ()
    found = []
    if target in _SLAVIC and source in _SLAVIC:
        if script(target) == "Latn":
            found.append(("latin", to_latin(text)))
        else:
            found.append(("cyrillic", to_cyrillic(text) or text))
    elif target in _HAN and source in _HAN:
        found.extend((way, convert(way, text)) for way in _WAYS[target])
    elif target in _HAN and source == "ja" and _PURE_HAN.fullmatch(text):
        old = convert("jp2t", text)
        found.extend((f"jp2t {way}", convert(way, old)) for way in _WAYS[target])
        found.append(("jp2t", old))
    elif target == "ja" and source in _HAN and _PURE_HAN.fullmatch(text):
        traditional = text if script(source) == "Hant" else convert("s2t", text)
        found.append(("t2jp", convert("t2jp", traditional)))
    return tuple((way, converted) for way, converted in dict(found).items() if converted != text)


def converts(source: str, target: str) -> bool:
    """Whether `conversions` knows the pair."""
    if source == target:
        return False
    han = target in _HAN and (source in _HAN or source == "ja")
    return han or (target == "ja" and source in _HAN) or {source, target} <= _SLAVIC


def to_latin(text: str) -> str:
    """Serbian Cyrillic in Gaj's Latin alphabet; other letters stay.

    >>> to_latin("Љубљана, ЊЕГОШ")
    'Ljubljana, NJEGOŠ'
    """

    def latin(found: regex.Match[str]) -> str:
        letter, (start, end) = _TO_LATIN[found.group().lower()], found.span()
        if found.group().islower():
            return letter
        before, following = text[max(0, start - 1) : start], text[end : end + 1]
        capitals = following.isupper() or (not following.isalpha() and before.isupper())
        return letter.upper() if capitals else letter.capitalize()

    return _CYRILLIC_LETTER.sub(latin, text)


def to_cyrillic(text: str) -> str | None:
    """Serbian Latin in Cyrillic; None where a letter is not of the Serbian alphabet.

    >>> to_cyrillic("Ljubljana 1"), to_cyrillic("Quebec")
    ('Љубљана 1', None)
    """
    if any(letter.lower() not in _TO_CYRILLIC for letter in _LATIN_LETTER.findall(text)):
        return None

    def cyrillic(found: regex.Match[str]) -> str:
        letter = _TO_CYRILLIC[found.group().lower()]
        return letter.upper() if found.group()[0].isupper() else letter

    return _LATIN_LETTER.sub(cyrillic, text)


@lru_cache(maxsize=65536)
def convert(way: str, text: str) -> str:
    """A text by one of OpenCC's configurations, such as ``t2s``."""
    converted: str = _converter(way).convert(text)
    return converted


@cache
def _converter(way: str) -> Any:
    from opencc import OpenCC

    return OpenCC(way)
