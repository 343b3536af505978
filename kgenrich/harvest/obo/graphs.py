"""OBO Graphs in JSON as the triples of OWL (https://github.com/geneontology/obographs).

The document is held in memory; its nodes are read one by one, so that a broken one costs itself.
Logical definitions and property chains are not read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct, field
from pyoxigraph import Literal, NamedNode, Triple

from kgenrich.errors import InputError
from kgenrich.harvest.batch import excerpt
from kgenrich.harvest.obo.statements import Annotations, Statements, tagged
from kgenrich.harvest.obo.vocabulary import (
    ANNOTATION_PROPERTY,
    COMMENT,
    DEFINITION,
    DEPRECATED,
    KINDS,
    LABEL,
    SUBCLASS,
    SUBPROPERTY,
    SUBSET,
    SYNONYM_TYPE,
    TRUE,
    TYPE,
    XREF,
    oio,
    owl,
)
from kgenrich.inputs import Input
from kgenrich.model import Reject
from kgenrich.obo.identifiers import Identifiers

_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_EDGES = {
    "is_a": SUBCLASS,
    "subPropertyOf": SUBPROPERTY,
    "inverseOf": owl("inverseOf"),
    "type": TYPE,
}
_TYPES = {
    "CLASS": KINDS["Term"],
    "PROPERTY": KINDS["Typedef"],
    "OBJECT": KINDS["Typedef"],
    "DATA": owl("DatatypeProperty"),
    "ANNOTATION": ANNOTATION_PROPERTY,
    "INDIVIDUAL": KINDS["Instance"],
}


class _Meta(Struct):
    definition: _Value | None = None
    synonyms: list[_Value] = []
    xrefs: list[_Value] = []
    subsets: list[str] = []
    comments: list[str] = []
    values: list[_Value] = field(default_factory=list, name="basicPropertyValues")
    deprecated: bool = False
    version: str = ""


class _Value(Struct):
    """A text that is said of a node: a definition, a synonym, the value of a property."""

    val: str = ""
    pred: str = ""
    xrefs: list[str] = []
    kind: str = field(default="", name="synonymType")
    lang: str = ""
    meta: _Meta | None = None


class _Node(Struct):
    id: str
    label: str = field(default="", name="lbl")
    type: str = ""
    property_type: str = field(default="", name="propertyType")
    meta: _Meta | None = None


class _Edge(Struct):
    subject: str = field(name="sub")
    predicate: str = field(name="pred")
    object: str = field(name="obj")


class _Graph(Struct):
    id: str = ""
    meta: Raw = Raw(b"{}")
    nodes: list[Raw] = []
    edges: list[Raw] = []


class _Document(Struct):
    graphs: list[_Graph] = []


def read_obo_graphs(source: Input, repaired: Counter[str]) -> Iterator[Triple | Reject]:
    """The triples of a document, and its nodes and edges that cannot be read, by their number;
    counts the language tags that were mended.

    Raises `InputError` for what is no JSON.
    """
    data = bytearray()
    while chunk := source.read():
        data += chunk
    try:
        graphs = msgspec.json.decode(data, type=_Document).graphs
    except (msgspec.MsgspecError, ValueError, RecursionError):
        graphs = _any_graphs(source.name, data)
    for graph in graphs:
        yield from _Reader(source.name, repaired).graph(graph)


def _any_graphs(name: str, data: bytearray) -> list[_Graph]:
    """The graphs of a document that is not sound as a whole (half a surrogate pair is one)."""
    try:
        document = json.loads(data.decode("utf-8", "replace"), strict=False)
        return [
            _Graph(
                graph.get("id", ""),
                Raw(json.dumps(graph.get("meta", {}))),
                [Raw(json.dumps(node)) for node in graph.get("nodes", [])],
                [Raw(json.dumps(edge)) for edge in graph.get("edges", [])],
            )
            for graph in document["graphs"]
        ]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{name} holds no OBO Graphs that can be read.") from error


class _Reader:
    """The triples of one graph of the file called ``name``."""

    def __init__(self, name: str, repaired: Counter[str]) -> None:
        self._name = name
        self._repaired = repaired
        self._make = Statements()
        self._ids = Identifiers()
        self._no_classes: set[str] = set()

    def graph(self, graph: _Graph) -> Iterator[Triple | Reject]:
        if graph.id:
            ontology = self._iri(graph.id)
            yield Triple(ontology, TYPE, owl("Ontology"))
            if (meta := self._decoded(graph.meta, _Meta, 0)) and not isinstance(meta, Reject):
                yield from self._meta(ontology, meta)
                if _IRI.fullmatch(meta.version):
                    yield Triple(ontology, owl("versionIRI"), self._iri(meta.version))
        for number, raw in enumerate(graph.nodes, 1):
            node = self._decoded(raw, _Node, number)
            if isinstance(node, Reject):
                yield node
            else:
                yield from self._node(node)
        for number, raw in enumerate(graph.edges, len(graph.nodes) + 1):
            edge = self._decoded(raw, _Edge, number)
            if isinstance(edge, Reject):
                yield edge
            else:
                yield from self._edge(edge)

    def _decoded(self, raw: Raw, kind: type[Any], number: int) -> Any:
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, ValueError) as error:
            return Reject(self._name, number, f"{error}.", excerpt(bytes(raw)))

    def _node(self, node: _Node) -> Iterator[Triple]:
        subject = self._iri(node.id)
        if node.type in ("INDIVIDUAL", "PROPERTY"):
            self._no_classes.add(node.id)
        if kind := _TYPES.get(node.property_type) or _TYPES.get(node.type):
            yield Triple(subject, TYPE, kind)
        if node.label:
            yield Triple(subject, LABEL, Literal(node.label))
        if node.meta:
            yield from self._meta(subject, node.meta)

    def _meta(self, subject: NamedNode, meta: _Meta) -> Iterator[Triple]:
        if meta.definition:
            yield from self._text(subject, DEFINITION, meta.definition)
        for synonym in meta.synonyms:
            kind = [(SYNONYM_TYPE, self._iri(synonym.kind))] if synonym.kind else []
            yield from self._text(subject, self._predicate(synonym.pred), synonym, kind)
        for xref in meta.xrefs:
            yield from self._text(subject, XREF, xref)
        for subset in meta.subsets:
            yield Triple(subject, SUBSET, self._iri(subset))
        for comment in meta.comments:
            yield Triple(subject, COMMENT, Literal(comment))
        for said in meta.values:
            predicate = self._predicate(said.pred)
            if _IRI.fullmatch(said.val):
                # The format tells no IRI from a text.
                yield Triple(subject, predicate, self._iri(said.val))
            else:
                yield from self._text(subject, predicate, said)
        if meta.deprecated:
            yield Triple(subject, DEPRECATED, TRUE)

    def _text(
        self, subject: NamedNode, predicate: NamedNode, said: _Value, more: Annotations = ()
    ) -> Iterator[Triple]:
        value = tagged(said.val, said.lang, self._repaired) if said.lang else Literal(said.val)
        annotations = [*((XREF, Literal(xref)) for xref in said.xrefs), *more]
        return self._make.said(subject, predicate, value, annotations)

    def _edge(self, edge: _Edge) -> Iterator[Triple]:
        subject, other = self._iri(edge.subject), self._iri(edge.object)
        if predicate := _EDGES.get(edge.predicate):
            yield Triple(subject, predicate, other)
        elif edge.subject in self._no_classes:
            yield Triple(subject, self._iri(edge.predicate), other)
        else:
            yield from self._make.some(subject, self._iri(edge.predicate), other)

    def _predicate(self, name: str) -> NamedNode:
        return self._iri(name) if ":" in name else oio(name or "hasRelatedSynonym")

    def _iri(self, name: str) -> NamedNode:
        return self._ids.iri_of(name)
