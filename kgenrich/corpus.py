"""Local text, for the local search and for training adapters: the one place that reads it.

A corpus is JSON Lines, plain or gzip: ``{"qid": "Q64", "title": "Berlin", "language": "de",
"text": "..."}``, where ``qid`` may be missing.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from kgenrich.errors import InputError
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
    read = 0
    try:
        with gzip.open(corpus) if corpus.suffix == ".gz" else corpus.open("rb") as lines:
            for line in lines:
                if line.strip():
                    page = decoder.decode(line)
                    language = wikimedia(page.language) or ""
                    yield Page(clean(page.title), language, page.text[:MAX_TEXT], page.qid)
                read += 1
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(
            f"The corpus {corpus} cannot be read at line {read + 1}: {error}".rstrip(".") + "."
        ) from error
