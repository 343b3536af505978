"""Statements of OWL as triples: with annotations, about restrictions, with lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import cast

import msgspec
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kgenrich.harvest.obo.vocabulary import SUBCLASS, TYPE, owl
from kgenrich.harvest.turtle import NO_TAG
from kgenrich.namespaces import RDF

Node = NamedNode | BlankNode
Object = NamedNode | BlankNode | Literal
Annotations = Sequence[tuple[NamedNode, NamedNode | Literal]]

_TAG = re.compile(r"[A-Za-z]+(-[A-Za-z0-9]+)*")
_AXIOM, _SOURCE, _PROPERTY, _TARGET = map(
    owl, ("Axiom", "annotatedSource", "annotatedProperty", "annotatedTarget")
)
_RESTRICTION, _ON, _SOME, _CLASS = map(
    owl, ("Restriction", "onProperty", "someValuesFrom", "Class")
)
_FIRST, _REST, _NIL = (NamedNode(RDF + name) for name in ("first", "rest", "nil"))


class Statements:
    """Makes the triples of statements, whose blank nodes are numbered."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def blank(self) -> BlankNode:
        """A new blank node."""
        return BlankNode(f"o{next(self._numbers)}")

    def said(
        self, subject: Node, predicate: NamedNode, value: Object, annotations: Annotations = ()
    ) -> Iterator[Triple]:
        """A statement, and the axiom that bears its annotations, if it has any."""
        yield Triple(subject, predicate, value)
        if annotations:
            axiom = self.blank()
            yield Triple(axiom, TYPE, _AXIOM)
            yield Triple(axiom, _SOURCE, subject)
            yield Triple(axiom, _PROPERTY, predicate)
            yield Triple(axiom, _TARGET, value)
            for name, each in annotations:
                yield Triple(axiom, name, each)

    def some(
        self, subject: Node, relation: NamedNode, filler: NamedNode, annotations: Annotations = ()
    ) -> Iterator[Triple]:
        """That each of a class is related to some of another."""
        restriction = self.blank()
        yield from self.restriction(restriction, relation, filler)
        yield from self.said(subject, SUBCLASS, restriction, annotations)

    def restriction(
        self, node: BlankNode, relation: NamedNode, filler: NamedNode
    ) -> Iterator[Triple]:
        """The class of all that are related to some of another one."""
        yield Triple(node, TYPE, _RESTRICTION)
        yield Triple(node, _ON, relation)
        yield Triple(node, _SOME, filler)

    def equivalent(
        self,
        subject: Node,
        operation: NamedNode,
        parts: Iterable[tuple[NamedNode | None, NamedNode]],
    ) -> Iterator[Triple]:
        """That a class is the same as an intersection or union of classes, each named itself or by
        the relation that its members have to some of it."""
        members: list[Node] = []
        for relation, filler in parts:
            if relation is None:
                members.append(filler)
            else:
                members.append(node := self.blank())
                yield from self.restriction(node, relation, filler)
        whole, items = self.blank(), self.blank()
        yield Triple(subject, owl("equivalentClass"), whole)
        yield Triple(whole, TYPE, _CLASS)
        yield Triple(whole, operation, items)
        yield from self.items(items, members)

    def chain(self, subject: Node, first: NamedNode, last: NamedNode) -> Iterator[Triple]:
        """That a property holds over two that follow each other."""
        items = self.blank()
        yield Triple(subject, owl("propertyChainAxiom"), items)
        yield from self.items(items, (first, last))

    def items(self, node: Node, members: Sequence[Node]) -> Iterator[Triple]:
        """A list that is not empty."""
        for place, member in enumerate(members, 1):
            following = self.blank() if place < len(members) else _NIL
            yield Triple(node, _FIRST, member)
            yield Triple(node, _REST, following)
            node = following


def tagged(text: str, tag: str, repaired: Counter[str]) -> Literal:
    """A text in a language; of a tag that is none nobody can tell which (`NO_TAG`)."""
    mended = tag.replace("_", "-")
    mended = mended if _TAG.fullmatch(mended) else NO_TAG
    if mended != tag:
        repaired["language tag"] += 1
    if mended.islower() and len(mended) < 9:
        return Literal(text, language=mended)
    # Every other way to make a literal refuses tags that are not of RFC 5646, or folds their case.
    document = msgspec.json.encode({"@id": "x:", "x:": {"@value": text, "@language": mended}})
    (triple,) = parse(document, format=RdfFormat.JSON_LD, lenient=True)
    return cast(Literal, triple.object)
