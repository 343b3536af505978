"""Turtle and TriG: new lines within the block about their subject, or after it, else at the end.

A block whose predicates stand on lines of their own gets ``skos:prefLabel "brocca"@it ;`` as one
more of them, after that of the same predicate if that is not the last. Other additions are
statements, on the next line that is free of others. Names are shortened as the document does at
the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from kgenrich.errors import InputError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition, Source, Triple
from kgenrich.export.merging.turtle_tokens import (
    DIRECTIVE,
    SPACE,
    STATEMENT,
    TOKENS,
    Names,
    tokens,
)
from kgenrich.export.merging.waiting import Waiting, appended, line_end, whole_lines
from kgenrich.export.syntax import TYPE

_MARK = b"\xef\xbb\xbf"
_REST_OF_LINE = re.compile(rb"[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\n|\r)")
_INDENT = re.compile(rb"[ \t]*")
_NOTHING = re.compile(rb"%s*+" % SPACE)
_OPEN = (b"[", b"(", b"{|", b"<<")
_CLOSED = (b"]", b")", b"|}", b">>")
_LONG = (b'"""', b"'''")


def merge_turtle(
    source: Source, additions: Iterable[Addition], counts: ExportCounts, *, base: str = ""
) -> Iterator[bytes]:
    """A copy with the additions; see `Merge`."""
    return _Copy(source, Waiting(additions, counts), base, has_graphs=False).pieces()


def merge_trig(
    source: Source, additions: Iterable[Addition], counts: ExportCounts, *, base: str = ""
) -> Iterator[bytes]:
    """A copy with the additions, each in the graph of the statement that it follows; see `Merge`.
    What has no place there is in that graph by a block of its own."""
    return _Copy(source, Waiting(additions, counts), base, has_graphs=True).pieces()


class _Slot(NamedTuple):
    """The end of a line in a block after which predicates can follow: the place, the predicate
    before it, and how such lines begin."""

    place: int
    predicate: str
    indent: bytes


class _Graph(NamedTuple):
    """A block of TriG: its number in the document, and its label as it is written; empty for the
    default graph, and for one that has no name to be called by."""

    number: int = 0
    label: bytes = b""


class _Due(NamedTuple):
    """What is to stand after a statement: how its line begins, and in which graph it is."""

    triples: list[Triple]
    indent: bytes
    graph: _Graph


_TOP = _Graph()


