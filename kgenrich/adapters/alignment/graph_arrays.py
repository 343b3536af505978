"""A graph to be aligned, as arrays, and what flows along its edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp

from kgenrich.adapters.alignment.kinds import Kind
from kgenrich.adapters.encoder.name_encoder import Vectors, unit_vectors
from kgenrich.adapters.encoder.name_tables import Ints

Sparse: TypeAlias = Any
"""A `scipy.sparse.csr_matrix` of float32; scipy has no types of its own."""


@dataclass(frozen=True)
class Graph:
    """Entities with one name each, and triples (head, relation, tail) as indices, int64 (m, 3).

    ``nameless`` counts the entities that are not here because they have no name. ``kinds`` says of
    each what it is; empty where nothing is known. ``language`` is that of most names, empty where
    that is not known.
    """

    ids: Sequence[str]
    names: Sequence[str]
    triples: Ints
    nameless: int = 0
    kinds: Sequence[Kind] = ()
    language: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def kind(self, place: int) -> Kind:
        """What the entity at a place is."""
        return self.kinds[place] if self.kinds else Kind(0)


def adjacency(graph: Graph, rarity: float = 0.0) -> Sparse:
    """Edges in both directions, (n, n); one of a relation with ``f`` triples weighs f**-rarity."""
    head, relation, tail = graph.triples.T if len(graph.triples) else np.zeros((3, 0), np.int64)
    _, kind, frequency = np.unique(relation, return_inverse=True, return_counts=True)
    weight = (frequency[kind].astype(np.float32) ** -rarity) if len(kind) else np.zeros(0)
    edges = (np.tile(weight, 2), (np.append(head, tail), np.append(tail, head)))
    size = len(graph)
    return sp.csr_matrix(edges, shape=(size, size), dtype=np.float32)


def neighbourhood_vectors(
    vectors: Vectors, graph: Graph, rarity: float, hops: Sequence[float]
) -> Vectors:
    """Each entity's own vector (n, d) beside those of its 1-hop and 2-hop neighbourhoods.

    ``hops`` weighs the parts, the entity's own first. float32 unit vectors, (n, len(hops) * d).
    """
    edges = adjacency(graph, rarity)
    degree = np.asarray(edges.sum(axis=1)).ravel()
    scale = sp.diags(np.where(degree > 0, degree, 1) ** -0.5).astype(np.float32)
    flow = (scale @ edges @ scale).tocsr()
    parts = []
    for weight in hops:
        parts.append(np.float32(weight) * unit_vectors(vectors))
        vectors = flow @ vectors
    return unit_vectors(np.concatenate(parts, axis=1))


def unit_rows(matrix: Sparse) -> Sparse:
    """A sparse matrix (n, m) with rows of length 1; empty rows stay empty."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sp.diags(1 / np.where(length > 0, length, 1)).astype(np.float32) @ matrix).tocsr()
