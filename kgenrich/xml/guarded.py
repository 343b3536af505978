"""XML as a parser may safely have it: no document type, entities in their place.

Entities made of entities drive a parser out of memory, and what stands outside of the file is not
to be read; so that what OWL files use entities for (``<!ENTITY owl "http://www.w3.org/2002/07/owl#">``)
is expanded here, and the parser never sees a declaration. CDATA becomes text and comments and
processing instructions go, for the parser takes no text after one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.entities import html5

from kgenrich.errors import InputError
from kgenrich.inputs import CHUNK, LONGEST_LINE, Input

PROLOG = 1 << 16
"""Bytes within which the document type must end."""

LONGEST_ENTITY = 1_000
AMPLIFIED = 20
"""How many times its size a document may become by its entities."""

_BEFORE = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s(?:[^\[>"']|"[^"]*"|'[^']*')*+"""
    rb"""(?:\[(?P<subset>(?:[^\]"'<]|"[^"]*"|'[^']*'|<!--.*?-->|<\?.*?\?>|<(?!!--|\?))*+)\]\s*)?>""",
    re.DOTALL | re.IGNORECASE,
)
_DECLARED = re.compile(
    rb"""<!--.*?-->|<!ENTITY\s+([\w.:-]+)\s+(?:"([^"]*)"|'([^']*)')\s*>""", re.DOTALL
)
_REFERENCE = re.compile(rb"&(?:#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}))|([A-Za-z_][\w.:-]{0,99}));")
_LONGEST_MARK = 110
_SIMPLE = re.compile(rb"(?:[^&<]|&#[0-9]{1,7};|&#x[0-9A-Fa-f]{1,6};|&(?:amp|lt|gt|quot|apos);)*+")
_SECTIONS = ((b"<!--", b"-->"), (b"<?", b"?>"), (b"<![CDATA[", b"]]>"))
_OF_XML = {b"amp", b"lt", b"gt", b"quot", b"apos"}


