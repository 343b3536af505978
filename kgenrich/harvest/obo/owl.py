"""What the clauses of OBO mean in OWL: the mapping of the OBO Flat File Format 1.4, section 5.

Where ROBOT differs from the specification (``oboInOwl:creation_date``), as ROBOT writes it. A text
with the qualifier ``{xml:lang="de"}`` is a literal with that tag. What OBO says by other qualifiers
of a class expression (cardinalities, general class inclusions) is not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastobo.id import BaseIdent, UnprefixedIdent
from fastobo.pv import LiteralPropertyValue
from pyoxigraph import Literal, NamedNode, Triple

from kgenrich.harvest.obo.statements import Annotations, Node, Statements, tagged
from kgenrich.harvest.obo.vocabulary import (
    ANNOTATION_PROPERTY,
    DEFINED,
    DEPRECATED,
    HEADER,
    KINDS,
    LABEL,
    LINKED,
    LINKS,
    NAMES,
    SCOPES,
    SET_OPERATIONS,
    STRING,
    SUBPROPERTY,
    SYNONYM_TYPE,
    TEXTS,
    TRAITS,
    TRUE,
    TYPE,
    XREF,
    oio,
    owl,
)
from kgenrich.namespaces import OBO, OBO_IN_OWL, XSD
from kgenrich.obo.frames import ParsedFrame, ParsedHeader
from kgenrich.obo.identifiers import Identifiers, text_of

_LANGUAGE = "xml:lang"
_NO_ASSERTION = frozenset(
    ("gci_relation", "gci_filler", "cardinality", "minCardinality", "maxCardinality", "all_only")
)


class Translation:
    """Frames as triples. Counts in ``repaired`` the language tags that had to be mended."""

    def __init__(self, ids: Identifiers, repaired: Counter[str]) -> None:
        self._ids = ids
        self._repaired = repaired
        self._make = Statements()
        self._annotation_properties: set[NamedNode] = set()

    def header(self, frame: ParsedHeader) -> Iterator[Triple]:
        """What a document says of itself, after its names have been noted."""
        ids = self._ids
        ids.add_header(frame.clauses)
        ontology = ids.ontology_iri
        yield Triple(ontology, TYPE, owl("Ontology"))
        for clause in frame.clauses:
            tag = clause.raw_tag()
            if tag in HEADER:
                yield Triple(ontology, HEADER[tag], Literal(clause.raw_value()))
            elif tag == "property_value":
                yield from self._property_value(ontology, clause)
            elif tag == "data-version" and ":" not in ids.ontology:
                version = f"{OBO}{ids.ontology}/{clause.raw_value()}/{ids.ontology}.owl"
                yield Triple(ontology, owl("versionIRI"), ids.named(version))
            elif tag in DEFINED:
                parent, attribute, predicate = DEFINED[tag]
                node = ids.iri(getattr(clause, attribute))
                yield Triple(node, TYPE, ANNOTATION_PROPERTY)
                yield Triple(node, SUBPROPERTY, parent)
                yield from self._text(node, predicate, clause.description, clause)
                if scope := getattr(clause, "scope", None):
                    yield Triple(node, oio("hasScope"), SCOPES[scope])

    def frame(self, frame: ParsedFrame) -> Iterator[Triple]:
        """What a frame says."""
        kind = KINDS[frame.kind]
        if frame.kind == "Typedef" and any(
            clause.raw_tag() == "is_metadata_tag" and clause.metadata_tag
            for clause in frame.clauses
        ):
            kind = ANNOTATION_PROPERTY
            self._annotation_properties.add(self._ids.iri(frame.id))
        subject = self._ids.iri(frame.id)
        yield Triple(subject, TYPE, kind)
        yield Triple(subject, oio("id"), Literal(text_of(frame.id)))
        yield from self.clauses(subject, frame)

    def clauses(self, subject: NamedNode, frame: ParsedFrame) -> Iterator[Triple]:
        """What the clauses of a frame say."""
        links = LINKS[frame.kind]
        defining: dict[str, list[Any]] = {}
        for clause in frame.clauses:
            tag = clause.raw_tag()
            if tag in TEXTS:
                predicate, attribute = TEXTS[tag]
                yield from self._text(subject, predicate, getattr(clause, attribute), clause)
            elif tag == "synonym":
                yield from self._synonym(subject, clause)
            elif tag == "xref":
                yield from self._xref(subject, clause)
            elif tag in NAMES:
                predicate, attribute = NAMES[tag]
                yield Triple(subject, predicate, Literal(text_of(getattr(clause, attribute))))
            elif tag in links:
                yield from self._link(subject, links[tag], clause)
            elif tag == "property_value":
                yield from self._property_value(subject, clause)
            elif tag == "relationship":
                yield from self._relationship(subject, frame.kind, clause)
            elif tag == "creation_date":
                kind = "dateTime" if isinstance(clause.date, datetime) else "date"
                value = Literal(clause.raw_value(), datatype=NamedNode(XSD + kind))
                yield Triple(subject, oio("creation_date"), value)
            elif tag in SET_OPERATIONS and frame.kind == "Term":
                defining.setdefault(tag, []).append(clause)
            elif tag == "is_obsolete" and clause.obsolete:
                yield Triple(subject, DEPRECATED, TRUE)
            elif tag in TRAITS and clause.raw_value() == "true":
                yield Triple(subject, TYPE, TRAITS[tag])
            elif tag in ("holds_over_chain", "equivalent_to_chain"):
                first, last = self._ids.iri(clause.first), self._ids.iri(clause.last)
                yield from self._make.chain(subject, first, last)
            elif tag == "transitive_over":
                yield from self._make.chain(subject, subject, self._ids.iri(clause.typedef))
        for tag, parts in defining.items():
            if all(map(_is_assertion, parts)):
                members = [
                    (
                        self._ids.iri(relation)
                        if (relation := getattr(part, "typedef", None))
                        else None,
                        self._ids.iri(part.term),
                    )
                    for part in parts
                ]
                yield from self._make.equivalent(subject, SET_OPERATIONS[tag], members)

    def _text(
        self, subject: Node, predicate: NamedNode, text: str, clause: Any
    ) -> Iterator[Triple]:
        value = self._literal(text, clause)
        return self._make.said(subject, predicate, value, self._annotations(clause))

    def _synonym(self, subject: Node, clause: Any) -> Iterator[Triple]:
        synonym = clause.synonym
        annotations = self._annotations(clause, synonym.xrefs)
        if synonym.type is not None:
            annotations = (*annotations, (SYNONYM_TYPE, self._ids.iri(synonym.type)))
        value = self._literal(synonym.desc, clause)
        return self._make.said(subject, SCOPES[synonym.scope], value, annotations)

    def _xref(self, subject: Node, clause: Any) -> Iterator[Triple]:
        annotations = self._annotations(clause)
        if description := clause.xref.desc:
            annotations = (*annotations, (LABEL, Literal(description)))
        return self._make.said(subject, XREF, Literal(text_of(clause.xref.id)), annotations)

    def _link(self, subject: Node, predicate: NamedNode, clause: Any) -> Iterator[Triple]:
        other = next(id for name in LINKED if (id := getattr(clause, name, None)) is not None)
        if _is_assertion(clause):
            annotations = self._annotations(clause)
            yield from self._make.said(subject, predicate, self._ids.iri(other), annotations)

    def _relationship(self, subject: NamedNode, kind: str, clause: Any) -> Iterator[Triple]:
        relation = self._ids.iri(clause.typedef)
        other = self._ids.iri(clause.target if kind == "Typedef" else clause.term)
        annotations = self._annotations(clause)
        if kind != "Term" or relation in self._annotation_properties:
            yield from self._make.said(subject, relation, other, annotations)
        elif _is_assertion(clause):
            yield from self._make.some(subject, relation, other, annotations)

    def _property_value(self, subject: NamedNode, clause: Any) -> Iterator[Triple]:
        said = clause.property_value
        predicate = self._ids.iri(said.relation)
        value: Literal | NamedNode
        if isinstance(said, LiteralPropertyValue):
            value = self._literal(said.value, clause, self._ids.iri(said.datatype))
        elif isinstance(said.value, UnprefixedIdent) and said.value.unescaped.startswith('"'):
            # A word in quotes without a type, which fastobo takes for an id.
            value = self._literal(said.value.unescaped.strip('"'), clause)
        else:
            value = self._ids.iri(said.value)
        yield from self._make.said(subject, predicate, value, self._annotations(clause))

    def _literal(self, text: str, clause: Any, datatype: NamedNode = STRING) -> Literal:
        """A text in the language of its qualifier. A blank before that is no part of it."""
        tags = [each.value for each in _qualifiers(clause) if str(each.key) == _LANGUAGE]
        text = text.strip()
        if not tags:
            return Literal(text, datatype=datatype)
        return tagged(text, tags[0], self._repaired)

    def _annotations(self, clause: Any, xrefs: Any = None) -> Annotations:
        """What is said of a clause: its xrefs, and its qualifiers, but for the language."""
        xrefs = getattr(clause, "xrefs", None) if xrefs is None else xrefs
        found = [(XREF, Literal(text_of(xref.id))) for xref in xrefs or ()]
        for each in _qualifiers(clause):
            key = each.key
            if str(key) != _LANGUAGE and str(key) not in _NO_ASSERTION:
                found.append((self._qualifier(key), Literal(each.value)))
        return found

    def _qualifier(self, key: BaseIdent) -> NamedNode:
        if isinstance(key, UnprefixedIdent):
            return self._ids.named(OBO_IN_OWL + key.unescaped)
        return self._ids.iri(key)


def _is_assertion(clause: Any) -> bool:
    """Whether a clause says no more than its value does."""
    return not any(str(each.key) in _NO_ASSERTION for each in _qualifiers(clause))


def _qualifiers(clause: Any) -> Any:
    """The qualifiers of a clause, of which those of the header have none."""
    return getattr(clause, "qualifiers", None) or ()
