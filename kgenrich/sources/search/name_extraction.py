"""The names that a text gives of what it is about.

The text is anybody's: it is only read by patterns, and what is found is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import regex
from msgspec import Struct

from kgenrich.corpus import Page
from kgenrich.languages import CODES, in_script, name, script, variants
from kgenrich.text import clean, strip_qualifier, vote_key

Way = Literal["title", "qualified title", "lead", "emphasis", "bracket", "marked bracket"]
"""Where a name stands: title of the page, also with a qualifier taken off; before the first
bracket; emphasised; within the first bracket; there, after the name of its language."""

LONGEST = 100
"""Code points of a name."""

_LEAD = 400
_EMPHASIS = regex.compile(
    r"'''(?P<a>[^']{1,100}+)'''|<b>(?P<b>[^<]{1,100}+)</b>|\*\*(?P<c>[^*]{1,100}+)\*\*"
)
_BRACKET = regex.compile(r"[(（](?P<inside>[^()（）]{1,300}+)[)）]")
_SEPARATOR = regex.compile(r"[;；,，、/]|\s[–—-]\s|\bor\b|\boder\b|\bou\b|\bили\b|或")
_QUOTES = "\"'«»„“”‘’「」『』《》*_ "
_LETTERS = regex.compile(r"\p{L}")
_SENTENCE = regex.compile(r"[.!?。！？\n]")


class PageName(Struct, frozen=True):
    """A name that a page gives, in the language it is given for."""

    text: str
    way: Way


def names(page: Page, language: str) -> Iterator[PageName]:
    """The names that a page gives in a language, the page's own or another."""
    if page.language in variants(language):
        yield from _own(page)
    else:
        yield from _foreign(page, language)


def _own(page: Page) -> Iterator[PageName]:
    title = strip_qualifier(page.title)
    yield from _given(title, "title" if title == page.title else "qualified title")
    lead = page.text[:_LEAD]
    bracket = _BRACKET.search(lead)
    if bracket and 1 < bracket.start() <= LONGEST and not _SENTENCE.search(lead[: bracket.start()]):
        yield from _given(lead[: bracket.start()], "lead")
    for found in _EMPHASIS.finditer(lead):
        yield from _given(next(part for part in found.groups() if part), "emphasis")


def _foreign(page: Page, language: str) -> Iterator[PageName]:
    """Names in another script than the page's, in the first bracket: where a text gives the name
    in the language of the thing. A marker (``Japanese: 東京``) that names another language than
    the wanted one takes the name away from it."""
    bracket = _BRACKET.search(page.text[:_LEAD])
    if bracket is None or script(language) == script(page.language):
        return
    for part in _SEPARATOR.split(bracket.group("inside")):
        marker, colon, rest = part.rpartition(":" if ":" in part else "：")
        text = rest.strip(_QUOTES)
        if not (text and in_script(text, language) and not _LATIN.search(text)):
            continue
        if colon and page.language == "en":
            marked = _marked(marker)
            if marked and language not in marked:
                continue
            yield from _given(text, "marked bracket" if marked else "bracket")
        else:
            yield from _given(text, "bracket")


_LATIN = regex.compile(r"\p{Script=Latn}")
_BY_NAME = {name(code).lower(): code for code in reversed(CODES)}


def _marked(marker: str) -> frozenset[str]:
    """The languages that a marker such as ``Simplified Chinese`` or ``Japanese`` stands for."""
    words = marker.lower().split()
    code = next((_BY_NAME[word] for word in reversed(words) if word in _BY_NAME), None)
    return frozenset(variants(code)) if code else frozenset()


def _given(text: str, way: Way) -> Iterator[PageName]:
    text = clean(text).strip(_QUOTES)
    if 0 < len(text) <= LONGEST and _LETTERS.search(text) and vote_key(text):
        yield PageName(text, way)
