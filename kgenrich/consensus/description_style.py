"""How a language writes descriptions: what is against its style, as codes.

The codes are explained in `kgenrich.consensus.validators`. None of them is a fault for sure: a few
in a hundred descriptions that people wrote have one. Sources: Wikidata's Help:Description, and what
was seen in descriptions of Wikidata in each language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import regex

from kgenrich.model import TermRequest

MAX_WORDS = 15
MAX_SIGNS = 40
"""Where words do not stand apart, one description in a hundred is longer than 34 signs (ja)."""

_SHORTEST = 4
"""Shorter words may come twice: most of them only join."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LIFE = regex.compile(r"[(（]\D{0,9}\d{3,4}\s*[-–—]\s*(?:\d{3,4})?\D{0,9}[)）]")

_ARTICLES = {
    "en": "a an the",
    "de": "der die das ein eine",
    "fr": "le la les l' l’ un une",
    "es": "el la los las un una",
    "it": "il lo la i gli le l' l’ un uno una un' un’",
    "pt": "o a os as um uma",
    "nl": "de het een",
    "sv": "en ett",
    "da": "en et",
    "nb": "en et",
    "nn": "ein ei eit",
    "ca": "el la els les l' l’ un una",
    "gl": "o a os as un unha",
    "ro": "un o",
    "hu": "a az egy",
    "eo": "la",
    "cy": "y yr",
    "el": "ο η το οι τα ένας μια ένα",
}
# Where adjectives of nations or all nouns have a capital letter, one says nothing.
_CAPITALS = frozenset(
    ("en", "de", "nl", "af", "fy", "gsw", "bar", "lb", "nds", "ksh", "stq", "frr", "simple", "mul")
)
_UNSPACED = frozenset(("ja", "zh", "yue", "wuu", "gan", "lzh", "th", "lo", "km", "my", "bo"))
_WITHOUT_YEARS = frozenset(("de", "es", "fr", "it", "ru", "ar"))


def style(request: TermRequest, text: str) -> Iterator[str]:
    """The codes of what is against the style of the language; ``text`` is not blank."""
    base = request.language.split("-", 1)[0]
    words = text.split()
    first = words[0]
    articles = _ARTICLES.get(base, "").split()
    if len(words) > 1 and (
        first.lower() in articles
        or any(first.lower().startswith(a) for a in articles if a.endswith(("'", "’")))
    ):
        yield "W-article"
    if text.endswith((".", "。", "।")) and not text.endswith("..") and not _abbreviation(words):
        yield "W-stop"
    if base not in _CAPITALS and first[:1].isupper() and first[1:].islower():
        names = request.entity.labels.values()
        if not any(first in name for name in names):
            yield "W-case"
    if len(words) > MAX_WORDS or (base in _UNSPACED and len(text) > MAX_SIGNS):
        yield "W-long"
    if _begins_with(text, request.entity.labels.get(request.language, "")):
        yield "W-label"
    counts = Counter(word.casefold() for word in _WORD.findall(text) if len(word) >= _SHORTEST)
    if base not in _UNSPACED and any(count > 1 for count in counts.values()):
        yield "W-doubled"
    if base in _WITHOUT_YEARS and _LIFE.search(text):
        yield "W-years"


def _begins_with(text: str, label: str) -> bool:
    rest = text[len(label) :]
    return bool(label) and text.casefold().startswith(label.casefold()) and not rest[:1].isalpha()


def _abbreviation(words: list[str]) -> bool:
    """Whether the full stop at the end is that of an abbreviation (Inc., U.S., d. C.)."""
    last = words[-1]
    return len(last.rstrip(".")) <= 3 or "." in last[:-1]
