"""N-Triples and N-Quads: new lines after the first lines about their subject, else at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pyoxigraph import DefaultGraph, RdfFormat, parse

from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition, Source, Triple
from kgenrich.export.merging.iris import unescaped
from kgenrich.export.merging.waiting import Waiting, appended, line_end, whole_lines

_SUBJECT = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*<([^>]*)>")


def merge_ntriples(
    source: Source, additions: Iterable[Addition], counts: ExportCounts, *, base: str = ""
) -> Iterator[bytes]:
    """A copy with the additions; see `Merge`."""
    return _merged(source, Waiting(additions, counts), has_graphs=False)


def merge_nquads(
    source: Source, additions: Iterable[Addition], counts: ExportCounts, *, base: str = ""
) -> Iterator[bytes]:
    """A copy with the additions, each in the graph of the lines that it follows; see `Merge`."""
    return _merged(source, Waiting(additions, counts), has_graphs=True)


def _merged(source: Source, waiting: Waiting, *, has_graphs: bool) -> Iterator[bytes]:
    due: list[list[Triple]] = []
    subject = line = block = end = b""
    for block in whole_lines(source):
        end = end or line_end(block)
        start = at = 0
        for next_line in block.splitlines(keepends=True):
            found = _SUBJECT.match(next_line)
            name = found[1] if found else b""
            if name != subject:
                if due:
                    yield block[start:at]
                    start = at
                    yield from (each + end for each in _lines(due, _graph(line, has_graphs)))
                subject = name
                due = waiting.take(unescaped(name))
            line = next_line
            at += len(line)
        yield block[start:]
    new = [*_lines(due, _graph(line, has_graphs)), *_lines(waiting.rest(), b"")]
    yield from appended(new, end or b"\n", is_line_whole=not block or block.endswith(b"\n"))


def _lines(additions: Iterable[list[Triple]], graph: bytes) -> Iterator[bytes]:
    for triples in additions:
        for each in triples:
            yield f"{each.subject} {each.predicate} {each.object}".encode() + graph + b" ."


def _graph(line: bytes, has_graphs: bool) -> bytes:
    """The graph of a line, as it stands in a line."""
    if not has_graphs:
        return b""
    try:
        (quad,) = parse(line, format=RdfFormat.N_QUADS, lenient=True)
    except (SyntaxError, ValueError):
        return b""
    graph = quad.graph_name
    return b"" if isinstance(graph, DefaultGraph) else f" {graph}".encode()
