"""Small trees that are fitted on the graph: what they learn, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from kgenrich.sources.boosted_trees import Floats, Matrix, Trees, fit
from kgenrich.sources.fit_cache import decode, encode


def rows_where(only_together: int = 4_000) -> tuple[Matrix, Floats]:
    """Rows of which those are right that have one of two signs, not both and not none."""
    random = np.random.default_rng(5)
    rows = np.asarray(random.normal(size=(only_together, 4)), np.float32)
    return rows, ((rows[:, 0] > 0) != (rows[:, 1] > 0)).astype(float)


def fitted(rows: Matrix, right: Floats) -> Trees:
    return fit(rows, right, np.ones(len(rows)), np.zeros(len(rows)))


def test_what_two_columns_mean_together_is_learned() -> None:
    rows, right = rows_where()
    odds = fitted(rows[:3_000], right[:3_000]).log_odds(rows[3_000:])
    assert ((odds > 0) == (right[3_000:] > 0)).mean() > 0.95


def test_probabilities_of_chance_stay_what_they_were() -> None:
    random = np.random.default_rng(6)
    rows = np.asarray(random.normal(size=(4_000, 6)), np.float32)
    right = (random.random(4_000) < 0.2).astype(float)
    base = np.full(4_000, np.log(0.2 / 0.8))
    odds = base + fit(rows, right, np.ones(4_000), base).log_odds(rows[::-1] + 0.01)
    assert (1 / (1 + np.exp(-odds))).mean() == pytest.approx(0.2, abs=0.02)


def test_rows_that_are_all_alike_teach_nothing() -> None:
    rows = np.ones((100, 3), np.float32)
    assert not fitted(rows, np.arange(100) % 2.0).log_odds(rows).any()


def test_the_same_rows_give_the_same_trees_and_a_file_gives_them_back() -> None:
    rows, right = rows_where(800)
    first, second = fitted(rows, right), fitted(rows, right)
    kept = decode(encode(first), Trees)
    for trees in (second, kept):
        assert np.array_equal(first.log_odds(rows), trees.log_odds(rows))