class _Copy:
    """The source while it is read: a part of it as text, in which places are counted."""

    def __init__(self, source: Source, waiting: Waiting, base: str, *, has_graphs: bool) -> None:
        self._source = source
        self._waiting = waiting
        self._has_graphs = has_graphs
        self._names = Names(base)
        self._lines = whole_lines(source)
        self._text = next(self._lines, b"")
        self._end = line_end(self._text) or b"\n"
        self._line = 1
        """The number of the line at which the text begins."""
        self._is_line_whole = True
        """Whether it begins with a line."""
        self._at = len(_MARK) if self._text.startswith(_MARK) else 0
        """Where the next statement begins."""
        self._graph, self._graphs = _TOP, 0
        self._new: list[tuple[int, bytes]] = []
        """Places and what is inserted there."""
        # What follows statements about the subject, and the next line that is free for it.
        self._subject = ""
        self._due: list[_Due] = []
        self._free: int | None = None

    def pieces(self) -> Iterator[bytes]:
        while self._waiting or self._due:
            if directive := DIRECTIVE.match(self._text, self._at):
                self._insert_due()
                self._names.declare(directive)
                self._go_on(directive.end())
            elif statement := STATEMENT.match(self._text, self._at):
                self._read(statement)
                self._go_on(statement.end())
            else:
                yield from self._handed_out(self._at)
                if not self._read_more():
                    break
        else:
            yield from self._handed_out(len(self._text))
            yield from self._lines
            return
        if self._graph is not _TOP or not _NOTHING.fullmatch(self._text, self._at):
            raise self._unreadable()
        self._insert_due()
        yield from self._handed_out(len(self._text))
        due = [*self._due, *(_Due(each, b"", _TOP) for each in self._waiting.rest())]
        lines = (line for each in due for line in self._statements(each))
        yield from appended(lines, self._end, is_line_whole=self._is_line_whole)

    def _read(self, statement: re.Match[bytes]) -> None:
        """Take up a statement, or the begin or end of a block."""
        end = statement["end"]
        if end != b"." and not self._has_graphs:
            raise self._unreadable()
        subject = self._names.iri(statement["first"]) if statement["first"] else ""
        if end != b"." or subject != self._subject:
            self._insert_due()
        if end == b"{":
            *_, label = b"", *(each[0] for each in tokens(statement[0]))
            self._graphs += 1
            self._graph = _Graph(self._graphs, b"" if label == b"]" else label)
            return
        self._subject = subject
        if additions := self._waiting.take(subject) if subject else ():
            self._add(statement, additions)
        if end == b"}":
            self._graph = _TOP

    def _add(self, statement: re.Match[bytes], additions: list[list[Triple]]) -> None:
        """Insert what is said of the subject of a statement, or let it be due after it."""
        slots = self._slots(statement)
        indent = self._indent(statement.start("first")) or b""
        for triples in additions:
            first, *others = triples
            if not slots:
                self._due.append(_Due(triples, indent, self._graph))
                continue
            same = [slot for slot in slots if f"<{slot.predicate}>" == first.predicate]
            place, _, within = (same or slots)[-1]
            self._new.append((place, within + self._predicate(first) + b" ;" + self._end))
            if others:
                self._due.append(_Due(others, indent, self._graph))

    def _slots(self, statement: re.Match[bytes]) -> list[_Slot]:
        text, depth, slots = self._text, 0, []
        verb: re.Match[bytes] | None = None
        for token in tokens(text, statement.end("first"), statement.start("end")):
            name = token[0]
            if name in _OPEN:
                depth += 1
            elif name in _CLOSED:
                depth -= 1
            elif depth == 0 and name == b";" and verb:
                if line := _REST_OF_LINE.match(text, token.end()):
                    after = _INDENT.match(text, line.end())
                    indent = self._indent(verb.start())
                    indent = (after and after[0]) or b"    " if indent is None else indent
                    slots.append(_Slot(line.end(), self._names.iri(verb[0]), indent))
                verb = None
            elif depth == 0 and verb is None:
                verb = token
        return slots

    def _indent(self, place: int) -> bytes | None:
        """What stands before a place in its line; None where that is more than spaces."""
        start = max(self._text.rfind(b"\n", 0, place), self._text.rfind(b"\r", 0, place)) + 1
        before = self._text[start:place]
        is_whole = start > 0 or self._is_line_whole
        return before if is_whole and not before.strip(b" \t") else None

    def _go_on(self, at: int) -> None:
        self._at = at
        line = _REST_OF_LINE.match(self._text, at) if self._due else None
        self._free = line.end() if line else None

    def _insert_due(self) -> None:
        """Let what is due stand on the free line, if there is one and it is in its graph: the
        statement after it is about something else."""
        if self._free is None:
            return
        kept = []
        for due in self._due:
            if self._graph in (_TOP, due.graph):
                new = b"".join(line + self._end for line in self._statements(due))
                self._new.append((self._free, new))
            else:
                kept.append(due)
        self._due = kept
        self._free = None

    def _statements(self, due: _Due) -> Iterator[bytes]:
        """The lines of what is due, for the place that is being read."""
        for subject, triples in groupby(due.triples, key=attrgetter("subject")):
            pairs = b" ; ".join(map(self._predicate, triples))
            line = self._names.short(subject).encode() + b" " + pairs + b" ."
            if self._graph == due.graph:
                yield due.indent + line
            else:
                yield due.graph.label + b" { " + line + b" }" if due.graph.label else line

    def _predicate(self, triple: Triple) -> bytes:
        verb = "a" if triple.predicate == TYPE else self._names.short(triple.predicate)
        return f"{verb} {self._names.short(triple.object)}".encode()

    def _handed_out(self, end: int) -> Iterator[bytes]:
        """The text to a place, with what is new in it, which is then forgotten."""
        at = 0
        for place, new in sorted(self._new, key=itemgetter(0)):
            yield self._text[at:place]
            yield new
            at = place
        yield self._text[at:end]
        self._line += self._text.count(b"\n", 0, end)
        self._is_line_whole = (
            self._text[:end].endswith((b"\n", b"\r")) if end else self._is_line_whole
        )
        self._text, self._new = self._text[end:], []
        self._at -= end
        self._free = None if self._free is None else self._free - end

    def _read_more(self) -> bool:
        """Have twice as much text, for it is looked at again from its begin; False at the end."""
        stop = TOKENS.match(self._text, self._at)
        if stop and stop.end() < len(self._text) and self._text[stop.end() :][:3] not in _LONG:
            raise self._unreadable()
        pieces, size, wanted = [self._text], 0, len(self._text)
        for lines in self._lines:
            pieces.append(lines)
            if (size := size + len(lines)) >= wanted:
                break
        self._text = b"".join(pieces)
        return size > 0

    def _unreadable(self) -> InputError:
        stop = TOKENS.match(self._text, self._at)
        begin = _NOTHING.match(self._text, self._at)
        places = [each.end() for each in (stop, begin) if each and each.end() < len(self._text)]
        place = max(places, default=len(self._text.rstrip()))
        line = self._line + self._text.count(b"\n", 0, place)
        return InputError(
            f"Line {line} of {self._source.name} cannot be read, so nothing can be added to it: "
            "mend it, or use --delta."
        )
