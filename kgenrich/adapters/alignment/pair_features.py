"""What an alignment knows of the best candidate of each entity."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.alignment.align import Alignment
from kgenrich.adapters.alignment.sparse_similarity import places_of_best, row_of
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.logistic_regression import Floats
from kgenrich.text import vote_key

FEATURES = (
    "one", "score", "name", "near", "structure", "margin", "rival", "mutual", "edges", "strange",
)  # fmt: skip
"""``margin`` is how far the pair is before the next one of its left entity, ``rival`` before the
next one of its right; ``strange`` see `strange_words`."""


def best_pairs(alignment: Alignment) -> tuple[Ints, Ints, Floats]:
    """The best pair of each left entity that has one: left (k,), right (k,), and their features in
    the order of `FEATURES`, (k, 10).
    """
    scores = alignment.scores
    rows, columns = row_of(scores), scores.indices
    total = alignment.near + alignment.structure
    first = places_of_best(scores, 1, ties=total)
    best_of_column = np.full(scores.shape[1], -np.inf, np.float32)
    np.maximum.at(best_of_column, columns, scores.data)
    degree = np.bincount(alignment.left.triples[:, [0, 2]].ravel(), minlength=len(alignment.left))
    left, right = rows[first].astype(np.int64), columns[first].astype(np.int64)
    features = np.stack(
        [
            np.ones(len(first)),
            scores.data[first],
            alignment.name[first],
            alignment.near[first],
            alignment.structure[first],
            total[first] - _best_other(total, rows, first),
            total[first] - _best_other(total, columns, first),
            scores.data[first] >= best_of_column[right],
            np.log1p(degree[left]) / 5,
            strange_words(alignment, left, right),
        ],
        axis=1,
    ).astype(np.float64)
    return left, right, features


def _best_other(total: NDArray[Any], group: NDArray[Any], chosen: Ints) -> NDArray[Any]:
    """The best of ``total`` (nnz,) in the ``group`` (nnz,) of each ``chosen`` place (k,) but that
    place itself, 0 where there is none: (k,).
    """
    order = np.lexsort((-total, group))
    begins = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0])
    start = dict(zip(group[order[begins]].tolist(), begins.tolist(), strict=True))
    places = np.array([start[one] for one in group[chosen].tolist()], np.int64)
    places += order[places] == chosen
    inside = np.minimum(places, len(order) - 1)
    there = (places < len(order)) & (group[order[inside]] == group[chosen])
    return np.where(there, total[order[inside]], 0.0)


def strange_words(alignment: Alignment, left: Ints, right: Ints) -> Floats:
    """The share of the words of two names that only one has, rare words first; (k,).

    In one language another word is most often another thing, however alike its letters are:
    *Enthalpie* is not *enthalten*. Between languages words say nothing, and all are 0.
    """
    graphs = alignment.left, alignment.right
    if not graphs[0].language or graphs[0].language != graphs[1].language:
        return np.zeros(len(left))
    words = [_words(graph.names) for graph in graphs]
    seen = Counter(word for side in words for name in side for word in name)
    names = sum(map(len, graphs))
    weight = {word: log(1 + names / count) for word, count in seen.items()}
    shares = []
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        one, other = words[0][a], words[1][b]
        every = sum(weight[word] for word in one | other)
        shares.append(sum(weight[word] for word in one ^ other) / every if every else 0.0)
    return np.array(shares)


def _words(names: Sequence[str]) -> list[set[str]]:
    return [{*re.findall(r"\w+", vote_key(name))} for name in names]
