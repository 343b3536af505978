"""Texts of many languages on one page: each with its own language and direction, differences
marked. Everything is escaped here or by the templates."""

from __future__ import annotations

from difflib import SequenceMatcher

import regex
from markupsafe import Markup, escape

from kgenrich.languages import bcp47, direction

_GRAPHEMES = regex.compile(r"\X")


def worded(text: str, language: str = "") -> Markup:
    """A text in its language and direction, isolated from what stands around it; of an unknown
    language as its letters say.

    >>> worded("<b>", "ar")
    Markup('<bdi lang="ar" dir="rtl">&lt;b&gt;</bdi>')
    """
    if not language:
        return Markup('<bdi dir="auto">{}</bdi>').format(text)
    tag = Markup('<bdi lang="{}" dir="{}">{}</bdi>')
    return tag.format(bcp47(language), direction(language), text)


def with_differences(text: str, other: str, language: str) -> Markup:
    """A text with what another one has not got marked.

    >>> with_differences("Berlin", "Berlino", "it")
    Markup('<bdi lang="it" dir="ltr">Berlin</bdi>')
    >>> with_differences("Berlino", "Berlin", "it")
    Markup('<bdi lang="it" dir="ltr">Berlin<mark>o</mark></bdi>')
    """
    mine, theirs = _GRAPHEMES.findall(text), _GRAPHEMES.findall(other)
    parts = []
    for kind, start, end, _, _ in SequenceMatcher(None, mine, theirs, False).get_opcodes():
        if piece := "".join(mine[start:end]):
            parts.append(
                escape(piece) if kind == "equal" else Markup("<mark>{}</mark>").format(piece)
            )
    tag = Markup('<bdi lang="{}" dir="{}">{}</bdi>')
    return tag.format(bcp47(language), direction(language), Markup("").join(parts))
