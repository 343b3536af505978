"""Catalogues of gettext as translators have them (PO), an entry at a time.

Each entry is read by itself, so that a broken one costs no other; obsolete ones are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser
from msgspec import Struct

from kgenrich.inputs import Input
from kgenrich.lines import decoded, raw_lines

LARGEST = 20_000
"""Characters of an entry, if nothing else is asked for; a longer one is not read."""

_BEGIN = re.compile(r"msgctxt\b|msgid\b(?!_)")
_HEADER = re.compile(r'msgid\s+""\s*\n\s*msgstr\b')
_CHARSET = re.compile(rb'^"Content-Type:[^"]{0,200}?charset=([\w.:-]+)', re.IGNORECASE)
_BROKEN = (PoFileError, ValueError, LookupError, AttributeError, TypeError)
"""What Babel's parser raises, beside its own error, for lines in an order that it does not know."""


class PoEntry(Struct, frozen=True):
    """An entry that begins on a ``line``: the ``message``, or the text of a ``header``; neither of
    a broken one."""

    line: int
    message: Message | None = None
    header: str = ""


def po_entries(source: Input, largest: int = LARGEST) -> Iterator[PoEntry]:
    """The entries, in the encoding that the header names. Raises `InputError` where the file cannot
    be read."""
    catalogue = _Last()
    for number, lines in _entries(source, largest):
        text = "\n".join(lines)
        if len(text) > largest:
            yield PoEntry(number)
        elif _HEADER.search(text):
            yield PoEntry(number, header=text)
        else:
            try:
                yield PoEntry(number, _message(catalogue, lines))
            except _BROKEN:
                yield PoEntry(number)


def _entries(source: Input, largest: int) -> Iterator[tuple[int, list[str]]]:
    """The lines of each entry that is not obsolete, with the number of the first."""
    lines: list[str] = []
    begun = translated = False
    encoding = "utf-8"
    first = 1
    for number, raw in enumerate(raw_lines(source), 1):
        if charset := _CHARSET.search(raw[:LARGEST]):
            encoding = _known(charset[1].decode(), encoding)
        line = decoded(raw, encoding).strip()
        if line.startswith("#~"):
            continue
        is_comment = line.startswith("#")
        if (begun and is_comment) or (translated and (not line or _BEGIN.match(line))):
            yield first, lines
            lines, begun, translated = [], False, False
        if not line:
            continue
        if not lines:
            first = number
        begun |= not is_comment
        translated |= line.startswith("msgstr")
        if len(lines) <= largest:
            lines.append(line[: largest + 1])
    if begun:
        yield first, lines


def _known(encoding: str, otherwise: str) -> str:
    """An encoding of texts that there is, or the other one."""
    try:
        b"x".decode(encoding, "replace")
    except (LookupError, UnicodeError):
        return otherwise
    return encoding


class _Last(Catalog):
    """A catalogue that holds the message that was read last; a whole one costs too much."""

    message: Message | None = None

    def __setitem__(self, id: Any, message: Message) -> None:
        self.message = message if message.id else self.message


def _message(catalogue: _Last, lines: Sequence[str]) -> Message | None:
    catalogue.message = None
    PoFileParser(catalogue, ignore_obsolete=True, abort_invalid=True).parse(lines)
    return catalogue.message


def singular(text: str | Sequence[str] | None) -> str:
    """The text of a message, the first of several forms."""
    return text if isinstance(text, str) else next(iter(text or ()), "")
