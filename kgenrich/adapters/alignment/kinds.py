"""What kinds of thing the entities of a graph are, and which of them may be one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntFlag

from kgenrich.namespaces import OWL, RDF, RDFS, SKOS


class Kind(IntFlag):
    """The kinds that are told apart; an entity may be of several, and 0 is one of which nothing is
    known. A concept of SKOS may stand for anything but a property.
    """

    CLASS = 1
    PROPERTY = 2
    INDIVIDUAL = 4
    UNIT = 8
    CONCEPT = 16


_KINDS = {
    RDFS + "Class": Kind.CLASS,
    OWL + "Class": Kind.CLASS,
    RDFS + "Datatype": Kind.CLASS,
    RDF + "Property": Kind.PROPERTY,
    OWL + "ObjectProperty": Kind.PROPERTY,
    OWL + "DatatypeProperty": Kind.PROPERTY,
    OWL + "AnnotationProperty": Kind.PROPERTY,
    OWL + "FunctionalProperty": Kind.PROPERTY,
    SKOS + "Concept": Kind.CONCEPT,
}
_UNIT = re.compile(r"(?:^|[/#_])(?:\w*[a-z])?Unit$|[/#_]unit$")
_REACH = Kind.CLASS | Kind.INDIVIDUAL | Kind.UNIT | Kind.CONCEPT


def kind_of(types: Iterable[str]) -> Kind:
    """The kinds of an entity with these types (IRIs). Ids of a Wikibase say nothing: its items are
    classes and individuals alike.
    """
    kind = Kind(0)
    for iri in types:
        if "://" in iri:
            other = Kind.UNIT if _UNIT.search(iri) else Kind.INDIVIDUAL
            kind |= _KINDS.get(iri, other)
    # A unit is an individual, and so is what SKOS calls a concept: the nearer kind counts.
    return kind & ~Kind.INDIVIDUAL if kind & ~Kind.INDIVIDUAL else kind


def reach(kind: Kind) -> int:
    """Bits of which two entities that may be one have some in common."""
    if not kind:
        return -1
    return int(kind | _REACH) if kind & Kind.CONCEPT else int(kind)
