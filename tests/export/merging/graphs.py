"""What two readers make of a file, and how a copy differs from its source."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyoxigraph
import rdflib
from rdflib.compare import to_canonical_graph

from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition
from kgenrich.export.merging.formats import MERGES
from kgenrich.namespaces import RDF, SKOSXL

BASE = "http://base.example/"
_OXIGRAPH = {
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "nq": pyoxigraph.RdfFormat.N_QUADS,
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "rdf": pyoxigraph.RdfFormat.RDF_XML,
}
_MARK = b"\xef\xbb\xbf"
_RDFLIB = {"nt": "nt", "nq": "nquads", "ttl": "turtle", "trig": "trig", "rdf": "xml"}


class Source(io.BytesIO):
    """Bytes as a file that comes in pieces of some size."""

    name = "source"

    def __init__(self, data: bytes, size: int = 1 << 20) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._size)


def merged(
    form: str,
    source: bytes,
    additions: Iterable[Addition],
    *,
    size: int = 1 << 20,
    counts: ExportCounts | None = None,
) -> bytes:
    """The copy, read in pieces of ``size``."""
    counts = ExportCounts() if counts is None else counts
    return b"".join(MERGES[form](Source(source, size), additions, counts, base=BASE))


def by_oxigraph(form: str, source: bytes, additions: Iterable[Addition] = ()) -> set[str]:
    """The triples of a source, whatever their graph, and of additions, by pyoxigraph; with
    canonical blank nodes."""
    data = source.removeprefix(_MARK)
    quads = (
        *pyoxigraph.parse(data, format=_OXIGRAPH[form], base_iri=BASE),
        *pyoxigraph.parse(_lines(additions), format=pyoxigraph.RdfFormat.N_TRIPLES),
    )
    triples = (pyoxigraph.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    dataset = pyoxigraph.Dataset(triples)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def by_rdflib(form: str, source: bytes, additions: Iterable[Addition] = ()) -> set[object]:
    """The same by rdflib."""
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(io.BytesIO(source.removeprefix(_MARK)), format=_RDFLIB[form], publicID=BASE)
    whole = rdflib.Graph()
    for triple in dataset.triples((None, None, None)):
        whole.add(triple)
    whole.parse(data=_lines(additions), format="nt")
    return set(to_canonical_graph(whole))


def is_with_lines_added(source: bytes, copy: bytes) -> bool:
    """Whether the copy is the source with whole lines in between; only the last one may have got
    its end."""
    rest = iter(copy.splitlines(keepends=True))
    *whole, last = source.splitlines(keepends=True) or [b""]
    return all(line in rest for line in whole) and any(
        line.rstrip(b"\r\n") == last.rstrip(b"\r\n") for line in (*rest, b"")
    )


def _lines(additions: Iterable[Addition]) -> bytes:
    lines = []
    for each in additions:
        kind = f"@{each.tag}" if each.tag else f"^^<{each.datatype}>" if each.datatype else ""
        text = "".join(f"\\U{ord(character):08X}" for character in each.text)
        subject, predicate = each.subject, each.predicate
        if each.node:
            lines.append(f"<{subject}> <{predicate}> <{each.node}> .")
            lines.append(f"<{each.node}> <{RDF}type> <{SKOSXL}Label> .")
            subject, predicate = each.node, f"{SKOSXL}literalForm"
        lines.append(f'<{subject}> <{predicate}> "{text}"{kind} .')
    return "\n".join(lines).encode()
