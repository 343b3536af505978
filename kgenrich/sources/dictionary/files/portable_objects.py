"""Catalogues of gettext as translators have them (PO).

Each entry is read by itself, so that a broken one costs no other. What is fuzzy or obsolete is no
translation. An identifier may stand in the context or be all of a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser

from kgenrich.inputs import Input
from kgenrich.sources.dictionary.files.concepts import Concept, Draft, Reading
from kgenrich.sources.dictionary.files.lines import decoded, raw_lines

LARGEST = 20_000
"""Characters of an entry; a longer one is left out."""

_BEGIN = re.compile(r"msgctxt\b|msgid\b(?!_)")
_HEADER = re.compile(r'msgid\s+""\s*\n\s*msgstr\b')
_LANGUAGE = re.compile(r'"(X-Source-)?Language:\s*([^"\\]*?)\s*\\n', re.IGNORECASE)
_CHARSET = re.compile(rb'^"Content-Type:[^"]{0,200}?charset=([\w.:-]+)', re.IGNORECASE)
_BROKEN = (PoFileError, ValueError, LookupError, AttributeError, TypeError)
"""What Babel's parser raises, beside its own error, for lines in an order that it does not know."""


def read_po(source: Input, reading: Reading) -> Iterator[Concept]:
    """The translated entries, in the encoding that the header names. Raises `InputError` where the
    file cannot be read."""
    languages = {"": reading.target, "X-Source-": reading.source}
    for lines in _entries(source):
        text = "\n".join(lines)
        if len(text) > LARGEST:
            reading.unread += 1
            continue
        if _HEADER.search(text):
            said = {mark or "": tag for mark, tag in _LANGUAGE.findall(text)}
            languages |= {mark: tag for mark, tag in said.items() if tag and not languages[mark]}
            languages["X-Source-"] = said.get("X-Source-") or languages["X-Source-"]
            continue
        try:
            message = _message(lines)
        except _BROKEN:
            message = None
        if message is None:
            reading.unread += 1
            continue
        draft = Draft(reading)
        draft.identify("msgctxt", message.context or "")
        for comment in (*message.auto_comments, *message.user_comments):
            draft.identify("comment", comment)
        draft.ask(languages["X-Source-"], _singular(message.id))
        if not message.fuzzy:
            draft.call(languages[""], _singular(message.string))
        if concept := draft.concept():
            yield concept


def _entries(source: Input) -> Iterator[list[str]]:
    """The lines of each entry that is not obsolete."""
    lines: list[str] = []
    begun = translated = False
    encoding = "utf-8"
    for raw in raw_lines(source):
        if charset := _CHARSET.search(raw[:LARGEST]):
            encoding = _known(charset[1].decode(), encoding)
        line = decoded(raw, encoding).strip()
        if line.startswith("#~"):
            continue
        is_comment = line.startswith("#")
        if (begun and is_comment) or (translated and (not line or _BEGIN.match(line))):
            yield lines
            lines, begun, translated = [], False, False
        if not line:
            continue
        begun |= not is_comment
        translated |= line.startswith("msgstr")
        if len(lines) <= LARGEST:
            lines.append(line[: LARGEST + 1])
    if begun:
        yield lines


def _known(encoding: str, otherwise: str) -> str:
    """An encoding of texts that there is, or the other one."""
    try:
        b"x".decode(encoding, "replace")
    except (LookupError, UnicodeError):
        return otherwise
    return encoding


def _message(lines: Sequence[str]) -> Message | None:
    catalogue = Catalog()
    PoFileParser(catalogue, ignore_obsolete=True, abort_invalid=True).parse(lines)
    return next((message for message in catalogue if message.id), None)


def _singular(text: str | Sequence[str] | None) -> str:
    return text if isinstance(text, str) else next(iter(text or ()), "")
