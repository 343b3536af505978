"""What people's decisions say: agreement beside the reference package, precision, time."""

from __future__ import annotations

import math

import krippendorff
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.evaluate.agreement import alpha, pairs
from kgenrich.evaluate.review import REJECTED, minutes, people, plot, report, units
from kgenrich.model import TermKind, Verdict
from kgenrich.store.story.judgements import Judgement

ACCEPT, REJECT, EDIT = Verdict.ACCEPT, Verdict.REJECT, Verdict.EDIT


def said(
    author: str, candidate: str, verdict: Verdict = ACCEPT, p: float = 0.9, **more: object
) -> Judgement:
    at = f"2026-01-02T03:00:{more.pop('second', 0):02}+00:00"
    given = {"action": f"{author}{candidate}", "holds": True, "text": candidate, **more}
    told = (author, candidate, candidate, "it", TermKind.LABEL, verdict)
    return Judgement(*told, probability=p, ranker="pool", at=at, **given)  # type: ignore[arg-type]


@given(
    st.lists(
        st.lists(st.sampled_from((1, 2, 3, None)), min_size=3, max_size=3), min_size=2, max_size=12
    )
)
def test_alpha_is_that_of_the_reference(table: list[list[int | None]]) -> None:
    values = [[one for one in unit if one is not None] for unit in table]
    mine = alpha(values)
    shared = {one for unit in values if len(unit) > 1 for one in unit}
    if len(shared) < 2:
        assert mine is None
        return
    data = [[math.nan if one is None else one for one in row] for row in zip(*table, strict=True)]
    theirs = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert mine == pytest.approx(theirs)


def test_pairs_of_people() -> None:
    told = [{"ann": 1, "ben": 1, "eve": 2}, {"ann": 1, "ben": 2}, {"eve": 3}]
    assert pairs(told) == {("ann", "ben"): (2, 1), ("ann", "eve"): (1, 0), ("ben", "eve"): (1, 0)}


def test_precision_at_thresholds_counts_what_holds() -> None:
    every = [said("ann", f"c{n}", REJECT if n == 0 else ACCEPT, 0.6 + 0.05 * n) for n in range(7)]
    every.append(said("ben", "c1", REJECT, 0.65, holds=False))
    told = report(every)
    cuts = {cut["over"]: (cut["decided"], cut["right"]) for cut in told["all"]["cuts"]}
    assert cuts == {0.5: (7, 6), 0.7: (5, 5), 0.8: (3, 3), 0.9: (1, 1), 0.95: (0, 0)}
    assert told["slices"]["it label"]["decided"] == 7
    assert told["reviewers"]["ben"]["cuts"][0]["right"] == 0
    assert told["agreement"]["units"] == 1
    assert told["agreement"]["pairs"] == [{"people": ["ann", "ben"], "both": 1, "same": 0}]
    assert "ben" in plot(every) and plot(every).startswith("<svg")


def test_an_edit_is_not_right_as_it_stood() -> None:
    told = report([said("ann", "a", EDIT, text="b"), said("ann", "b")])
    assert told["all"]["cuts"][0]["right"] == 1
    (person,) = people([said("ann", "a", EDIT, text="b"), said("ann", "b")])
    assert (person.accepted, person.edited, person.rejected) == (1, 1, 0)


def test_the_same_wording_is_agreement() -> None:
    first = replace(said("ann", "a"), subject="term", text="Roma")
    other = replace(said("ben", "b", EDIT), subject="term", text="Roma")
    assert units([first, other]) == [{"ann": "Roma", "ben": "Roma"}]
    assert units([replace(first, verdict=REJECT)]) == [{"ann": f"{REJECTED} a"}]


def test_known_terms_measure_people_and_count_for_nothing_else() -> None:
    every = [
        said("ann", "Roma", held=("Roma", "Urbs")),
        said("ann", "Rome", held=("Roma",)),
        said("ann", "Rom", REJECT, held=("Roma",)),
        said("ann", "x"),
    ]
    told = report(every)
    assert told["all"]["decided"] == 1
    assert told["known"] == {"judged": 3, "rightly": 2, "terms": 3, "right": 1}
    assert (told["people"][0]["known"], told["people"][0]["known_right"]) == (3, 2)


def test_minutes_without_pauses() -> None:
    at = [0, 6, 12, 18]
    steady = [said("ann", str(n), second=second) for n, second in enumerate(at)]
    assert minutes(steady) == pytest.approx(10)
    away = replace(said("ann", "z"), at="2026-01-02T09:00:00+00:00")
    assert minutes([*steady, away]) == pytest.approx(10)
    together = [replace(one, action="all") for one in steady[1:]]
    assert minutes([steady[0], *together]) == pytest.approx(18 / 3 / 60 * 100)
    assert minutes([said("ann", "a")]) is None
