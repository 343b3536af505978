"""The units of an XML document as they are met, with what stands above each.

No document type is read but for short entities, which are expanded before the parser sees them
(`kgenrich.xml.guarded`); a unit is held to be of human size. Names are without their prefixes.
Where the document breaks, the unit is lost, and reading goes on at the next one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from kgenrich.errors import InputError
from kgenrich.inputs import Input
from kgenrich.xml.guarded import Guarded

DEEPEST = 100
"""Levels of elements."""

LARGEST = 20_000
"""Elements within a unit."""

LONGEST_TEXT = 1 << 20
"""Characters within a unit."""

HOPELESS = 1_000
"""Breaks, besides one for each unit, after which a file is given up."""

LANGUAGE = "xml:lang"

_PIECE = 1 << 16
_TAG = 200
# What stands within a text for the markup of a document (XLIFF 1.2 and 2, TMX 1.4).
_CODES = {"bpt", "ept", "ph", "it", "ut", "x", "bx", "ex", "sub", "sc", "ec", "cp"}

Above = tuple[tuple[str, Mapping[str, str]], ...]
"""Elements by name and attributes, the outermost first."""


class XmlUnit(NamedTuple):
    """An element with those above it, and the line on which it begins."""

    element: Element
    above: Above
    line: int


def units(
    source: Input, wanted: Collection[str], broken_at: Callable[[int], None] | None = None
) -> Iterator[XmlUnit]:
    """The elements of these names.

    Of breaks ``broken_at`` is told the line; without one the first ends it. Raises `InputError` for
    what is no XML, is cut off or has an element of absurd size.
    """
    guarded = Guarded(source, Counter())
    begin = re.compile(rf"<(?:[\w.-]+:)?(?:{'|'.join(wanted)})(?=[\s/>])".encode())
    parser, before, found, breaks = _Parser(source.name, wanted), b"", 0, 0
    data = guarded.read(_PIECE)
    while True:
        broken = parser.feed(data)
        found += len(parser.units)
        yield from parser.take()
        if broken is None and not data:
            return
        if broken is None:
            before, data = data, guarded.read(_PIECE)
            continue
        breaks += 1
        if not data:
            raise InputError(f"{source.name} is cut off: it ends in the middle.")
        if broken_at is None or breaks > HOPELESS + found:
            raise InputError(f"{source.name} is no well-formed XML in line {parser.line:,}.")
        broken_at(parser.line)
        rest = (before + data)[broken + len(before) :]
        while (start := begin.search(rest)) is None:
            if not (more := guarded.read(_PIECE)):
                if found and (not parser.above or _ends(rest, parser.above[0][0])):
                    return
                raise InputError(f"{source.name} is no well-formed XML in line {parser.line:,}.")
            rest = rest[-_TAG:] + more
        data = rest[start.start() :]
        line = guarded.line - data.count(b"\n")
        parser, before = _Parser(source.name, wanted, parser.above, line), b""


def _ends(rest: bytes, root: str) -> bool:
    """Whether a document that is broken near its end has that end."""
    return re.search(rb"</(?:[\w.-]+:)?%s\s*>\s*$" % re.escape(root.encode()), rest) is not None


def text_of(element: Element) -> str:
    """The text of an element, without codes of the document it comes from."""
    if element.tag in _CODES:
        return ""
    if not len(element):
        return element.text or ""
    parts = [element.text or ""]
    for child in element:
        parts += [text_of(child), child.tail or ""]
    return "".join(parts)


def inner(element: Element, *names: str) -> Iterator[Element]:
    """The elements of these names below one."""
    return (one for one in element.iter() if one is not element and one.tag in names)


class _Parser:
    """Expat over a document, from its start or from within the elements ``above``."""

    def __init__(
        self, file: str, wanted: Collection[str], above: Above = (), line: int = 1
    ) -> None:
        self.units: list[XmlUnit] = []
        self._first_line, self._begun_in = line, line
        self._file, self._wanted = file, wanted
        self._above: list[tuple[str, Mapping[str, str]]] = []
        self._open: list[Element] = []
        self._size = self._length = 0
        self._nested = -1
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        tags = "".join(
            f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>"
            for name, attributes in above
        )
        self._fed = self._begin = len(tags.encode())
        self._expat.Parse(tags.encode(), False)

    @property
    def above(self) -> Above:
        """The elements that are open, besides units."""
        return tuple(self._above)

    def feed(self, data: bytes) -> int | None:
        """Read on, the end for no data. Where the document breaks: the first byte, counted from
        ``data``, at which another unit may begin."""
        try:
            self._expat.Parse(data, not data)
        except expat.ExpatError:
            # Not the first byte again: that would never end.
            return max(self._expat.ErrorByteIndex, self._begin + 1) - self._fed
        except _NestedUnit:
            return self._nested - self._fed
        self._fed += len(data)
        return None

    @property
    def line(self) -> int:
        """The line that is read."""
        return self._first_line + self._expat.CurrentLineNumber - 1

    def take(self) -> Iterator[XmlUnit]:
        """The units that were read since the last time."""
        units, self.units = self.units, []
        return iter(units)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2] if ":" in tag else tag
        is_open = self._open
        if is_open:
            if name == is_open[0].tag:
                # The end of the unit before is missing.
                self._nested = self._expat.CurrentByteIndex
                raise _NestedUnit
            is_open.append(SubElement(is_open[-1], name, attributes))
            self._size += 1
        elif name in self._wanted:
            is_open.append(Element(name, attributes))
            self._size += 1
            self._begun_in = self.line
        else:
            self._above.append((tag, attributes))
        if len(is_open) + len(self._above) > DEEPEST or self._size > LARGEST:
            raise InputError(f"{self._file} has an element of absurd size.")

    def _end(self, tag: str) -> None:
        if not self._open:
            self._above.pop()
            return
        element = self._open.pop()
        if not self._open:
            above = ((name.rpartition(":")[2], given) for name, given in self._above)
            self.units.append(XmlUnit(element, tuple(above), self._begun_in))
            self._size = self._length = 0

    def _text(self, text: str) -> None:
        if not self._open:
            return
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise InputError(f"{self._file} has an element of absurd size.")
        element = self._open[-1]
        if len(element):
            element[-1].tail = (element[-1].tail or "") + text
        else:
            element.text = (element.text or "") + text


class _NestedUnit(Exception):
    """A unit begins within another."""
