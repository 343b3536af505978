"""Calibrating probabilities by what people decided: a logistic curve (Platt, 1999) for all, one for
each kind of term, and one for each language and kind.

Each curve is drawn towards the wider one, and that of all towards the identity, as if by a few
decisions that agree with it: few decisions change little, many what they say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct, json

from kgenrich.consensus.candidate_groups import Group
from kgenrich.consensus.rankers import Ranker
from kgenrich.model import TermKind, TermRequest, content_id

MARK = "+people-"
"""Stands in the name of a ranker before that of the calibration."""
ALL = "all"
_STRENGTH = 50.0
"""What the wider curve counts for."""
_STEPS = 50
_LEAST_SLOPE = 0.1
_EDGE = 1e-6


class Curve(Struct, frozen=True):
    """``sigmoid(shift + slope * logit(p))``, fitted to so many ``decided``."""

    shift: float = 0.0
    slope: float = 1.0
    decided: int = 0

    def __call__(self, probability: float) -> float:
        """The calibrated probability."""
        return float(_sigmoid(self.shift + self.slope * _logit(probability)))

    def before(self, probability: float) -> float:
        """The probability that was calibrated to this one."""
        return float(_sigmoid((_logit(probability) - self.shift) / self.slope))


IDENTITY = Curve()


class Calibration(Struct, frozen=True):
    """The curves by slice: ``all``, a kind, or a language and a kind."""

    curves: Mapping[str, Curve] = {}

    @property
    def name(self) -> str:
        """Stands for the curves in the name of a ranker."""
        return content_id(json.encode(self).decode())[:8]

    def curve(self, language: str, kind: TermKind) -> Curve:
        """The narrowest curve that there is."""
        for slice in (f"{language} {kind}", str(kind), ALL):
            if slice in self.curves:
                return self.curves[slice]
        return IDENTITY


class Decided(Struct, frozen=True):
    """What people decided of a proposal: was it right, and how probable did it seem before any
    calibration?"""

    language: str
    kind: TermKind
    probability: float
    right: bool


def fit(decided: Iterable[Decided]) -> Calibration:
    """The curves of all slices in which something was decided."""
    by_slice: dict[str, list[Decided]] = defaultdict(list)
    wider: dict[str, str] = {}
    for one in decided:
        slice, kind = f"{one.language} {one.kind}", str(one.kind)
        wider |= {slice: kind, kind: ALL}
        for name in (ALL, kind, slice):
            by_slice[name].append(one)
    curves: dict[str, Curve] = {}
    for name in sorted(by_slice, key=lambda name: (name != ALL, wider.get(name) != ALL, name)):
        curves[name] = _fitted(by_slice[name], curves.get(wider.get(name, ""), IDENTITY))
    return Calibration(curves)


def _fitted(decided: Sequence[Decided], wider: Curve) -> Curve:
    """Newton's method on the likelihood with a normal prior around the wider curve."""
    x = np.array([[1.0, _logit(one.probability)] for one in decided])
    y = np.array([float(one.right) for one in decided])
    middle = np.array([wider.shift, wider.slope])
    at = middle.copy()
    for _ in range(_STEPS):
        p = _sigmoid(x @ at)
        slope = x.T @ (p - y) + _STRENGTH * (at - middle)
        bend = (x * (p * (1 - p))[:, None]).T @ x + _STRENGTH * np.eye(2)
        step = np.linalg.solve(bend, slope)
        # Steps are bounded, so that far from the solution none jumps over it.
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), _EDGE))
        at -= step
        if float(np.abs(step).max()) < _EDGE:
            break
    shift, least = float(at[0]), max(float(at[1]), _LEAST_SLOPE)
    return Curve(round(shift, 6), round(least, 6), len(decided))


class CalibratedRanker(Ranker):
    """A ranker whose probabilities are calibrated by what people decided."""

    def __init__(self, ranker: Ranker, calibration: Calibration) -> None:
        self._ranker = ranker
        self._calibration = calibration
        self.name = f"{ranker.name}{MARK}{calibration.name}"
        self.judges_variants = ranker.judges_variants

    def of(self, request: TermRequest, groups: Sequence[Group]) -> Ranker:
        return CalibratedRanker(self._ranker.of(request, groups), self._calibration)

    def rank(self, request: TermRequest, groups: Sequence[Group]) -> Sequence[float]:
        curve = self._calibration.curve(request.language, request.kind)
        return [curve(p) for p in self._ranker.rank(request, groups)]


def _logit(probability: float) -> float:
    p = min(max(probability, _EDGE), 1 - _EDGE)
    return float(np.log(p / (1 - p)))


def _sigmoid(value: np.ndarray | float) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -40, 40))))
