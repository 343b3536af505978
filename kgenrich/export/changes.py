"""What is new alone: as RDF, as an RDF Patch, as SPARQL Update.

RDF Patch is that of Apache Jena (version 2, https://jena.apache.org/documentation/rdf-patch/), one
transaction without a header, so that equal changes are equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Change, Triple, triples
from kgenrich.export.syntax import Layout
from kgenrich.export.writing import batches

Prefixes = Mapping[str, str]

_TOGETHER = 1_000
"""Changes in an operation of SPARQL, for a server reads one as a whole."""


def delta(
    form: str, changes: Iterable[Change], prefixes: Prefixes, counts: ExportCounts
) -> Iterator[bytes]:
    """What is added, as one of `kgenrich.export.syntax.FORMS`."""
    layout = Layout(form, prefixes)
    yield layout.head().encode()
    for change in changes:
        for subject, group in groupby(triples(change.added, counts), attrgetter("subject")):
            yield layout.about(subject, [triple[1:] for triple in group]).encode()


def rdf_patch(
    changes: Iterable[Change], prefixes: Prefixes, counts: ExportCounts
) -> Iterator[bytes]:
    """Rows that delete and add triples."""
    yield b"TX .\n"
    for change in changes:
        for sign, rows in zip("DA", _triples(change, counts), strict=True):
            yield "".join(f"{sign} {' '.join(triple)} .\n" for triple in rows).encode()
    yield b"TC .\n"


def sparql_update(
    changes: Iterable[Change], prefixes: Prefixes, counts: ExportCounts
) -> Iterator[bytes]:
    """Operations that delete and insert data."""
    layout = Layout("ttl", prefixes)
    yield "".join(f"PREFIX {name}: <{space}>\n" for name, space in prefixes.items()).encode()
    for batch in batches(changes, _TOGETHER):
        both = [_triples(change, counts) for change in batch]
        for place, operation in enumerate(("DELETE", "INSERT")):
            rows = [triple for change in both for triple in change[place]]
            lines = "".join(f"  {layout.about(row.subject, [row[1:]])}" for row in rows)
            if lines:
                yield f"{operation} DATA {{\n{lines}}} ;\n".encode()


def _triples(change: Change, counts: ExportCounts) -> tuple[list[Triple], list[Triple]]:
    """What goes and what comes; what goes is not counted."""
    if any(each.subject.startswith("_:") for each in (change.added, *change.removed)):
        counts.refused["in the place of a label whose node has no IRI"] += 1
        return [], []
    added = triples(change.added, counts)
    gone = change.removed if added else ()
    counts.replacing += bool(gone)
    return [triple for each in gone for triple in triples(each, ExportCounts())], added


PATCHES: dict[str, Callable[[Iterable[Change], Prefixes, ExportCounts], Iterator[bytes]]] = {
    "rdfp": rdf_patch,
    "ru": sparql_update,
}
"""By the usual ending of a file's name."""
