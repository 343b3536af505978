"""What the outcomes of hidden terms say: figures, reliability, and thresholds to decide by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.evaluate import reliability as by_tenths
from kgenrich.evaluate.heldout.hiding import Unit
from kgenrich.evaluate.heldout.outcomes import Outcome
from kgenrich.evaluate.heldout.reliability_plot import reliability_plot
from kgenrich.evaluate.reliability import WANTED, Bin, calibration_error, smallest_cut
from kgenrich.model import TermKind

ALL = "all"
"""Stands for all languages together."""


class Score(Struct, frozen=True):
    """Figures over one set of hidden terms.

    ``answered`` are the proposals at or above the asked probability; ``precision`` is over those,
    ``recall`` over everything requested; ``ece`` is the expected calibration error (ten equal
    bins) over every best proposal, answered or not.
    """

    requested: int
    answered: int
    precision: float
    recall: float
    f1: float
    ece: float

    def figures(self) -> dict[str, Any]:
        """As printed and as JSON."""
        return _rounded(self, 4)


class Threshold(Struct, frozen=True):
    """The lowest ``probability`` over which at least ``wanted`` was right on one half of what was
    hidden (None if there is none), and what it gives on the other half: the number ``answered``,
    their ``share`` of what was requested, and how many of them were ``right``, as a share."""

    wanted: float
    probability: float | None
    answered: int = 0
    share: float = 0.0
    right: float = 0.0


def score(outcomes: Sequence[Outcome], minimum: float) -> Score:
    """Figures at one operating point."""
    answered = [o for o in outcomes if o.text and o.probability >= minimum]
    right = sum(o.right for o in answered)
    precision, recall = right / max(1, len(answered)), right / max(1, len(outcomes))
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    ece = calibration_error(*_proposed(outcomes))
    return Score(len(outcomes), len(answered), precision, recall, f1, ece)


def reliability(outcomes: Sequence[Outcome]) -> list[Bin]:
    """How far the probabilities of the best proposals can be believed, by tenths."""
    return by_tenths.reliability(*_proposed(outcomes))


def thresholds(outcomes: Sequence[Outcome], wanted: Sequence[float] = WANTED) -> list[Threshold]:
    """A threshold for each wanted share of right answers, chosen on the first half."""
    first, second = ([o for o in outcomes if o.half == half] for half in (0, 1))
    result = []
    for share in wanted:
        cut = smallest_cut(*_proposed(first), share)
        if cut > 1:
            result.append(Threshold(share, None))
            continue
        there = score(second, cut)
        answered = there.answered / max(1, there.requested)
        result.append(Threshold(share, cut, there.answered, answered, there.precision))
    return result


def report(
    by_unit: Mapping[Unit, Sequence[Outcome]],
    languages: Sequence[str],
    kinds: Sequence[TermKind],
    minimum: float,
) -> dict[str, dict[str, dict[str, Any]]]:
    """``{language: {kind: {requested, answered, precision, recall, f1, ece, reliability,
    thresholds}}}`` with items hidden; the figures with clusters hidden stand under ``clusters`` in
    each, those over all languages under the language ``all``. ``reliability`` has a row
    ``{low, count, expected, right}`` for each tenth of probability that has proposals,
    ``thresholds`` the fields of `Threshold`."""
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for language in (*languages, ALL):
        for kind in kinds:
            items, clusters = (
                _cell([o for o in by_unit[unit] if _is(o, language, kind)], minimum)
                for unit in ("item", "cluster")
            )
            result.setdefault(language, {})[str(kind)] = items | {"clusters": clusters}
    return result


def picture(
    by_unit: Mapping[Unit, Sequence[Outcome]], languages: Sequence[str], kinds: Sequence[TermKind]
) -> str:
    """The reliability as an SVG picture: a row for each language and for all together, in it a
    panel for each kind."""
    return reliability_plot(
        [
            [
                (
                    f"{language} {kind}",
                    {
                        f"{unit}s hidden": reliability([o for o in of if _is(o, language, kind)])
                        for unit, of in by_unit.items()
                    },
                )
                for kind in kinds
            ]
            for language in (ALL, *languages)
        ]
    )


def _is(outcome: Outcome, language: str, kind: TermKind) -> bool:
    return outcome.kind is kind and language in (outcome.language, ALL)


def _cell(outcomes: Sequence[Outcome], minimum: float) -> dict[str, Any]:
    return score(outcomes, minimum).figures() | {
        "reliability": [_rounded(row) for row in reliability(outcomes)],
        "thresholds": [_rounded(row) for row in thresholds(outcomes)],
    }


def _rounded(row: Struct, digits: int = 6) -> dict[str, Any]:
    return {k: round(v, digits) if isinstance(v, float) else v for k, v in asdict(row).items()}


def _proposed(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    proposed = [o for o in outcomes if o.text]
    return [o.probability for o in proposed], [o.right for o in proposed]