class Guarded:
    """The document for a parser, after ``spelled`` went over its pieces; ``repaired`` counts what
    was mended.

    Reading raises `InputError` for declarations that are not expanded, for a document that grows
    beyond measure and for one that has a part of absurd length.
    """

    def __init__(
        self,
        source: Input,
        repaired: Counter[str],
        spelled: Callable[[Iterator[bytes]], Iterator[bytes]] = iter,
    ) -> None:
        self.line = 1
        """The number of the last line that was begun to be handed out."""
        self._source = source
        self._repaired = repaired
        self._entities: dict[bytes, bytes] = {}
        self._size = self._grown = self._unbroken = 0
        self._pieces = spelled(self._expanded())
        self._ahead = memoryview(b"")

    def read(self, size: int) -> bytes:
        """For the parser: up to ``size`` bytes."""
        while not self._ahead and (piece := next(self._pieces, None)) is not None:
            self._ahead = memoryview(piece)
        data = bytes(self._ahead[:size])
        self._ahead = self._ahead[size:]
        self.line += data.count(b"\n")
        return data

    def _expanded(self) -> Iterator[bytes]:
        yield self._declarations()
        rest = b""
        while chunk := self._source.read(CHUNK):
            self._size += len(chunk)
            data = rest + chunk
            # What begins near the end may go on.
            pieces, end = self._pieces_of(data, max(0, len(data) - _LONGEST_MARK))
            self._measure(data, end)
            yield from pieces
            rest = data[end:]
        pieces, end = self._pieces_of(rest, len(rest))
        if end < len(rest):
            raise InputError(f"{self._source.name} is broken: a comment or CDATA has no end.")
        yield from pieces

    def _pieces_of(self, data: bytes, stop: int) -> tuple[list[bytes], int]:
        """What stands before ``stop``, or before what has no end yet, as the parser may have it,
        and where that ends."""
        pieces: list[bytes] = []
        at = 0
        ampersand, mark = _find(data, b"&", 0), _find_mark(data, 0)
        while (start := min(ampersand, mark)) < stop:
            pieces.append(data[at:start])
            if start == ampersand:
                at = self._reference(data, start, pieces)
            elif (end := self._section(data, start, pieces)) > 0:
                at = end
            else:
                return pieces, start
            ampersand = _find(data, b"&", at) if ampersand < at else ampersand
            mark = _find_mark(data, at) if mark < at else mark
        end = max(at, stop)
        pieces.append(data[at:end])
        return pieces, end

    def _declarations(self) -> bytes:
        """Learn the entities; gives what takes the place of the document type."""
        head = self._source.look(PROLOG)
        start = _BEFORE.match(head).end()  # type: ignore[union-attr]
        if head[start : start + 9].upper() != b"<!DOCTYPE":
            return b""
        found = _DOCTYPE.match(head, start)
        if found is None:
            raise self._refusal(f"its document type does not end within {PROLOG:,} bytes")
        for entity in _DECLARED.finditer(found["subset"] or b""):
            if entity[1]:
                self._entities.setdefault(entity[1], entity[2] or entity[3] or b"")
        self._source.skip(found.end())
        return head[:start] + b"\n" * found[0].count(b"\n")

    def _reference(self, data: bytes, start: int, pieces: list[bytes]) -> int:
        found = _REFERENCE.match(data, start)
        text, end = (found[0], found.end()) if found else (b"&amp;", start + 1)
        if found is None:
            self._repaired["XML entity"] += 1
        elif found[3] is None:
            code = int(found[1]) if found[1] else int(found[2], 16)
            if not (code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000):
                text = b"&#xFFFD;"
                self._repaired["XML entity"] += 1
        elif found[3] not in _OF_XML:
            text = self._entity(found[3])
            self._grown += len(text)
            if self._grown > AMPLIFIED * (self._size + PROLOG):
                raise self._refusal("it becomes more than 20 times as large by its entities")
        pieces.append(text)
        return end

    def _entity(self, name: bytes) -> bytes:
        if (value := self._entities.get(name)) is None:
            self._repaired["XML entity"] += 1
            # Those of HTML are often used without being declared.
            known = html5.get(f"{name.decode()};")
            return known.encode("ascii", "xmlcharrefreplace") if known else b"&amp;%s;" % name
        if len(value) > LONGEST_ENTITY or not _SIMPLE.fullmatch(value):
            raise self._refusal(f"its entity {name.decode()} is no short plain text")
        return value.replace(b'"', b"&#34;").replace(b"'", b"&#39;")

    def _section(self, data: bytes, start: int, pieces: list[bytes]) -> int:
        """What takes the place of a comment, an instruction, CDATA; where it ends, or 0 if that is
        not there yet."""
        for opening, closing in _SECTIONS:
            if data.startswith(opening, start):
                begin = start + len(opening)
                end = data.find(closing, begin)
                if end < 0:
                    return 0
                text = data[begin:end]
                if opening != b"<![CDATA[":
                    pieces.append(b"\n" * text.count(b"\n"))
                else:
                    pieces.append(text.replace(b"&", b"&amp;").replace(b"<", b"&lt;"))
                return end + len(closing)
        raise self._refusal("it has a declaration in its middle")

    def _measure(self, data: bytes, end: int) -> None:
        last = data.rfind(b"<", 0, end)
        self._unbroken = end - last if last >= 0 else self._unbroken + end
        if self._unbroken > LONGEST_LINE or len(data) - end > LONGEST_LINE:
            raise self._refusal(f"it has a text of over {LONGEST_LINE:,} bytes")

    def _refusal(self, why: str) -> InputError:
        return InputError(f"{self._source.name} is refused as XML: {why}.")


def _find_mark(data: bytes, start: int) -> int:
    return min(_find(data, b"<!", start), _find(data, b"<?", start))


def _find(data: bytes, what: bytes, start: int) -> int:
    """The place of some bytes, behind the end where they are not."""
    place = data.find(what, start)
    return place if place >= 0 else len(data)
