"""Feeding back to the consensus what people decided."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, json
from msgspec.structs import asdict

from kgenrich.consensus.people_calibration import MARK, Calibration, Decided, fit
from kgenrich.model import Verdict
from kgenrich.store.base import Store
from kgenrich.store.story.calibrations import calibrations, save_calibration
from kgenrich.store.story.judgements import Judgement, judgements
from kgenrich.text import vote_key
from kgenrich.verbs.workspace import Options, Workspace

_SHOWN = (0.5, 0.7, 0.9)
_DECIDING = (Verdict.ACCEPT, Verdict.EDIT, Verdict.REJECT)


class CalibrateOptions(Options, frozen=True, kw_only=True):
    """``dry_run``: say what would be; ``forget``: have no calibration any more."""

    dry_run: bool = False
    forget: bool = False


class CalibrateReport(Struct, frozen=True):
    """The calibration that holds by its ``name`` (empty: none), and for each slice how much was
    decided, and what probabilities become, by what they were."""

    name: str
    slices: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        """The figures."""
        return asdict(self)


def calibrate(workspace: Workspace, options: CalibrateOptions) -> CalibrateReport:
    """Fit the calibration to all that people decided, and to the known terms that they judged; the
    next `enrich` uses it."""
    store = workspace.store
    if options.forget:
        if not options.dry_run:
            save_calibration(store, "", b"")
        return CalibrateReport("", {})
    made = fit(_decided(judgements(store), _kept(store)))
    name = made.name if made.curves else ""
    if not options.dry_run:
        save_calibration(store, name, json.encode(made))
    return CalibrateReport(
        name,
        {
            slice: {"decided": float(curve.decided)}
            | {f"{p:g}": round(curve(p), 3) for p in _SHOWN}
            for slice, curve in made.curves.items()
        },
    )


def current_calibration(store: Store) -> Calibration:
    """The calibration that holds."""
    name, kept = calibrations(store)
    return json.decode(kept[name], type=Calibration) if name in kept else Calibration()


def _kept(store: Store) -> dict[str, Calibration]:
    _, kept = calibrations(store)
    return {name: json.decode(curves, type=Calibration) for name, curves in kept.items()}


def _decided(said: list[Judgement], kept: dict[str, Calibration]) -> list[Decided]:
    """What was decided, with the probabilities as they were before any calibration."""
    found = {}
    for one in said:
        if one.verdict not in _DECIDING or not (one.holds or one.held):
            continue
        if one.held and one.verdict is Verdict.EDIT:
            # The text is no longer the one that was proposed.
            continue
        right = one.verdict is Verdict.ACCEPT
        if one.held:
            right = vote_key(one.text) in set(map(vote_key, one.held))
        name = one.ranker.rpartition(MARK)[2]
        p = one.probability
        if MARK in one.ranker and name in kept:
            p = kept[name].curve(one.language, one.kind).before(p)
        found[one.candidate] = Decided(one.language, one.kind, p, right)
    return [*found.values()]
