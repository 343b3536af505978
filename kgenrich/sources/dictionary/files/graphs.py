"""RDF files whose resources have names: SKOS thesauri, ontologies, linked graphs.

A concept is known by its IRI and by those that it is said to be the same as (``skos:exactMatch``,
``owl:sameAs``, ``owl:equivalentClass``, ``schema:sameAs``).
"""

from __future__ import annotations

from collections.abc import Iterator

from kgenrich.harvest.batch import GraphNotes
from kgenrich.harvest.rdf import read_rdf
from kgenrich.harvest.triples import format_of
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.inputs import Input
from kgenrich.namespaces import OWL, SCHEMA, SKOS
from kgenrich.sources.dictionary.files.concepts import Concept, Draft, Reading

SAME = (
    f"{SKOS}exactMatch",
    f"{OWL}sameAs",
    f"{OWL}equivalentClass",
    f"{OWL}equivalentProperty",
    f"{SCHEMA}sameAs",
)
"""Predicates of what is the same thing in another graph."""


def read_graph(source: Input, reading: Reading) -> Iterator[Concept]:
    """The resources that have a name in a language. Raises `InputError` for what is no RDF."""
    vocabulary = Vocabulary("", properties=SAME, notes=GraphNotes(source.name))
    for batch in read_rdf(source, format_of(source), vocabulary):
        reading.unread += len(batch.rejects)
        for entity in batch.entities:
            named = [s.value for s in entity.statements if s.form.role in ("label", "alias")]
            if not named:
                continue
            draft = Draft(reading)
            draft.identify("iri", entity.id)
            for statement in entity.statements:
                predicate = statement.form.predicate
                if predicate in SAME:
                    local_name = predicate.rpartition("#")[2].rpartition("/")[2]
                    draft.identify(local_name, statement.value.value)
            for name in named:
                draft.call(name.language, name.value)
            if concept := draft.concept():
                yield concept
