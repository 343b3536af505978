"""Additions until the place of their subject is found in the source, and lines of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kgenrich.errors import InputError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition, Source, Triple, triples
from kgenrich.inputs import CHUNK

_LINE_END = re.compile(rb"\r\n|\n|\r")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00", b"@\x00", b"\x00@")


class Waiting:
    """Additions by their subjects, in the order in which these come first."""

    def __init__(self, additions: Iterable[Addition], counts: ExportCounts) -> None:
        self._counts = counts
        self._by_subject: dict[str, list[Addition]] = {}
        for addition in additions:
            self._by_subject.setdefault(addition.subject, []).append(addition)

    def __bool__(self) -> bool:
        return bool(self._by_subject)

    def __contains__(self, subject: str) -> bool:
        return subject in self._by_subject

    def pop(self, subject: str) -> list[Addition]:
        """The additions to a subject, which no longer wait."""
        return self._by_subject.pop(subject, [])

    def subjects(self) -> list[str]:
        """Those whose additions wait."""
        return list(self._by_subject)

    def take(self, subject: str) -> list[list[Triple]]:
        """The triples of each addition to a subject, which no longer wait."""
        return [made for each in self.pop(subject) if (made := triples(each, self._counts))]

    def rest(self) -> Iterator[list[Triple]]:
        """Those of all that still wait."""
        for subject in self.subjects():
            yield from self.take(subject)


def whole_lines(source: Source) -> Iterator[bytes]:
    """The source in pieces that end with a line, but for the last. Raises `InputError` where it is
    in UTF-16 or UTF-32."""
    rest = b""
    first = True
    while chunk := source.read(CHUNK):
        data = rest + chunk
        if first and data.startswith(_WIDE):
            raise InputError(f"{source.name} is not in UTF-8: convert it first, or use --delta.")
        first = False
        # A carriage return may be half of a line's end.
        end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1
        if end:
            yield data[:end]
        rest = data[end:]
    if rest:
        yield rest


def line_end(data: bytes) -> bytes:
    """How the first line of a text ends; empty for what is part of a line."""
    found = _LINE_END.search(data)
    return found[0] if found else b""


def appended(lines: Iterable[bytes], end: bytes, *, is_line_whole: bool) -> Iterator[bytes]:
    """Lines for the end of a file whose lines have this ``end``: where its last line has none,
    the new last one has none either."""
    for line in lines:
        yield line + end if is_line_whole else end + line
