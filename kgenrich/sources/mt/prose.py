"""Prose in pieces that a model of translation can take: models are trained on single sentences,
leave out some of several, and cut what is longer than they can see.

The lines are kept, and within a line sentences are parted where a mark ends one and another begins.
Two sentences that are taken for one do less harm than one that is torn apart, so an abbreviation
ends none.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

LONGEST = 600
"""Code points of a sentence. The models see 256 pieces of words, of some three code points each."""

_SPACED = regex.compile(
    r"(?<=[.!?…।॥؟۔։።][\p{Pe}\p{Pf}\"'’]*)\s+(?=[\p{Pi}\p{Ps}\"'¿¡]*[\p{Lu}\p{Lt}\p{Lo}\p{N}])"
)
_UNSPACED = regex.compile(r"(?<=[。！？．][\p{Pe}\p{Pf}]*)(?=[^\p{Pe}\p{Pf}\s])")
_ABBREVIATED = regex.compile(
    r"^\P{L}+$|(?<![\p{L}\p{M}])(?:\p{L}\p{M}*){1,2}\.$|\p{L}\.\p{L}+\.$"
    r"|(?i:\b(?:etc|resp|approx|incl|figs?|vol|bzw|usw|evtl|vgl|env|ecc|aprox|núm|art)\.)$"
)
"""The number of what follows, a letter or two, letters with dots between them, and what is often
short for a word: after these a sentence goes on."""
_IDEOGRAPHIC = regex.compile(r"([。！？．][\p{Pe}\p{Pf}]*) ")


def sentences(text: str) -> list[list[str]]:
    """The sentences of each line, none for an empty one.

    >>> sentences("A unit, e.g. The metre. It is used in Fig. 3!\\n\\nSee below.")
    [['A unit, e.g. The metre.', 'It is used in Fig. 3!'], [], ['See below.']]
    """
    return [_of_line(line.strip()) for line in text.splitlines()]


def _of_line(line: str) -> list[str]:
    parts: list[str] = []
    for piece in _UNSPACED.split(line):
        for part in _SPACED.split(piece):
            if parts and _ABBREVIATED.search(parts[-1]):
                parts[-1] += f" {part}"
            elif part:
                parts.append(part)
    return parts


def joined(lines: Sequence[Sequence[str]]) -> str:
    """Translated sentences as one text again.

    >>> joined([["Eins.", "Zwei."], [], ["一。", "二。"]])
    'Eins. Zwei.\\n\\n一。二。'
    """
    return "\n".join(_IDEOGRAPHIC.sub(r"\1", " ".join(line)) for line in lines)
