"""Reliability, the cuts that probabilities suggest, and the agreement of descriptions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.evaluate.reliability import (
    calibration_error,
    f1_cut,
    official_cut,
    reliability,
    smallest_cut,
)

probabilities = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=12)


def test_the_error_is_the_mean_distance_of_expected_and_right() -> None:
    p, right = [0.1, 0.1, 0.9, 0.9], [False, False, True, False]
    assert [(b.count, b.expected, b.right) for b in reliability(p, right)] == [
        (2, pytest.approx(0.1), 0.0),
        (2, pytest.approx(0.9), 0.5),
    ]
    assert calibration_error(p, right) == pytest.approx((2 * 0.1 + 2 * 0.4) / 4)
    assert calibration_error([], []) == 0


def test_what_is_drawn_with_its_probability_is_calibrated() -> None:
    random = np.random.default_rng(1)
    p = random.random(50_000)
    right = random.random(50_000) < p
    assert calibration_error(p, right) < 0.01
    assert calibration_error(np.sqrt(p), right) > 0.1


@given(probabilities, st.floats(0.3, 1))
def test_no_other_cut_expects_a_better_f1(p: list[float], reach: float) -> None:
    def expected(cut: float) -> float:
        kept = [x for x in p if x >= cut]
        return 2 * sum(kept) / (len(kept) + sum(p) / reach)

    assert expected(f1_cut(p, reach)) == pytest.approx(max(map(expected, p)))


@given(probabilities, st.floats(0, 20), st.floats(0.3, 1))
def test_no_other_cut_expects_a_better_official_precision(
    wrong: list[float], others: float, reach: float
) -> None:
    def expected(cut: float) -> float:
        dropped = sum(q for q in wrong if q >= cut)
        kept = sum(1 - q for q in wrong if q < cut)
        p = (others + dropped + kept) / (len(wrong) + others / reach)
        r = dropped / sum(wrong)
        return 2 * p * r / (p + r)

    assert expected(official_cut(wrong, others, reach)) == pytest.approx(max(map(expected, wrong)))


def test_the_smallest_cut_keeps_what_is_asked() -> None:
    p, right = [0.9, 0.8, 0.7, 0.6, 0.6], [True, True, False, True, True]
    assert smallest_cut(p, right, 0.8) == 0.6
    assert smallest_cut(p, right, 1.0) == 0.8
    assert smallest_cut([0.9], [False], 0.5) > 1
    assert smallest_cut([], [], 0.5) > 1
