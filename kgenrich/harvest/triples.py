"""The triples of a file of RDF or OBO in whatever format it is, read as leniently as can be.

What is broken costs itself: a line of N-Triples or N-Quads, a statement of Turtle or TriG. Tags and
IRIs are not looked at: who needs them must.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import PurePath
from typing import IO, cast

from pyoxigraph import RdfFormat, Triple, parse

from kgenrich.errors import InputError, UsageError
from kgenrich.harvest.batch import excerpt
from kgenrich.harvest.parsing import Block, Noted, blocks, together
from kgenrich.harvest.turtle import mended, read_statements, reason
from kgenrich.inputs import LONGEST_LINE, Input
from kgenrich.model import Reject
from kgenrich.packing import PACKINGS
from kgenrich.xml.guarded import Guarded


class OboFormat(Enum):
    """The formats of OBO, whose documents stand for triples of OWL (see `kgenrich.harvest.obo`)."""

    OBO = "OBO"
    OBO_GRAPHS = "OBO Graphs"

    def __str__(self) -> str:
        return self.value


Format = RdfFormat | OboFormat

FORMATS: dict[str, Format] = {
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "ttl": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "n3": RdfFormat.N3,
    "rdf": RdfFormat.RDF_XML,
    "owl": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD,
    "obo": OboFormat.OBO,
    "obojson": OboFormat.OBO_GRAPHS,
}
"""Formats by the endings of names."""

_BY_LINE = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_TEXTS = (*_BY_LINE, RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N3)
_HEAD = 1 << 16
_FEW = 1 << 17
_XML = re.compile(rb"\s*<(?:\?xml|!--|!DOCTYPE\s|[\w.-]+(?::[\w.-]+)?\s[^>]*xmlns)")
_JSON = re.compile(rb"\s*[\[{]\s*[\"{\[]")
# A tag of the header that no other format begins with, or a first frame.
_OBO = re.compile(
    rb"\s*(?:!.*\s+)*(?:(?:format-version|data-version|ontology|default-namespace|auto-generated-by"
    rb"|saved-by|date|remark|subsetdef|synonymtypedef|idspace)[ \t]*:[ \t]"
    rb"|\[(?:Term|Typedef|Instance)\][ \t]*(?:!.*)?[\r\n])"
)
_OBO_FRAME = re.compile(rb"^\[(?:Term|Typedef|Instance)\]", re.MULTILINE)
_OBO_GRAPHS = re.compile(rb'\s*\{\s*"(?:graphs"\s*:\s*\[|meta"\s*:[^\[]*"graphs"\s*:\s*\[)')


def named_format(path: str, name: str = "") -> Format | None:
    """The format called ``name``, or that which the name of a file says (``names.ttl.gz``).

    Raises `UsageError` for a name that there is not.
    """
    if name and name not in FORMATS:
        raise UsageError(f"There is no RDF format {name!r}: choose of {', '.join(FORMATS)}.")
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    if suffixes and suffixes[-1] in PACKINGS:
        suffixes.pop()
    return FORMATS.get(name or (suffixes[-1][1:] if suffixes else ""))


def format_of(source: Input, name: str = "") -> Format:
    """The format called ``name``, else the one that a file holds: what its name says, if its
    beginning can be read as that.

    Raises `InputError` for what is no RDF, `UsageError` for a name that there is not.
    """
    named = named_format(source.name, name)
    if name and named is not None:
        return named
    head = source.look(_HEAD)
    if _XML.match(head):
        return RdfFormat.RDF_XML
    if _OBO.match(head) or (named == OboFormat.OBO and _OBO_FRAME.search(head)):
        return OboFormat.OBO
    if _JSON.match(head):
        if _OBO_GRAPHS.match(head):
            return OboFormat.OBO_GRAPHS
        if b'"@' not in head:
            is_dump = b'"labels"' in head
            why = "an entity dump, for kgenrich harvest dump" if is_dump else "plain JSON"
            raise InputError(f"{source.name} is no RDF but {why}.")
        return RdfFormat.JSON_LD
    # A part of a line is no line.
    whole = head[: head.rfind(b"\n") + 1] if len(head) >= _HEAD else head
    first = [named] if isinstance(named, RdfFormat) and named in _TEXTS else []
    if first and (count := _readable(whole, first[0]))[0] and not count[1]:
        return first[0]
    forms = dict.fromkeys((*first, *_TEXTS))
    counts = {form: _readable(whole, form) for form in forms}
    if not first and not any(count for count, _ in counts.values()):
        raise InputError(f"{source.name} holds no RDF: nothing at its beginning can be read.")
    best = max(counts, key=counts.__getitem__)
    if first and counts[best][1] and counts[first[0]][0] * 2 > counts[best][0]:
        # Of what is broken, another format may seem to make a little more.
        return first[0]
    return best


def _readable(head: bytes, form: RdfFormat) -> tuple[int, int]:
    """How many triples there are in the beginning of a file, if it is in this format, and, below
    0, how many errors."""
    count = errors = 0
    if form in _BY_LINE:
        read, rejects = _block("", head, form, 0, Noted())
        return len(read), -len(rejects)
    triples = parse(head, format=form, base_iri="x:", lenient=True)
    while True:
        try:
            for _ in triples:
                count += 1
            return count, -errors
        except SyntaxError:
            errors += 1


def read_triples(source: Input, form: Format, base_iri: str, noted: Noted) -> Iterator[Block]:
    """The triples of a file, and what of it is broken.

    Tags are those of `Noted.tags`. Raises `InputError`, after everything before has been given,
    where reading cannot go on.
    """
    if isinstance(form, OboFormat):
        yield from together(_of_obo(source, form, noted))
        return
    if form in _BY_LINE:
        yield from _lines(source, form, noted)
        return
    if form in _TEXTS:
        yield from read_statements(source, form, base_iri, noted)
        return
    document = (
        Guarded(source, noted.repaired, noted.tags.in_xml) if form == RdfFormat.RDF_XML else source
    )
    parser = parse(cast(IO[bytes], document), format=form, base_iri=base_iri or None, lenient=True)
    try:
        yield from blocks(parser)
    except SyntaxError as error:
        where = f" at line {error.lineno}" if error.lineno else ""
        if isinstance(document, Guarded):
            where = f" at or before line {document.line}"
        raise InputError(f"{source.name} is broken{where}: {reason(error)}") from error


def _of_obo(source: Input, form: OboFormat, noted: Noted) -> Iterator[Triple | Reject]:
    if form == OboFormat.OBO:
        from kgenrich.harvest.obo.document import read_obo

        return read_obo(source, noted.repaired)
    from kgenrich.harvest.obo.graphs import read_obo_graphs

    return read_obo_graphs(source, noted.repaired)


def _lines(source: Input, form: RdfFormat, noted: Noted) -> Iterator[Block]:
    number = 0
    rest = b""
    # Triples take much more room than their lines.
    while chunk := source.read(_FEW):
        block, newline, remainder = chunk.rpartition(b"\n")
        if not newline:
            rest += chunk
            if len(rest) > LONGEST_LINE:
                raise InputError(f"{source.name} is no {form.name}: it has no lines.")
            continue
        block, rest = noted.tags.numbered(rest + block), remainder
        yield _block(source.name, block, form, number, noted)
        number += block.count(b"\n") + 1
    if rest:
        yield _block(source.name, noted.tags.numbered(rest), form, number, noted)


def _block(name: str, text: bytes, form: RdfFormat, number: int, noted: Noted) -> Block:
    """The triples of some whole lines, after line ``number``, and those lines that have none."""
    try:
        return list(parse(text, format=form)), ()
    except SyntaxError as error:
        lines = text.split(b"\n")
        if len(lines) > 1:
            half = len(lines) // 2
            first = _block(name, b"\n".join(lines[:half]), form, number, noted)
            second = _block(name, b"\n".join(lines[half:]), form, number + half, noted)
            return (*first[0], *second[0]), (*first[1], *second[1])
        try:
            return list(parse(mended(lines[0], noted.repaired), format=form, lenient=True)), ()
        except SyntaxError:
            why = noted.tags.restored(excerpt(lines[0]))
            return (), (Reject(name, number + 1, reason(error), why),)
