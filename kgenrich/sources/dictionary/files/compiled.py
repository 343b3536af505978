"""Compiled catalogues: those of gettext (.mo) and those of Qt (.qm).

Both are read as they are laid out in GNU gettext's manual ("The Format of GNU MO Files") and in
Qt's ``qm.cpp`` (Qt Linguist). A message that is damaged costs itself.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from kgenrich.errors import InputError
from kgenrich.inputs import Input
from kgenrich.sources.dictionary.files.concepts import LONGEST, Concept, Draft, Reading

LARGEST = 256 << 20
"""Bytes of a catalogue."""

_MO = {b"\xde\x12\x04\x95": "<", b"\x95\x04\x12\xde": ">"}
_QM = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")
_LANGUAGE = re.compile(r"^Language:\s*(\S+)", re.MULTILINE | re.IGNORECASE)

# Sections and tags of Qt's ``qm.cpp``.
_MESSAGES, _LANGUAGE_OF_QM = 0x69, 0xA7
_END, _SOURCE_16, _TRANSLATION, _CONTEXT_16 = 1, 2, 3, 4
_HASH, _SOURCE, _CONTEXT, _COMMENT = 5, 6, 7, 8
_FIELDS = {_SOURCE: "source", _CONTEXT: "context", _COMMENT: "comment"}


def read_mo(source: Input, reading: Reading) -> Iterator[Concept]:
    """The messages. Raises `InputError` for what is no catalogue."""
    data = _all(source)
    order = _MO.get(data[:4], "")
    try:
        count, originals, translations = struct.unpack_from(f"{order}8x3I", data) if order else ()
    except (struct.error, ValueError) as error:
        raise InputError(f"{source.name} is no catalogue of gettext.") from error
    language = reading.target
    for place in range(min(count, len(data) // 8)):
        try:
            original, translation = (
                _string(data, order, table + 8 * place) for table in (originals, translations)
            )
        except (struct.error, ValueError):
            reading.unread += 1
            continue
        if not original:
            said = _LANGUAGE.search(translation)
            language = language or (said[1] if said else "")
            continue
        context, mark, message = original.rpartition("\x04")
        draft = Draft(reading)
        if mark:
            draft.identify("msgctxt", context)
        draft.ask(reading.source, message.partition("\0")[0])
        draft.call(language, translation.partition("\0")[0])
        if concept := draft.concept():
            yield concept


def read_qm(source: Input, reading: Reading) -> Iterator[Concept]:
    """The messages that have their source text, as all have that ``lrelease`` was not told to
    strip. Raises `InputError` for what is no catalogue."""
    data = _all(source)
    if not data.startswith(_QM):
        raise InputError(f"{source.name} is no catalogue of Qt.")
    sections: dict[int, bytes] = {}
    place = len(_QM)
    while place + 5 <= len(data):
        tag, size = struct.unpack_from(">BI", data, place)
        sections.setdefault(tag, data[place + 5 : place + 5 + size])
        place += 5 + size
    said = sections.get(_LANGUAGE_OF_QM, b"").decode("utf-8", "replace").strip("\0")
    for message in _messages(sections.get(_MESSAGES, b""), reading):
        draft = Draft(reading)
        draft.identify("comment", message.get("comment", ""))
        draft.identify("context", message.get("context", ""))
        draft.ask(reading.source, message.get("source", ""))
        if "source" in message:
            draft.call(reading.target or said, message.get("translation", ""))
        if concept := draft.concept():
            yield concept


def _messages(data: bytes, reading: Reading) -> Iterator[dict[str, str]]:
    message: dict[str, str] = {}
    place = 0
    while place < len(data):
        tag = data[place]
        place += 1
        if tag == _END:
            yield message
            message = {}
            continue
        if tag == _HASH:
            place += 4
            continue
        if tag not in {_SOURCE_16, _TRANSLATION, _CONTEXT_16, *_FIELDS} or place + 4 > len(data):
            # Nothing says where the next message begins.
            reading.unread += 1
            return
        (size,) = struct.unpack_from(">I", data, place)
        # A translation that is not there has this length.
        size = 0 if size == 0xFFFFFFFF else size
        text = data[place + 4 : place + 4 + size]
        place += 4 + size
        if tag in _FIELDS:
            message[_FIELDS[tag]] = text.decode("utf-8", "replace").rstrip("\0")
        elif tag == _TRANSLATION:
            # Of several forms for numbers the first is that of one.
            message.setdefault("translation", text.decode("utf-16-be", "replace"))
    if message:
        reading.unread += 1


def _all(source: Input) -> bytes:
    pieces = []
    size = 0
    while piece := source.read():
        size += len(piece)
        if size > LARGEST:
            raise InputError(f"{source.name} is larger than a catalogue of messages may be.")
        pieces.append(piece)
    return b"".join(pieces)


def _string(data: bytes, order: str, place: int) -> str:
    size, start = struct.unpack_from(f"{order}2I", data, place)
    # The end of a long text is of no use.
    if start + size > len(data):
        raise ValueError("It lies outside of the file.")
    return data[start : start + size].decode() if size <= 8 * LONGEST else ""
