"""What an entity is narrower than, in the graph's own words: the context of its definition."""

from __future__ import annotations

from collections.abc import Sequence

from kgenrich.model import Entity
from kgenrich.namespaces import DCTERMS, RDFS, SCHEMA, SKOS
from kgenrich.sources.base import LabelLookup

BROADER = frozenset(
    (
        *(f"{SKOS}{name}" for name in ("broader", "broaderTransitive")),
        *(
            f"http://purl.org/iso25964/skos-thes#broader{name}"
            for name in ("Generic", "Instantial", "Partitive")
        ),
        *(f"{RDFS}{name}" for name in ("subClassOf", "subPropertyOf")),
        "http://purl.obolibrary.org/obo/BFO_0000050",
        f"{DCTERMS}isPartOf",
        f"{SCHEMA}isPartOf",
    )
)
"""The properties that lead to what is broader, in the usual vocabularies: it is these that have
definitions."""

MOST = 5
"""So many are told."""


def broader_labels(
    entity: Entity, labels: LabelLookup, languages: Sequence[str]
) -> tuple[str, ...]:
    """The labels of what the entity is directly narrower than, else of its classes, each in the
    first of the languages that has one; `MOST` at most."""
    claims = (entity.claims[id] for id in sorted(BROADER & entity.claims.keys()))
    above = [value.value for values in claims for value in values if value.kind == "entity"]
    ids = list(dict.fromkeys(above or entity.classes))[: 2 * MOST]
    found = labels.get(ids, tuple(languages))
    named = (found[id][code] for id in ids for code in languages if code in found[id])
    return tuple(dict.fromkeys(named))[:MOST]
