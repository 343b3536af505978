"""The names that a text gives of what it is about, and the spans of it that could be names.

The text is anybody's: it is only read by patterns, and what is found is bounded. A span is words (a
run of katakana is one), or characters where no spaces are written, that follow one another without
punctuation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import regex
from msgspec import Struct

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.corpus import Page
from kgenrich.languages import CODES, in_script, name, script, variants
from kgenrich.sources.search.text_index import SPACELESS
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
_LATIN = regex.compile(r"\p{Script=Latn}")
_BY_NAME = {name(code).lower(): code for code in reversed(CODES)}

MOST_WORDS, MOST_CHARACTERS = 6, 10
FEWEST_CHARACTERS = 2
"""Bounds of a span."""

READ = 300
"""Code points of a text that are read."""

TWICE, LOWEST = 2, 0.7
"""Texts that must hold a span, and the cosine under which it is not taken: chosen by
`benchmarks/snippets.py`, with an encoder that had not seen the names."""

_UNIT = regex.compile(
    rf"(?P<word>[\p{{Script=Kana}}ー]+)|(?P<character>[{SPACELESS}ー々])|(?P<word>[[\p{{L}}\p{{N}}\p{{M}}]--[{SPACELESS}ー々]]"
    rf"(?:[\p{{L}}\p{{N}}\p{{M}}'’.\-‐·]*[[\p{{L}}\p{{N}}\p{{M}}]--[{SPACELESS}ー々]])?)",
    regex.V1,
)
_BETWEEN = regex.compile(r"[ \u00a0・·＝=]?")


class PageName(Struct, frozen=True):
    """A name that a page gives, in the language it is given for."""

    text: str
    way: Way


def names(page: Page, language: str) -> Iterator[PageName]:
    """The names that a page gives in a language, the page's own or another."""
    return _own(page) if page.language in variants(language) else _foreign(page, language)


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
        if text and in_script(text, language) and not _LATIN.search(text):
            marked = _marked(marker) if colon and page.language == "en" else ()
            if not marked or language in marked:
                yield from _given(text, "marked bracket" if marked else "bracket")


def _marked(marker: str) -> tuple[str, ...]:
    """The languages that a marker such as ``Simplified Chinese`` or ``Japanese`` stands for."""
    words = marker.lower().split()
    code = next((_BY_NAME[word] for word in reversed(words) if word in _BY_NAME), None)
    return variants(code) if code else ()


def _given(text: str, way: Way) -> Iterator[PageName]:
    text = clean(text).strip(_QUOTES)
    if 0 < len(text) <= LONGEST and _LETTERS.search(text) and vote_key(text):
        yield PageName(text, way)


class Match(Struct, frozen=True):
    """A span, the name that it is most like, and their cosine."""

    span: str
    name: str
    cosine: float


def spans(text: str) -> Iterator[str]:
    """Every span, from left to right, the longer ones after the shorter.

    >>> list(spans("der Rhein, ein"))
    ['der', 'der Rhein', 'Rhein', 'ein']
    >>> list(spans("長崎県"))
    ['長崎', '長崎県', '崎県']
    """
    units = [(found.start(), found.end(), found.lastgroup) for found in _UNIT.finditer(text)]
    for first, (start, _, _) in enumerate(units):
        words = characters = 0
        before = start
        for begin, end, kind in units[first : first + MOST_CHARACTERS]:
            if begin > before and not _BETWEEN.fullmatch(text, before, begin):
                break
            words, characters = words + (kind == "word"), characters + (kind == "character")
            if words > MOST_WORDS:
                break
            before = end
            if words or characters >= FEWEST_CHARACTERS:
                yield text[start:end]


def most_alike(
    texts: Sequence[str], names: Sequence[str], language: str, encoder: Encoder
) -> Match | None:
    """The span in the script of the language that is most like one of the names, of those that at
    least two of the texts hold and that are none of the names; None where none is like any."""
    known = {vote_key(name) for name in names}
    latin = script(language) == "Latn"
    held: Counter[str] = Counter()
    written: dict[str, str] = {}
    for text in texts:
        mine = {vote_key(span): span for span in spans(text[:READ])}
        held.update(mine.keys())
        written = mine | written
    offered = [
        span
        for key, span in written.items()
        if key and key not in known and held[key] >= TWICE
        # A foreign word in the middle of a text is most like itself.
        if in_script(span, language) and (latin or not _LATIN.search(span))
    ]
    if not offered or not names:
        return None
    cosines = encoder.encode(offered) @ encoder.encode(names).T
    place, name = divmod(int(cosines.argmax()), len(names))
    cosine = float(cosines[place, name])
    return Match(offered[place], names[name], cosine) if cosine >= LOWEST else None
