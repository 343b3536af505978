"""Where in a file of JSON one entity document ends and the next begins.

Dumps have one document a line, which is found fastest. Where the first one goes over several lines,
or shares its line with the next, the braces tell. Either way a document that is broken costs
itself, and a file that ends too early is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from kgenrich.errors import InputError
from kgenrich.inputs import CHUNK, LONGEST_LINE, Input

_AROUND = b"[], \t\r\0\xef\xbb\xbf"
"""What may stand around a document in its line: the array of a dump, a byte order mark."""

_BLANK = b" \t\r\n\0"
_TAIL = 64
"""Bytes in which the end of the array is looked for."""

_DEEP = 100
"""Objects within each other; no entity has more than twenty."""

# Strings, which end with their line at the latest, and braces; a last string may still go on.
_TOKEN = re.compile(rb'"[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+(?:"|\\?\Z)?|[{}]')
# What only an entity begins with, in the order of Wikibase, or of the alphabet.
_BEGIN = re.compile(
    rb"""[,\[\n]\s*+(?=\{\s*+"(?:type"\s*:\s*"(?:item|property|lexeme|mediainfo)"
    |id"\s*:\s*"[QPLM][1-9]|(?:pageid|ns|entities|aliases|claims|labels|descriptions)"\s*:))""",
    re.VERBOSE,
)
_SECOND_LINE = re.compile(rb'\s*"')


class Piece(NamedTuple):
    """A document with the offsets of its begin and of what comes after it."""

    offset: int
    data: bytes | memoryview
    after: int


def split(source: Input, begin: int) -> Iterator[Piece]:
    """The documents of a file from an offset on that is 0 or the end of one of them.

    Raises `InputError` where the file is damaged or cut off: an array without an end, a document
    without an end; then everything before has been given.
    """
    head = source.look(CHUNK)
    inside = head.lstrip(_BLANK).startswith(b"[")
    before = min(begin, _TAIL)
    source.seek(begin - before)
    end = _End(source.read(before) if before else b"")
    yield from (_objects if _is_spread(head) else _lines)(source, begin, end)
    if inside and not end.is_closed:
        raise InputError(f"{source.name} is cut off: its array has no end.")


class _End:
    """The last bytes that were read."""

    def __init__(self, data: bytes) -> None:
        self._last = b""
        self.see(data)

    def see(self, data: bytes) -> None:
        self._last = data[-_TAIL:].strip(_BLANK) or data.strip(_BLANK) or self._last

    @property
    def is_closed(self) -> bool:
        return self._last.endswith(b"]")


def _is_spread(head: bytes) -> bool:
    """Whether the first document goes over several lines or is not alone in its own."""
    start = head.find(b"{")
    line_end = head.find(b"\n", start) + 1 or len(head)
    end = _object_end(head, start, line_end) if start >= 0 else 0
    if _BEGIN.search(head, start + 1, line_end):
        return True
    if end is None:
        return bool(_SECOND_LINE.match(head, line_end))
    return head[end:line_end].strip(_AROUND).startswith(b"{")


def _object_end(data: bytes, start: int, stop: int) -> int | None:
    """Where the object that begins at ``start`` ends; None for beyond ``stop``."""
    depth = 0
    for token in _TOKEN.finditer(data, start, stop):
        byte = data[token.start()]
        depth += (byte == 0x7B) - (byte == 0x7D)
        if not 0 < depth < _DEEP:
            return token.end()
    return None


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.MsgspecError:
        return False
    return True


def _objects(source: Input, offset: int, end: _End) -> Iterator[Piece]:
    """Every document by its braces. One that is broken ends where the next entity begins."""
    buffer = b""
    at = 0
    while True:
        start = buffer.find(b"{", at)
        stop = None if start < 0 else _object_end(buffer, start, len(buffer))
        if start >= 0 and (stop is None or not _is_json(buffer[start:stop])):
            following = _BEGIN.search(buffer, start + 1, stop or len(buffer))
            stop = following.end() if following else stop
        if stop is not None:
            yield Piece(offset + start, buffer[start:stop], offset + stop)
            at = stop
            continue
        kept = len(buffer) if start < 0 else start
        buffer, offset, at = buffer[kept:], offset + kept, 0
        # Twice as much each time, for it is looked at again from its begin.
        more = _read(source, max(CHUNK, len(buffer)))
        end.see(more)
        if len(buffer) > LONGEST_LINE:
            yield Piece(offset, buffer, offset + len(buffer))
            buffer, offset = b"", offset + len(buffer)
        elif buffer and not more:
            raise _cut_off(source)
        elif not more:
            return
        buffer += more


def _read(source: Input, size: int) -> bytes:
    parts = []
    while size > 0 and (chunk := source.read(min(size, CHUNK))):
        parts.append(chunk)
        size -= len(chunk)
    return b"".join(parts)


def _lines(source: Input, offset: int, end: _End) -> Iterator[Piece]:
    """Every document with its line, without a copy where that is possible.

    Of a line that is longer than any document only the beginning is kept. Lines without a document
    are left out.
    """
    parts: list[bytes] = []
    length = size = 0
    while chunk := source.read(CHUNK):
        view = memoryview(chunk)
        start = 0
        while (stop := chunk.find(b"\n", start)) >= 0:
            after = offset + length + stop - start + 1
            if parts:
                line = b"".join((*parts, chunk[start:stop])).strip(_AROUND)
                if line:
                    yield Piece(offset, line, after)
                parts.clear()
            else:
                first, last = start, stop
                while last > first and chunk[last - 1] in _AROUND:
                    last -= 1
                while first < last and chunk[first] in _AROUND:
                    first += 1
                if first < last:
                    yield Piece(offset, view[first:last], after)
            offset, length, size = after, 0, 0
            start = stop + 1
        if start < len(chunk):
            rest = chunk[start:]
            length += len(rest)
            if size < LONGEST_LINE:
                parts.append(rest)
                size += len(rest)
        end.see(chunk)
    if parts and (line := b"".join(parts).strip(_AROUND)):
        if line.startswith(b"{") and _object_end(line, 0, len(line)) is None:
            raise _cut_off(source)
        yield Piece(offset, line, offset + length)


def _cut_off(source: Input) -> InputError:
    return InputError(f"{source.name} is cut off: it ends in the middle of an entity.")
