"""Entities as RDF as their origins write them, with the terms that are new.

What an origin says comes out with its own predicate, tag, datatype and letters; a SKOS-XL label is
followed by what is said of it. Terms of the Wikibase model are written as `kgenrich.export.rdf`
does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

from msgspec.structs import replace

from kgenrich.export.counts import ExportCounts
from kgenrich.export.manner import LABELS, USUAL, Manners, is_of_rdf
from kgenrich.export.merging.additions import Addition, Change, Triple, known_iri, resource, triples
from kgenrich.export.rdf import ALL_LABELS, RdfCounts, RdfOptions
from kgenrich.export.syntax import Layout
from kgenrich.model import EntityRow, Scope, Statement, TermKind, content_id
from kgenrich.namespaces import RDF, XSD

_KINDS = frozenset(TermKind)
_STRING = f"{XSD}string"
_IRI = "@id"
"""Stands in a form for the datatype of what is no literal."""

Part = tuple[str, tuple[str, ...], Iterable[EntityRow]]
"""A graph (see `kgenrich.export.rdf.graph_of`), the states of what it holds, and its rows."""


def serialize_entities(
    parts: Iterable[Part], layout: Layout, writer: EntityTriples
) -> Iterator[bytes]:
    """The document in pieces."""
    counts = writer.counts
    yield layout.head().encode()
    for graph, states, rows in parts:
        before = counts.triples, counts.entities
        yield layout.begin(graph).encode()
        for row in rows:
            for subject, group in groupby(writer.of(row, states), attrgetter("subject")):
                yield layout.about(subject, [triple[1:] for triple in group]).encode()
        yield layout.end().encode()
        if graph:
            counts.graphs[graph] = counts.triples - before[0], counts.entities - before[1]


class EntityTriples:
    """What is said and what is new of entities within a ``scope``, as triples; what RDF cannot say
    is counted as refused. ``vocabulary`` has the predicates that are asked for, by role."""

    def __init__(
        self,
        options: RdfOptions,
        manners: Manners,
        counts: RdfCounts,
        scope: Scope,
        vocabulary: Mapping[str, str] | None = None,
    ) -> None:
        self._options, self._manners, self._scope = options, manners, scope
        self._vocabulary = vocabulary
        self.counts = counts
        self._others = ExportCounts(refused=counts.refused)
        """Counts what is no term."""

    def changes(self, row: EntityRow) -> Iterator[Change]:
        """What is new of an entity."""
        subject = self._options.subject(row.id)
        for new in row.new:
            if subject is None:
                self.counts.refused["not an IRI"] += 1
            else:
                yield self._manners.change(row, subject[1:-1], new)

    def of(self, row: EntityRow, states: Iterable[str]) -> list[Triple]:
        """All that is to be written of an entity; the nodes of its labels come after it."""
        counts = self.counts
        subject = self._options.subject(row.id)
        if subject is None:
            counts.refused["not an IRI"] += len(row.said) + len(row.new)
            return []
        begin = counts.triples
        every: list[Triple] = []
        if "asserted" in states:
            every += self._asserted(subject, row)
        for change in self.changes(row):
            every += triples(change.added, counts)
        # Several origins may say the same.
        found = sorted(dict.fromkeys(every), key=lambda triple: triple.subject != subject)
        counts.triples = begin + len(found)
        counts.entities += bool(found)
        if counts.detailed:
            counts.predicates.update(triple.predicate for triple in found)
            tags = (triple.object.rpartition('"@')[2] for triple in found if '"' in triple.object)
            counts.tags.update(tag for tag in tags if '"' not in tag)
        return found

    def _asserted(self, subject: str, row: EntityRow) -> Iterator[Triple]:
        replaced = {(new.row.kind, new.row.language, new.replaces) for new in row.new}
        labelled: set[str] = set()
        # What something is comes first, as people write it.
        for origin, said in sorted(row.said, key=lambda one: one[1].form.role != "class"):
            said = self._with_blanks_of(origin, said)
            value, role = said.value, said.form.role
            if not self._is_wanted(said):
                continue
            if value.kind == "entity" or said.form.datatype == _IRI:
                yield from self._link(subject, said)
                continue
            # In one vocabulary a language has one label.
            if self._vocabulary and role == "label":
                role = "alias" if value.language in labelled else role
                labelled.add(value.language)
            counts = self.counts if role in _KINDS else self._others
            for predicate in self._predicates(said, role):
                made = self._literal(subject, predicate, said, counts)
                if (role, value.language, value.value) in replaced:
                    # The node of a label gets another text.
                    made = [triple for triple in made if triple.object[0] != '"']
                yield from made

    def _with_blanks_of(self, origin: str, said: Statement) -> Statement:
        """The statement, its blank nodes named after its origin: those of two are not the same."""
        if said.node.startswith("_:"):
            return replace(said, node=f"{said.node}-{content_id(origin)[:8]}")
        return said

    def _is_wanted(self, said: Statement) -> bool:
        scope = self._scope
        if scope.kinds and said.form.role not in scope.kinds:
            return False
        return not scope.languages or said.value.language in scope.languages

    def _link(self, subject: str, said: Statement) -> Iterator[Triple]:
        """A statement that leads to another entity; none of the Wikibase model."""
        if not is_of_rdf(said):
            return
        name = said.raw or said.value.value
        target = resource(name) if ":" in name else self._options.subject(name)
        predicate = known_iri(said.form.predicate)
        if target is None or predicate is None:
            self.counts.refused["not an IRI"] += 1
        else:
            yield Triple(subject, predicate, target)

    def _predicates(self, said: Statement, role: str) -> Iterable[str]:
        """Those under which a literal is written; none for claims of the Wikibase model."""
        if self._vocabulary and role in self._vocabulary:
            return (self._vocabulary[role],)
        if is_of_rdf(said):
            return (said.form.predicate,)
        if role == "label" and self._options.all_labels:
            return (predicate[1:-1] for predicate in ALL_LABELS)
        return (USUAL[role],) if role in USUAL else ()

    def _literal(
        self, subject: str, predicate: str, said: Statement, counts: ExportCounts
    ) -> list[Triple]:
        form, value = said.form, said.value
        tag = form.tag if is_of_rdf(said) else self._options.tag(value.language)
        # It is that of every literal without a tag.
        datatype = "" if form.datatype == _STRING else form.datatype
        text, node = said.raw or value.value, said.node if predicate == form.predicate else ""
        if not node or form.role in LABELS:
            return triples(Addition(subject[1:-1], predicate, text, tag, datatype, node), counts)
        # A note that is a resource of its own has its text as a value (SKOS Primer, 4.2).
        made = triples(Addition(node, f"{RDF}value", text, tag, datatype), counts)
        return [Triple(subject, f"<{predicate}>", made[0].subject), *made] if made else []
