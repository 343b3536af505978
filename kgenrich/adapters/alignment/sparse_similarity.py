"""Sparse similarities: the few best pairs of two large sets, never the whole product, ranked."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kgenrich.adapters.alignment.graph_arrays import Sparse
from kgenrich.adapters.encoder.name_encoder import Vectors

Places = NDArray[np.int32]

_CELLS = 12_000_000
"""Similarities held at a time: 50 MB, and twice as much for their order."""
_FAISS_FROM = 50_000
_LINKS, _BUILDING, _SEARCHING = 32, 80, 128


def nearest(left: Vectors, right: Vectors, k: int) -> Places:
    """The ``k`` rows of ``right`` (m, d) most similar to each of ``left`` (n, d): int32 (n, k), in
    no order.

    Exact, a block at a time; past 50,000 rows faiss does it where it is installed, several
    times faster, and misses one neighbour in fifty.
    """
    k = min(k, len(right))
    if max(len(left), len(right)) > _FAISS_FROM and (near := _faiss(left, right, k)) is not None:
        return near
    out = np.empty((len(left), k), np.int32)
    block = max(1, _CELLS // max(len(right), 1))
    turned = np.ascontiguousarray(right.T)
    for start in range(0, len(left), block):
        scores = left[start : start + block] @ turned
        out[start : start + block] = np.argpartition(scores, len(right) - k, axis=1)[:, -k:]
    return out


def _faiss(left: Vectors, right: Vectors, k: int) -> Places | None:
    try:
        import faiss
    except ImportError:
        return None
    # A graph of near neighbours (Malkov and Yashunin, 2020): an exact index would take as long as
    # numpy does.
    index = faiss.IndexHNSWFlat(right.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = _BUILDING, _SEARCHING
    index.add(np.ascontiguousarray(right))
    near = index.search(np.ascontiguousarray(left), k)[1]
    # It fills a row that it found too few for with -1; one pair more to compare does no harm.
    return np.maximum(near, 0).astype(np.int32)


def mutual_candidates(left: Vectors, right: Vectors, k: int) -> Sparse:
    """Pairs of ``left`` (n, d) and ``right`` (m, d), one of them among the ``k`` nearest of the
    other: ones, (n, m).
    """
    n, m = len(left), len(right)
    if not n or not m:
        return sp.csr_matrix((n, m), dtype=np.float32)
    there, back = nearest(left, right, k), nearest(right, left, k)
    rows = np.append(np.repeat(np.arange(n, dtype=np.int32), there.shape[1]), back.ravel())
    columns = np.append(there.ravel(), np.repeat(np.arange(m, dtype=np.int32), back.shape[1]))
    return pattern(rows, columns, (n, m))


def pattern(rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int]) -> Sparse:
    """A sparse matrix of ones at ``rows`` and ``columns``, both (p,), each place once."""
    ones = np.ones(len(rows), np.float32)
    matrix = sp.csr_matrix((ones, (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def union(one: Sparse, other: Sparse) -> Sparse:
    """The places (n, m) of two patterns of one shape."""
    total: Sparse = one + other
    total.data[:] = 1
    total.sort_indices()
    return total


def row_of(matrix: Sparse) -> Places:
    """The row of each stored value, int32 (nnz,)."""
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))


def with_values(places: Sparse, values: NDArray[Any]) -> Sparse:
    """A matrix with these values (nnz,) at the places of another, in its order."""
    stored = values.astype(np.float32, copy=False)
    return sp.csr_matrix((stored, places.indices, places.indptr), shape=places.shape)


def similarities(left: Vectors, right: Vectors, places: Sparse) -> NDArray[np.float32]:
    """The inner products of the pairs of ``left`` (n, d) and ``right`` (m, d) at the places of a
    matrix (n, m): float32 (nnz,).
    """
    rows, columns = row_of(places), places.indices
    out = np.empty(len(columns), np.float32)
    step = max(1, _CELLS // max(left.shape[1], 1) // 2)
    for start in range(0, len(out), step):
        part = slice(start, start + step)
        out[part] = np.einsum("ij,ij->i", left[rows[part]], right[columns[part]])
    return out


def sparse_similarities(left: Sparse, right: Sparse, places: Sparse) -> NDArray[np.float32]:
    """The inner products of sparse rows, (n, d) and (m, d), at the places of a matrix (n, m):
    float32 (nnz,).
    """
    rows, columns = row_of(places), places.indices
    out = np.empty(len(columns), np.float32)
    for start in range(0, len(out), 200_000):
        part = slice(start, start + 200_000)
        products = left[rows[part]].multiply(right[columns[part]])
        out[part] = np.asarray(products.sum(axis=1)).ravel()
    return out


def best_of_rows(matrix: Sparse, k: int) -> Sparse:
    """The pattern (n, m) of the ``k`` largest values of each row."""
    kept = places_of_best(matrix, k)
    return pattern(row_of(matrix)[kept], matrix.indices[kept], matrix.shape)


def places_of_best(matrix: Sparse, k: int, ties: NDArray[Any] | None = None) -> NDArray[np.int64]:
    """Where the ``k`` largest values of each row stand among the stored ones, row by row.

    They are int64 (p,). Of equal values the one with the largest of ``ties`` (nnz,) is first.
    """
    rows = row_of(matrix)
    order = np.lexsort((-matrix.data, rows) if ties is None else (-ties, -matrix.data, rows))
    # The order is one of rows first, so it has each row where the matrix has it.
    best: NDArray[np.int64] = order[np.arange(matrix.nnz) - matrix.indptr[rows] < k]
    return best


def sinkhorn(scores: Sparse, temperature: float, rounds: int = 10) -> Sparse:
    """Probabilities (n, m) whose rows and columns add up to about 1 (Sinkhorn; Cuturi, 2013).

    It assumes that most entities have a partner. Only stored scores take part.
    """
    n, m = scores.shape
    rows, columns = row_of(scores), scores.indices
    top = np.full(n, -np.inf)
    np.maximum.at(top, rows, scores.data)
    values = np.exp((scores.data - top[rows]) / temperature)
    for _ in range(rounds):
        values /= np.maximum(np.bincount(columns, values, m), 1e-30)[columns]
        values /= np.maximum(np.bincount(rows, values, n), 1e-30)[rows]
    return with_values(scores, values.astype(np.float32))


def csls(scores: Sparse, k: int = 10) -> Sparse:
    """Cross-domain similarity local scaling (Lample et al., 2018), (n, m): names near to everything
    lose. It assumes nothing of the number of partners.
    """
    rows, columns = row_of(scores), scores.indices
    around = _mean_of_best(scores, k)[rows] + _mean_of_best(scores.T.tocsr(), k)[columns]
    return with_values(scores, 2 * scores.data - around)


def _mean_of_best(scores: Sparse, k: int) -> NDArray[np.float32]:
    rows, kept = row_of(scores), places_of_best(scores, k)
    count = np.bincount(rows[kept], minlength=scores.shape[0])
    total = np.bincount(rows[kept], scores.data[kept], scores.shape[0])
    return (total / np.maximum(count, 1)).astype(np.float32)
