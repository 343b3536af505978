"""Babelon's translations as OWL: an axiom a row, as the mapping of its schema has it.

Only what is official is a plain statement too: a candidate does not pose as a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from kgenrich.exchange.formats import Header
from kgenrich.exchange.ontologies.rows import Status, Translation
from kgenrich.languages import bcp47, wikimedia
from kgenrich.namespaces import OWL, RDF, XSD

BABELON = "https://w3id.org/babelon/"
_CHUNK = 1 << 20
_TYPE = NamedNode(f"{RDF}type")
_SOURCE, _PROPERTY, _TARGET = (
    NamedNode(f"{OWL}annotated{name}") for name in ("Source", "Property", "Target")
)
_ANNOTATIONS = tuple(
    name
    for name in Translation.__struct_fields__
    if name not in ("subject_id", "predicate_id", "translation_value")
)
_DECIMAL = NamedNode(f"{XSD}decimal")


def turtle(rows: Iterable[Translation], header: Header) -> Iterator[bytes]:
    """The rows that have a translation, in Turtle."""
    prefixes = {"owl": OWL, "rdf": RDF, "xsd": XSD, "babelon": BABELON}
    with TemporaryFile() as file:
        serialize(_triples(rows, header), file, RdfFormat.TURTLE, prefixes=prefixes)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _triples(rows: Iterable[Translation], header: Header) -> Iterator[Triple]:
    yield Triple(BlankNode("ontology"), _TYPE, NamedNode(f"{OWL}Ontology"))
    properties = {f"{BABELON}{name}" for name in _ANNOTATIONS}
    expand = header.curies.expand
    for number, row in enumerate(rows, 1):
        if not row.translation_value:
            continue
        subject, predicate = (NamedNode(expand(one)) for one in (row.subject_id, row.predicate_id))
        language = bcp47(wikimedia(row.translation_language) or "und")
        target = Literal(row.translation_value, language=language)
        properties.add(predicate.value)
        if row.translation_status == Status.OFFICIAL:
            yield Triple(subject, predicate, target)
        axiom = BlankNode(f"axiom{number}")
        yield Triple(axiom, _TYPE, NamedNode(f"{OWL}Axiom"))
        yield Triple(axiom, _SOURCE, subject)
        yield Triple(axiom, _PROPERTY, predicate)
        yield Triple(axiom, _TARGET, target)
        for name in _ANNOTATIONS:
            if value := getattr(row, name):
                if name.endswith("_language"):
                    value = bcp47(wikimedia(value) or value)
                is_number = name == "translation_confidence"
                said = Literal(value, datatype=_DECIMAL) if is_number else Literal(value)
                yield Triple(axiom, NamedNode(BABELON + name), said)
    for one in sorted(properties):
        yield Triple(NamedNode(one), _TYPE, NamedNode(f"{OWL}AnnotationProperty"))
