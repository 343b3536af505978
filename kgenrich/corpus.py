"""Local text, for the local search and for training adapters: the one place that reads it.

A corpus is JSON Lines, plain or packed: ``{"qid": "Q64", "title": "Berlin", "language": "de",
"text": "..."}``, where ``qid`` may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from kgenrich.errors import InputError
from kgenrich.inputs import read_lines
from kgenrich.languages import wikimedia
from kgenrich.text import clean

MAX_TEXT = 4_000
"""Code points of a text that are kept: names are given where it begins."""


class Page(Struct, frozen=True):
    """One text of the corpus."""

    title: str
    language: str
    text: str
    qid: str = ""


def pages(corpus: Path) -> Iterator[Page]:
    """The pages of a corpus. Raises `InputError` naming the line that is no page."""
    decoder = msgspec.json.Decoder(Page)
    for number, line in enumerate(read_lines(corpus), 1):
        if not line.strip():
            continue
        try:
            page = decoder.decode(line)
        except ValueError as error:
            why = f"The corpus {corpus} cannot be read at line {number}: {error}"
            raise InputError(why.rstrip(".") + ".") from error
        language = wikimedia(page.language) or ""
        yield Page(clean(page.title), language, page.text[:MAX_TEXT], page.qid)
