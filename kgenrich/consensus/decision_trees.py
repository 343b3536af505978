"""Boosted oblivious trees: evaluated by numpy alone, trained with CatBoost.

Every level of an oblivious tree asks one question of all rows, so that a leaf is a number in
binary and a whole column is answered at once (Prokhorenkova et al., "CatBoost", NeurIPS 2018).
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.errors import KgenrichError

Matrix = NDArray[np.float32]
Truths = NDArray[np.bool_]

_BLOCK = 256
"""Rows that are answered at once: few enough for the answers of all trees to stay in a cache."""
_FEWEST = 20
"""Rows without which there is nothing to be learned."""


class Trees(Struct, frozen=True):
    """``columns`` and ``borders`` are (trees, depth): the question is ``value > border``;
    ``leaves`` are (trees, 2 ** depth) log-odds; the first level is the lowest bit."""

    columns: NDArray[np.int16]
    borders: Matrix
    leaves: NDArray[np.float16]
    bias: NDArray[np.float32]

    def probability(self, rows: Matrix) -> NDArray[np.float64]:
        """The probability for each row of (rows, columns)."""
        trees, depth = self.columns.shape
        leaves = self.leaves.astype(np.float64).ravel()
        first_leaves = np.arange(trees)[:, None] << depth
        odds = np.empty(len(rows))
        for start in range(0, len(rows), _BLOCK):
            by_column = np.ascontiguousarray(rows[start : start + _BLOCK].T)
            leaf = np.zeros((trees, by_column.shape[1]), dtype=np.uint8)
            for level in range(depth):
                above = by_column[self.columns[:, level]] > self.borders[:, level, None]
                leaf |= above.view(np.uint8) << level
            # Leaves have 11 bits: their sum is exact, in whatever order and company.
            odds[start : start + _BLOCK] = leaves[first_leaves + leaf].sum(axis=0)
        result: NDArray[np.float64] = 1 / (1 + np.exp(-(odds + float(self.bias[0]))))
        return result


def fit(rows: Matrix, right: Truths, *, trees: int, depth: int, rate: float, seeds: int) -> Trees:
    """Fit an ensemble to rows (rows, columns) and truths: one thread, seeds 1, 2, ...

    Leaves are rounded to float16: the last bits of a sum do not reach the file. Where there is
    nothing to tell right from wrong by, the share of right ones is all that is learned.
    """
    few = len(right) < _FEWEST or right.all() or not right.any()
    if few or not np.ptp(rows, axis=0).any():
        return _constant(right, depth)
    try:
        from catboost import CatBoostClassifier
    except ImportError as error:
        raise KgenrichError("Training a ranker needs CatBoost: pip install catboost.") from error
    members = []
    for seed in range(1, seeds + 1):
        model = CatBoostClassifier(
            iterations=trees,
            depth=depth,
            learning_rate=rate,
            l2_leaf_reg=5,
            rsm=0.4,
            bootstrap_type="Bernoulli",
            subsample=0.8,
            border_count=64,
            thread_count=1,
            random_seed=seed,
            verbose=False,
            allow_writing_files=False,
        )
        model.fit(rows, right.astype(int))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.json"
            model.save_model(str(path), format="json")
            members.append(_from_json(msgspec.json.decode(path.read_bytes()), depth))
    return Trees(
        np.concatenate([m.columns for m in members]),
        np.concatenate([m.borders for m in members]),
        (np.concatenate([m.leaves for m in members]) / seeds).astype(np.float16),
        np.mean([m.bias for m in members], axis=0),
    )


def _constant(right: Truths, depth: int) -> Trees:
    count = int(right.sum())
    odds = np.log((count + 0.5) / (len(right) - count + 0.5))
    return Trees(
        np.zeros((1, depth), dtype=np.int16),
        np.full((1, depth), np.inf, dtype=np.float32),
        np.zeros((1, 2**depth), dtype=np.float16),
        np.array([odds], dtype=np.float32),
    )


def _from_json(model: dict[str, Any], depth: int) -> Trees:
    columns, borders, leaves = [], [], []
    for tree in model["oblivious_trees"]:
        splits = tree["splits"] or []
        # A tree that stopped early asks impossible questions on its missing levels.
        missing = depth - len(splits)
        columns.append([s["float_feature_index"] for s in splits] + [0] * missing)
        borders.append([s["border"] for s in splits] + [np.inf] * missing)
        leaves.append(tree["leaf_values"] + [0.0] * (2**depth - len(tree["leaf_values"])))
    scale, bias = model["scale_and_bias"]
    return Trees(
        np.array(columns, dtype=np.int16),
        np.array(borders, dtype=np.float32),
        (np.array(leaves) * scale).astype(np.float16),
        np.array(bias, dtype=np.float32).reshape(-1)[:1],
    )
