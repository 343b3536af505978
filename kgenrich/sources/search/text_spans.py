"""The spans of a text that could be a name: words (a run of katakana is one), or characters where
no spaces are written, that follow one another without punctuation; and of several texts the span
that is most like a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import regex
from msgspec import Struct

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.languages import in_script, script
from kgenrich.sources.search.text_index import SPACELESS
from kgenrich.text import vote_key

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
_LATIN = regex.compile(r"\p{Script=Latn}")


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
