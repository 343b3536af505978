"""The languages: their names, scripts and fallback chains.

The table is `languages.tsv`, one language a line. A database refers to a language by its line
number, so lines are only ever appended. Sources: the language lists of MediaWiki and Wikibase,
the IANA language subtag registry (RFC 5646), ISO 15924.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import regex

from kgenrich.model import MUL


class Language(NamedTuple):
    """A line of the table: BCP 47 tag, ISO 15924 script, fallbacks (nearest first), English
    name."""

    bcp47: str
    script: str
    fallbacks: tuple[str, ...]
    name: str


def rows(file: str) -> list[list[str]]:
    """The lines of a table of this room, without its heads."""
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]


TABLE = {
    code: Language(tag, script, tuple(chain.split(",")) if chain else (), name)
    for code, tag, script, chain, name in rows("languages.tsv")
}

CODES: tuple[str, ...] = tuple(TABLE)
"""Every known language code. The position of a code is its number in a database: append only."""

WRITTEN_WITH = {
    "Jpan": "Hani Hira Kana",
    "Hrkt": "Hira Kana",
    "Kore": "Hang Hani",
    "Hans": "Hani",
    "Hant": "Hani",
}
"""The scripts of Unicode in those that are several, or one of several norms."""

WRITTEN = {row.script: code for code, row in reversed(TABLE.items()) if row.script != "Zyyy"}
"""The first language of each script."""

_LATIN = regex.compile(r"[\p{Common}\p{Inherited}]*+\p{Latin}[\p{Latin}\p{Common}\p{Inherited}]*+")
_LETTER = regex.compile(r"\p{L}")
_VARIANTS = {
    "zh": ("zh-hans", "zh-hant", "zh-cn", "zh-tw", "zh-hk", "zh-sg", "zh-mo", "zh-my"),
    "sr": ("sr-ec", "sr-el"),
}
_RIGHT_TO_LEFT = frozenset(
    ("Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa")
)
"""Scripts that are written from right to left (Unicode, Bidi_Class R and AL)."""


def is_language(code: str) -> bool:
    """Whether a code names a language that something can be said in; False for ``mul``, ``und`` and
    the like (ISO 639-2, special codes)."""
    return code not in {MUL, "mis", "und", "zxx"}


def name(code: str) -> str:
    """The English name of a language; the code itself where it is unknown."""
    return TABLE[code].name if code in TABLE else code


def fallbacks(code: str) -> tuple[str, ...]:
    """The languages whose values stand in for a missing one, nearest first (MediaWiki's chain),
    without ``mul``, and without ``en`` unless it is in the language's own chain.

    >>> fallbacks("en-gb"), fallbacks("it")
    (('en',), ())
    """
    return TABLE[code].fallbacks if code in TABLE else ()


def chain(code: str) -> tuple[str, ...]:
    """The whole order in which Wikibase looks for a label to show: the language, its fallbacks,
    ``mul``, ``en``."""
    return tuple(dict.fromkeys((code, *fallbacks(code), MUL, "en")))


def script(code: str) -> str:
    """The main script as an ISO 15924 code; ``Zyyy`` for ``mul`` and for what is unknown."""
    if code in TABLE:
        return TABLE[code].script
    parts = code.split("-")
    usual = TABLE[parts[0]].script if parts[0] in TABLE else "Zyyy"
    return next((p.title() for p in parts[1:] if len(p) == 4 and p.isalpha()), usual)


def direction(language: str) -> str:
    """The direction in which a language is written.

    >>> direction("ar"), direction("en"), direction("ku-arab")
    ('rtl', 'ltr', 'rtl')
    """
    return "rtl" if script(language) in _RIGHT_TO_LEFT else "ltr"


def in_script(text: str, language: str) -> bool:
    """Whether a letter of the text is in the script of the language; True where either has none.

    >>> in_script("Москва 2", "ru"), in_script("Moskva", "ru"), in_script("42", "ru")
    (True, False, True)
    """
    letter = _letter_of(script(language))
    return letter is None or bool(letter.search(text)) or not _LETTER.search(text)


@lru_cache(maxsize=1024)
def _letter_of(written: str) -> regex.Pattern[str] | None:
    """A letter of a script; None for `Zyyy` and for what is none."""
    names = WRITTEN_WITH.get(written, written).split()
    try:
        any_of = "".join(rf"\p{{Script={name}}}" for name in names)
        return None if written == "Zyyy" else regex.compile(f"[{any_of}]")
    except regex.error:
        return None


def scripts_of(text: str) -> frozenset[str]:
    """The scripts of the table that a letter of the text is in, all of them where none is: those
    of the languages that `in_script` says the text may be in.

    >>> "Latn" in scripts_of("Jana"), "Cyrl" in scripts_of("Jana"), "Jpan" in scripts_of("東京")
    (True, False, True)
    """
    if _LATIN.fullmatch(text) and _LETTER.search(text):
        return _as_latin()
    return frozenset(written for written, code in WRITTEN.items() if in_script(text, code))


@cache
def _as_latin() -> frozenset[str]:
    return frozenset(written for written, code in WRITTEN.items() if in_script("a", code))


def variants(code: str) -> tuple[str, ...]:
    """The language and its variants, for those that are written in several scripts or norms by
    conversion (Chinese, Serbian); the code alone otherwise.

    >>> variants("sr-el")
    ('sr', 'sr-ec', 'sr-el')
    """
    base = code.split("-", 1)[0]
    family = (base, *_VARIANTS.get(base, ()))
    return family if code in family else (code,)
