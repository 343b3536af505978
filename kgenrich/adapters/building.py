"""Graphs to be aligned, from entities or from the triples of an RDF file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kgenrich.adapters.dbp15k import local_name
from kgenrich.adapters.graph import Graph
from kgenrich.model import MUL, Entity

NAMING = (
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://schema.org/name",
    "https://schema.org/name",
)
_CLASS = "class"


def graph_of_entities(entities: Iterable[Entity], language: str = "", base: str = "") -> Graph:
    """The named entities with the claims between them; bare ids get the concept base.

    With a language, those without a label in it (or valid in all) are left out.
    """
    kept: dict[str, tuple[int, str]] = {}
    claims: list[tuple[str, str, str]] = []
    for entity in entities:
        name = _chosen(entity.labels, language)
        if name is None:
            continue
        kept[entity.id] = len(kept), name
        claims += [(entity.id, _CLASS, other) for other in entity.classes]
        claims += [
            (entity.id, relation, value.value)
            for relation, values in entity.claims.items()
            for value in values
            if value.kind == "entity"
        ]
    ids = [id if "://" in id else base + id for id in kept]
    return _graph(
        ids, [name for _, name in kept.values()], {k: v[0] for k, v in kept.items()}, claims
    )


def graph_of_triples(triples: Iterable[Any], language: str = "") -> Graph:
    """The subjects and objects of an RDF graph (pyoxigraph triples or quads) that are IRIs.

    A name is a label in the language, else in any, else the end of the IRI.
    """
    from pyoxigraph import Literal, NamedNode

    index: dict[str, int] = {}
    labels: dict[str, dict[str, str]] = {}
    edges = []
    for triple in triples:
        if not isinstance(triple.subject, NamedNode):
            continue
        subject, relation = triple.subject.value, triple.predicate.value
        if isinstance(triple.object, Literal):
            index.setdefault(subject, len(index))
            if relation in NAMING:
                own = labels.setdefault(subject, {})
                own.setdefault((triple.object.language or "").lower(), triple.object.value)
        elif isinstance(triple.object, NamedNode):
            index.setdefault(subject, len(index))
            index.setdefault(triple.object.value, len(index))
            edges.append((subject, relation, triple.object.value))
    names = [
        _chosen(labels.get(iri, {}), language)
        or _chosen(labels.get(iri, {}), "")
        or local_name(iri)
        for iri in index
    ]
    return _graph(list(index), names, index, edges)


def _chosen(labels: Mapping[str, str], language: str) -> str | None:
    if language:
        return labels.get(language) or labels.get(MUL)
    for preferred in ("en", MUL, ""):
        if preferred in labels:
            return labels[preferred]
    return labels[min(labels)] if labels else None


def _graph(
    ids: Sequence[str],
    names: Sequence[str],
    index: Mapping[str, int],
    edges: Iterable[tuple[str, str, str]],
) -> Graph:
    relations: dict[str, int] = {}
    triples = [
        (index[head], relations.setdefault(relation, len(relations)), index[tail])
        for head, relation, tail in edges
        if head in index and tail in index
    ]
    return Graph(ids, names, np.array(triples, np.int64).reshape(-1, 3))
