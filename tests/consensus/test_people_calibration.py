"""Calibrating by what people decided: much says much, little says little."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.consensus.people_calibration import ALL, IDENTITY, Calibration, Curve, Decided, fit
from kgenrich.model import Entity, TermKind
from kgenrich.settings import Settings
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.verbs.assembly import make_consensus
from kgenrich.verbs.calibrate import CalibrateOptions, calibrate
from kgenrich.verbs.workspace import Workspace
from tests.review.site import store_path
from tests.store.test_proposals import decision, proposal

LABEL, DESCRIPTION = TermKind.LABEL, TermKind.DESCRIPTION
PROBABILITIES = st.floats(0.001, 0.999)


def decided(number: int, p: float, truly: float, language: str = "th") -> list[Decided]:
    """What people decided of so many, of which a share was right."""
    chance = Random(7)
    return [Decided(language, LABEL, p, chance.random() < truly) for _ in range(number)]


def test_many_decisions_say_what_is_right() -> None:
    made = fit([*decided(2000, 0.9, 0.6), *decided(2000, 0.6, 0.3)])
    curve = made.curve("th", LABEL)
    assert curve(0.9) == pytest.approx(0.6, abs=0.04)
    assert curve(0.6) == pytest.approx(0.3, abs=0.04)


def test_few_decisions_say_little() -> None:
    made = fit(decided(1, 0.9, 0.0))
    assert 0.85 < made.curve("th", LABEL)(0.9) < 0.9
    assert fit([]).curve("th", LABEL) == IDENTITY


def test_a_slice_with_little_follows_the_wider_one() -> None:
    made = fit([*decided(500, 0.9, 0.5, "th"), *decided(3, 0.9, 1.0, "ja")])
    assert made.curve("ja", LABEL)(0.9) < 0.7
    assert made.curve("fr", LABEL) == made.curves["label"]
    assert made.curve("fr", DESCRIPTION) == made.curves[ALL]


@given(st.lists(st.tuples(PROBABILITIES, st.booleans()), max_size=30), PROBABILITIES, PROBABILITIES)
def test_a_curve_keeps_the_order_and_can_be_turned_back(
    seen: list[tuple[float, bool]], one: float, other: float
) -> None:
    made = fit(Decided("th", LABEL, p, right) for p, right in seen)
    curve = made.curve("th", LABEL)
    low, high = sorted((one, other))
    assert 0 <= curve(low) <= curve(high) <= 1
    if 1e-4 < curve(one) < 1 - 1e-4:
        assert curve.before(curve(one)) == pytest.approx(one, abs=1e-3)
    assert (
        Calibration({"x": Curve(1.0, 2.0, 3)}).name == Calibration({"x": Curve(1.0, 2.0, 3)}).name
    )


def test_it_is_fed_back_and_fitting_again_changes_nothing(tmp_path: Path) -> None:
    opened = open_store(store_path(tmp_path), create=True)
    load_entities(opened, [Entity(f"Q{n}") for n in range(1, 31)])
    every = [proposal(f"Q{n}", "x", "th", probability=0.9) for n in range(1, 31)]
    save_proposals(opened, 1, every, {})
    workspace = Workspace(Settings(store=store_path(tmp_path)))  # type: ignore[call-arg]
    plain = make_consensus(workspace.settings, (LABEL,), store=opened).ranker.name
    from kgenrich.model import Verdict

    for n, one in enumerate(every):
        verdict = Verdict.REJECT if n % 2 else Verdict.ACCEPT
        save_decisions(opened, [decision(one, verdict, probability=0.9, ranker=plain)])
    tried = calibrate(workspace, CalibrateOptions(dry_run=True))
    assert make_consensus(workspace.settings, (LABEL,), store=opened).ranker.name == plain
    made = calibrate(workspace, CalibrateOptions())
    assert tried == made and made.slices["th label"]["decided"] == 30
    assert 0.45 < made.slices["th label"]["0.9"] < 0.7
    ranker = make_consensus(workspace.settings, (LABEL,), store=opened).ranker
    assert ranker.name == f"{plain}+people-{made.name}"
    # The same decisions, made of calibrated proposals: they say the same.
    shown = made.slices["th label"]["0.9"]
    for n, one in enumerate(every):
        verdict = Verdict.REJECT if n % 2 else Verdict.ACCEPT
        told = {"probability": shown, "ranker": ranker.name, "comment": "again"}
        save_decisions(opened, [decision(one, verdict, **told)])
    again = calibrate(workspace, CalibrateOptions())
    assert again.slices["th label"]["0.9"] == pytest.approx(shown, abs=0.01)
    assert calibrate(workspace, CalibrateOptions(forget=True)).name == ""
    assert make_consensus(workspace.settings, (LABEL,), store=opened).ranker.name == plain
    workspace.close()
    opened.close()
