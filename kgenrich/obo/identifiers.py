"""How the ids of an OBO document become IRIs (OBO Flat File Format 1.4, sections 5.9 and 5.9.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote

from fastobo.id import BaseIdent, PrefixedIdent, UnprefixedIdent
from pyoxigraph import NamedNode, RdfFormat, parse

from kgenrich.namespaces import NAMESPACES, OBO, OBO_IN_OWL

_ILLEGAL = re.compile(r"[\x00-\x20<>\"{}|\\^`\[\]\x7f-\x9f]|%(?![0-9A-Fa-f]{2})")
"""What no IRI may hold."""

_EVERYWHERE = {
    **{prefix: NAMESPACES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd", "skos", "dcterms")},
    "dc": "http://purl.org/dc/elements/1.1/",
    "oboInOwl": OBO_IN_OWL,
    "oio": OBO_IN_OWL,
}
"""Prefixes that documents use without saying what they are."""

_SAFE = re.compile(r"[\w-]+:\w+", re.ASCII)
_RELATION_ONTOLOGIES = ("RO:", "BFO:")
_CACHED = 1 << 16


class Identifiers:
    """The names that a document gives: its ``ontology``, its ``spaces`` (IRIs by prefix), and what
    its relations are called elsewhere (``expanded``, by their short ids)."""

    def __init__(self) -> None:
        self.ontology = "TEMP"
        self.spaces: dict[str, str] = {}
        self.expanded: dict[str, str] = {}
        self._cached = lru_cache(_CACHED)(self._expand)

    def iri(self, id: BaseIdent) -> NamedNode:
        """The IRI of an id."""
        return self._cached(text_of(id))

    def iri_of(self, text: str) -> NamedNode:
        """The IRI of an id without escapes, which may be an IRI itself."""
        return self._cached(text)

    def named(self, iri: str) -> NamedNode:
        """An IRI without what none may hold."""
        sound = _ILLEGAL.sub(lambda found: quote(found[0]), iri)
        try:
            return NamedNode(sound)
        except ValueError:
            # Only a lenient parser makes what else is wrong with it.
            line = f"<x:> <x:> <{sound}> ."
            (triple,) = parse(line, format=RdfFormat.N_TRIPLES, lenient=True)
            return cast(NamedNode, triple.object)

    @property
    def ontology_iri(self) -> NamedNode:
        """The IRI of the document itself."""
        name = self.ontology
        return self.named(name if ":" in name else f"{OBO}{name}.owl")

    def add_header(self, clauses: Iterable[Any]) -> None:
        """Note the names that the header gives."""
        for clause in clauses:
            if clause.raw_tag() == "ontology":
                self.ontology = clause.ontology
            elif clause.raw_tag() == "idspace":
                self.spaces[clause.prefix] = str(clause.url)
        self._cached.cache_clear()

    def short_iri(self, iri: str) -> str:
        """The id that an IRI has in every reader of the document, where it has one; else itself."""
        found = [
            f"{prefix}:{iri.removeprefix(space)}"
            for prefix, space in self.spaces.items()
            if iri.startswith(space)
        ]
        if iri.startswith(OBO):
            found.append(iri.removeprefix(OBO).replace("_", ":", 1))
        return next(
            (id for id in found if _SAFE.fullmatch(id) and self.iri_of(id).value == iri), iri
        )

    def is_known(self, relation: BaseIdent | None) -> bool:
        """Whether the IRI of a relation is known by now: a short id is expanded by its typedef."""
        return not isinstance(relation, UnprefixedIdent) or relation.unescaped in self.expanded

    def add_relation(self, id: BaseIdent, xrefs: Iterable[BaseIdent]) -> None:
        """Note a typedef, whose short id is expanded to the first of its xrefs, rather to one of
        the relation ontologies."""
        if isinstance(id, UnprefixedIdent):
            short = id.unescaped
            others = [other for xref in xrefs if (other := text_of(xref)) != short]
            preferred = [other for other in others if other.startswith(_RELATION_ONTOLOGIES)]
            self.expanded[short] = next(iter(preferred or others), short)
            self._cached.cache_clear()

    def short_id(self, id: BaseIdent) -> str:
        """The short id of a relation that has another one; else nothing."""
        short = text_of(id)
        return short if self.expanded.get(short, short) != short else ""

    def _expand(self, id: str) -> NamedNode:
        id = self.expanded.get(id, id)
        prefix, colon, local = id.partition(":")
        if local.startswith("//") or prefix in ("urn", "mailto"):
            return self.named(id)
        if not colon:
            place = self.ontology if ":" in self.ontology else OBO + self.ontology
            return self.named(f"{place}#{quote(id, safe='*')}")
        if space := self.spaces.get(prefix) or _EVERYWHERE.get(prefix):
            return self.named(space + local)
        # With an underscore in it, where the prefix ends could not be told.
        between = "#_" if "_" in local else "_"
        return NamedNode(OBO + quote(prefix, safe="") + between + quote(local, safe="*"))


def text_of(id: BaseIdent) -> str:
    """An id without the escapes of OBO."""
    if isinstance(id, PrefixedIdent):
        return f"{id.prefix}:{id.local}"
    return id.unescaped if isinstance(id, UnprefixedIdent) else str(id)
