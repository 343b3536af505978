"""Graphs to be aligned, from entities or from the triples of an RDF file, and their known pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from kgenrich.adapters.alignment.dbp15k import local_name
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.alignment.kinds import Kind, kind_of
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.errors import InputError
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import MUL, Entity
from kgenrich.namespaces import RDF
from kgenrich.pairs import read_pairs, uri

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
    names: dict[str, str] = {}
    codes: list[str] = []
    kinds: list[Kind] = []
    claims: list[tuple[str, str, str]] = []
    nameless = 0
    for entity in entities:
        code = _chosen(entity.labels, language)
        if code is None:
            nameless += 1
            continue
        names[entity.id] = entity.labels[code]
        codes.append(code)
        kinds.append(kind_of(entity.classes))
        claims += [(entity.id, _CLASS, other) for other in entity.classes]
        claims += [
            (entity.id, relation, value.value)
            for relation, values in entity.claims.items()
            for value in values
            if value.kind == "entity"
        ]
    ids = [id if "://" in id else base + id for id in names]
    return _graph(ids, names, claims, nameless, kinds, _main(codes))


def graph_of_triples(triples: Iterable[Any], language: str = "") -> Graph:
    """The subjects and objects of an RDF graph (pyoxigraph triples or quads) that are IRIs.

    Languages are understood as a harvest does it: ``it-IT`` is ``it``, and a label without a tag is
    valid in all. With a language, IRIs without a label in it are left out; without one, those that
    have no label are named by their end.
    """
    from pyoxigraph import Literal, NamedNode

    iris: dict[str, None] = {}
    labels: dict[str, dict[str, str]] = {}
    folded: dict[str, dict[str, str]] = {}
    types: dict[str, list[str]] = {}
    edges = []
    for triple in triples:
        if not isinstance(triple.subject, NamedNode):
            continue
        subject, relation = triple.subject.value, triple.predicate.value
        if isinstance(triple.object, Literal):
            iris.setdefault(subject)
            if relation in NAMING and (name := triple.object.value.strip()):
                code, exact = _code(triple.object.language)
                (labels if exact else folded).setdefault(subject, {}).setdefault(code, name)
        elif isinstance(triple.object, NamedNode):
            iris.setdefault(subject)
            iris.setdefault(triple.object.value)
            edges.append((subject, relation, triple.object.value))
            if relation == RDF + "type":
                types.setdefault(subject, []).append(triple.object.value)
    names, codes = {}, []
    for iri in iris:
        of_iri = folded.get(iri, {}) | labels.get(iri, {})
        chosen = _chosen(of_iri, language)
        if chosen or not language:
            names[iri] = of_iri[chosen] if chosen else local_name(iri)
            codes.append(chosen or MUL)
    kinds = [kind_of(types.get(iri, ())) for iri in names]
    return _graph(list(names), names, edges, len(iris) - len(names), kinds, _main(codes))


@lru_cache(maxsize=4096)
def _code(tag: str | None) -> tuple[str, bool]:
    """The code of a tag, and whether the tag is that code's own."""
    code = wikimedia(tag) if tag else MUL
    if not tag or not code:
        return MUL, True
    return code, tag.lower() in (code, bcp47(code).lower())


def _chosen(labels: Mapping[str, str], language: str) -> str | None:
    """The language of the label that names an entity."""
    preferred = (language, MUL) if language else ("en", MUL, *sorted(labels))
    return next((code for code in preferred if labels.get(code)), None)


def _main(codes: Sequence[str]) -> str:
    """The language of more than half of the names, empty where there is none."""
    code, count = max(Counter(codes).items(), key=lambda item: item[1], default=(MUL, 0))
    return code if code != MUL and 2 * count > len(codes) else ""


def _graph(
    ids: Sequence[str],
    names: Mapping[str, str],
    edges: Iterable[tuple[str, str, str]],
    nameless: int,
    kinds: Sequence[Kind],
    language: str,
) -> Graph:
    """A graph of what is named; ``ids`` are written in place of the keys of ``names``."""
    index = {key: place for place, key in enumerate(names)}
    relations: dict[str, int] = {}
    triples = [
        (index[head], relations.setdefault(relation, len(relations)), index[tail])
        for head, relation, tail in edges
        if head in index and tail in index
    ]
    array = np.array(triples, np.int64).reshape(-1, 3)
    return Graph(ids, list(names.values()), array, nameless, kinds, language)


def known_pairs(path: Path, left: Graph, right: Graph) -> tuple[Ints, int]:
    """The pairs of a file as indices, int64 (s, 2), and how many rows are no pairs of entities of
    these graphs. Bare ids may stand for IRIs that end in them, URIs for IRIs.

    Raises `InputError` when it cannot be read, or has rows and none of them is such a pair.
    """
    lefts, rights = _index(left), _index(right)
    rows = list(read_pairs(path))
    known = [row for row in rows if row.left in lefts and row.right in rights]
    if rows and not known:
        wrong = rows[min(1, len(rows) - 1)].line
        raise InputError(f"Line {wrong} of {path} is no pair of entities of these graphs.")
    # The titles of columns are no pair.
    title = bool(rows) and rows[0].left not in lefts and rows[0].right not in rights
    pairs = [(lefts[row.left], rights[row.right]) for row in known]
    return np.array(pairs, np.int64).reshape(-1, 2), len(rows) - len(known) - title


def _index(graph: Graph) -> dict[str, int]:
    ids = dict(zip(graph.ids, range(len(graph)), strict=True))
    short = {id.rsplit("/", 1)[-1]: place for id, place in ids.items()}
    return short | {uri(id): place for id, place in ids.items()} | ids
