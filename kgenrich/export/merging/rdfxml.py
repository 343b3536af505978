"""RDF/XML: new elements on lines of their own within the element about their subject.

They come after those of the same predicate, else after the last. Where such an element is on one
line, an ``rdf:Description`` follows it, and what the file says nothing of gets one at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Literal
from xml.parsers import expat

from msgspec import Struct, field

from kgenrich.errors import InputError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition, Source, triples
from kgenrich.export.merging.iris import absolute
from kgenrich.export.merging.waiting import Waiting
from kgenrich.export.merging.xml_elements import (
    Namespaces,
    Unwritable,
    description,
    encoded,
    property_element,
)
from kgenrich.inputs import CHUNK
from kgenrich.namespaces import RDF

_XML = "http://www.w3.org/XML/1998/namespace "
_RDF = f"{RDF} "
_UTF16 = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_STEP = "  "
_LINE_ENDS = ("\r\n", "\n", "\r")
_NO_ROOM = "has no rdf:RDF with room for more"
Kind = Literal["root", "node", "property", "literal"]


def merge_rdfxml(
    source: Source, additions: Iterable[Addition], counts: ExportCounts, *, base: str = ""
) -> Iterator[bytes]:
    """A copy with the additions; see `Merge`."""
    return _Copy(source, Waiting(additions, counts), counts, base).pieces()


class _Frame(Struct):
    """An open element: what it is in RDF, where it begins (in bytes), the tag and the base that
    hold in it, of a node its subject."""

    kind: Kind
    begin: int
    language: str
    base: str
    subject: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    """The first free line after elements within it, by their names."""
    free: int | None = None
    """That after the last one."""
    last: str = ""
    """The name of the last one."""
    indent: str | None = None
    """How their lines begin."""


class _Copy:
    """The source while it is read; places are counted in bytes from its begin."""

    def __init__(self, source: Source, waiting: Waiting, counts: ExportCounts, base: str) -> None:
        self._source = source
        self._waiting = waiting
        self._counts = counts
        self._base = base
        self._encoding = "utf-8"
        self._spaces = Namespaces()
        self._frames: list[_Frame] = []
        self._due: list[Addition] = []
        """Additions that had no line within the element about their subject."""
        self._data = b""
        """What is read and not yet handed out."""
        self._before = 0
        """How much was handed out."""
        self._new: list[tuple[int, bytes]] = []
        """Places and what is inserted there."""
        self._line_end = ""
        self._line: int | None = None
        """Where the line began, if there are only spaces in it so far."""
        self._is_cdata = False
        self._index = 0
        """Where the last part of the document began."""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartNamespaceDeclHandler = self._spaces.begin
        self._parser.EndNamespaceDeclHandler = self._spaces.end
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = self._text
        self._parser.StartCdataSectionHandler = lambda: self._set_cdata(True)
        self._parser.EndCdataSectionHandler = lambda: self._set_cdata(False)

    def pieces(self) -> Iterator[bytes]:
        while self._waiting or self._due:
            chunk = self._source.read(CHUNK)
            if not self._before and not self._data:
                self._encoding = _UTF16.get(chunk[:2], self._encoding)
            self._data += chunk
            try:
                self._parser.Parse(chunk, not chunk)
            except (expat.ExpatError, ValueError, LookupError) as error:
                raise self._refusal(f"is no sound XML ({error})") from error
            if not chunk and (self._waiting or self._due):
                raise self._refusal(_NO_ROOM)
            kept = (self._line, *(frame.free for frame in self._frames[:1]))
            places = [self._index, *(place for place in kept if place is not None)]
            places += [frame.begin for frame in self._frames if self._waits(frame)]
            yield from self._handed_out(min(places) - self._before)
        yield from self._handed_out(len(self._data))
        while chunk := self._source.read(CHUNK):
            yield chunk

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and not self._encoding.startswith("utf-16"):
            self._encoding = encoding

    def _set_cdata(self, value: bool) -> None:
        self._is_cdata, self._line = value, None

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        place = self._index = self._parser.CurrentByteIndex
        parent = self._frames[-1] if self._frames else None
        language, base = (parent.language, parent.base) if parent else ("", self._base)
        language = attributes.get(f"{_XML}lang", language)
        if own := attributes.get(f"{_XML}base"):
            base = absolute(own, base)
        frame = _Frame(_kind(parent, name, attributes), place, language, base)
        if frame.kind == "node":
            about, id = attributes.get(f"{_RDF}about"), attributes.get(f"{_RDF}ID")
            about = about if id is None else f"#{id}"
            frame.subject = "" if about is None else absolute(about, base)
        if parent:
            parent.free = None
            if self._line is not None:
                data = self._data[self._line - self._before : place - self._before]
                parent.indent = data.decode(self._encoding)
        self._frames.append(frame)
        self._line = None

    def _ended(self, name: str) -> None:
        self._index = self._parser.CurrentByteIndex
        frame = self._frames.pop()
        if self._waits(frame):
            self._add(frame)
        if frame.kind == "root":
            self._finish(frame)
        if self._frames:
            self._frames[-1].free, self._frames[-1].last = None, name.replace(" ", "")
        self._line = None

    def _text(self, text: str) -> None:
        place = self._index = self._parser.CurrentByteIndex
        if text != "\n" or self._is_cdata:
            self._line = self._line if text.isspace() else None
            return
        end = next((end for end in _LINE_ENDS if self._stands(end, place)), None)
        if end is None:
            # It comes from an entity.
            return
        self._line_end = self._line_end or end
        self._line = line = place + len(end.encode(self._encoding))
        frame = self._frames[-1]
        if frame.free is None:
            frame.free = frame.lines[frame.last] = line
        if frame.kind == "root" and self._due:
            self._describe(frame, line)

    def _stands(self, what: str, place: int) -> bool:
        return self._data.startswith(what.encode(self._encoding), place - self._before)

    def _waits(self, frame: _Frame) -> bool:
        return frame.kind == "node" and frame.subject in self._waiting

    def _add(self, frame: _Frame) -> None:
        """Insert what is said of the subject of an element that ends, or let it be due."""
        outer = (self._frames[-1].indent if self._frames else "") or ""
        indent = outer + _STEP if frame.indent is None else frame.indent
        root = self._frames[0] if self._frames else frame
        last = frame.free or max(frame.lines.values(), default=None)
        for addition in self._waiting.pop(frame.subject):
            is_plain = not addition.tag and not addition.datatype
            if last is None or (is_plain and frame.language and not root.language):
                # Few parsers read the empty tag that it would need.
                self._due.append(addition)
                continue
            line = self._written(addition, indent, frame.language)
            self._new.append((frame.lines.get(addition.predicate, last), line))

    def _describe(self, root: _Frame, place: int) -> None:
        """Insert what is due on a line at a place between the elements of the root."""
        for addition in self._due:
            line = self._written(addition, root.indent or "", root.language, is_whole=True)
            self._new.append((place, line))
        self._due = []

    def _finish(self, root: _Frame) -> None:
        """Insert all that is left before the end of the root."""
        for subject in self._waiting.subjects():
            self._due += self._waiting.pop(subject)
        if root.free is not None:
            self._describe(root, root.free)
        elif self._stands("</", self._index):
            self._line_end = ""
            self._describe(root, self._index)
        else:
            raise self._refusal(_NO_ROOM)

    def _written(
        self, addition: Addition, indent: str, language: str, *, is_whole: bool = False
    ) -> bytes:
        """The line of an addition; nothing, and the reason counted, where XML cannot say it."""
        spaces = self._spaces.current()
        try:
            element = property_element(addition, spaces, language)
            if is_whole:
                element = description(addition.subject, element, spaces)
            line = encoded(indent + element + self._line_end, self._encoding)
        except Unwritable as error:
            self._counts.refused[str(error)] += 1
            return b""
        return line if triples(addition, self._counts) else b""

    def _handed_out(self, size: int) -> Iterator[bytes]:
        """So much of the data, with what is new in it."""
        at, kept = 0, []
        for place, new in sorted(self._new, key=itemgetter(0)):
            if place - self._before > size:
                kept.append((place, new))
                continue
            yield self._data[at : place - self._before]
            yield new
            at = place - self._before
        yield self._data[at:size]
        self._data, self._new = self._data[size:], kept
        self._before += size

    def _refusal(self, why: str) -> InputError:
        return InputError(
            f"{self._source.name} {why}, so nothing can be added to it: mend it, or use --delta."
        )


def _kind(parent: _Frame | None, name: str, attributes: dict[str, str]) -> Kind:
    """What an element is in RDF, where nodes and properties take turns."""
    if parent is None:
        return "root" if name == f"{_RDF}RDF" else "node"
    if parent.kind in ("root", "property"):
        return "node"
    if parent.kind == "literal":
        return "literal"
    match attributes.get(f"{_RDF}parseType"):
        case None | "Collection":
            return "property"
        case "Resource":
            return "node"
        case _:
            return "literal"
