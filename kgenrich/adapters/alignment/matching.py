"""From similarities to what ranks them: Sinkhorn, CSLS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.alignment.graph_arrays import Sparse
from kgenrich.adapters.alignment.sparse_similarity import places_of_best, row_of, with_values


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
