"""Language tags as they are written, through a parser that writes them small.

RDF compares tags without regard to case, and pyoxigraph 0.5.13 gives all of them in lower case (but
of JSON-LD), leaves out the base direction of RDF 1.2 and refuses the empty tag of RDF/XML. So a tag
that it would change is replaced by a number before it comes to see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from kgenrich.inputs import CHUNK

MOST = 10_000
"""Different tags that are kept as they are written."""

_NUMBERED = "x-kgtag-"
_NUMBER = re.compile(rf"{_NUMBERED}(\d+)")
# In a text as well, where it is put back.
_IN_TEXT = re.compile(
    rb"@(?<=[\"']@)([a-z0-9-]*(?:[A-Z]|--[lr])[A-Za-z0-9-]*)(?![A-Za-z0-9_-])(?P<end>)"
)
_IN_XML = re.compile(rb"xml:lang\s*=\s*[\"']((?:[a-z0-9-]*[A-Z][A-Za-z0-9-]*)?)(?P<end>[\"'])")
_LONGEST = 120


class Readable(Protocol):
    """What gives its bytes piece by piece."""

    def read(self, size: int, /) -> bytes: ...


class TagSpellings:
    """The tags of one document, by their numbers; unless it is to ``keep`` them, only what a parser
    would refuse is replaced, by ``und``."""

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep
        self._written: list[str] = []
        self._numbers: dict[bytes, bytes] = {}

    def __bool__(self) -> bool:
        return bool(self._written)

    def written(self, tag: str) -> str:
        """A tag that a parser gives, as it is in the document."""
        number = _NUMBER.fullmatch(tag)
        return self._of(number) if number else tag

    def restored(self, text: str) -> str:
        """A text of the document, as it is there."""
        return _NUMBER.sub(self._of, text) if _NUMBERED in text else text

    def numbered(self, text: bytes) -> bytes:
        """A text in which no tag is cut for a parser of N-Triples, Turtle and the like."""
        return self._numbered(_IN_TEXT, text)

    def in_text(self, source: Readable) -> SpelledText:
        """The bytes of such a text for a parser."""
        return SpelledText(self, _pieces(source))

    def in_xml(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The bytes of RDF/XML for a parser."""
        rest = b""
        for piece in pieces:
            data = rest + piece
            # An attribute that begins near the end may go on.
            near = max(0, len(data) - _LONGEST)
            cut = max(data.rfind(b"xml:lang", near), near and len(data) - len(b"xml:lang"))
            rest = data[max(cut, 0) :] if cut >= 0 else b""
            yield self._numbered(_IN_XML, data[: len(data) - len(rest)])
        yield self._numbered(_IN_XML, rest)

    def _of(self, number: re.Match[str]) -> str:
        place = int(number[1])
        return self._written[place] if place < len(self._written) else number[0]

    def _numbered(self, pattern: re.Pattern[bytes], data: bytes) -> bytes:
        def number(found: re.Match[bytes]) -> bytes:
            tag = found[1]
            if not self._keep:
                tag = tag or b"und"
                return data[found.start() : found.start(1)] + tag + found["end"]
            if tag not in self._numbers:
                if len(self._written) >= MOST:
                    return found[0]
                self._numbers[tag] = f"{_NUMBERED}{len(self._written)}".encode()
                self._written.append(tag.decode())
            begin = data[found.start() : found.start(1)]
            return begin + self._numbers[tag] + found["end"]

        return pattern.sub(number, data)


class SpelledText:
    """The bytes of a text for a parser, with numbers in place of some of its tags."""

    def __init__(self, tags: TagSpellings, pieces: Iterator[bytes]) -> None:
        self._tags, self._pieces = tags, pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        """A piece of about ``size`` bytes, empty at the end."""
        for piece in self._pieces:
            data = self._rest + piece
            # A tag that begins near the end may go on.
            near = max(0, len(data) - _LONGEST)
            cut = max(data.rfind(b'"', near), data.rfind(b"'", near))
            self._rest = data[cut:] if cut >= 0 else b""
            if cut:
                return self._tags.numbered(data[: len(data) - len(self._rest)])
        rest, self._rest = self._rest, b""
        return self._tags.numbered(rest)


def _pieces(source: Readable) -> Iterator[bytes]:
    while piece := source.read(CHUNK):
        yield piece
