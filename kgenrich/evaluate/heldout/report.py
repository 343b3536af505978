"""What the outcomes of hidden terms say: figures, thresholds to decide by, and reliability, also as
a picture: what was said to be so probable, and how often it was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.evaluate import reliability as by_tenths
from kgenrich.evaluate.heldout.outcomes import Outcome, Unit
from kgenrich.evaluate.reliability import WANTED, Bin, calibration_error, smallest_cut
from kgenrich.model import TermKind

ALL = "all"
"""Stands for all languages together."""

Lines = Mapping[str, Sequence[Bin]]
"""Reliability tables by name, drawn as one line each."""

SURE = 0.9
"""The probability at which slices are looked at."""

COLOURS = ("#06c", "#c50", "#383", "#939")
_SIDE, _LEFT, _TOP, _GAP = 150, 46, 40, 34
_FONT = 'font-family="sans-serif" font-size="11" fill="#333"'
_DOT = 9.0
"""The radius of a tenth that holds all proposals of its line; areas are in proportion."""


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


class Threshold(Struct, frozen=True):
    """The lowest ``probability`` over which at least ``wanted`` was right on one half of what was
    hidden (None if there is none), and what it gives on the other half: the number ``answered``,
    their ``share`` of what was requested, and how many of them were ``right``, as a share."""

    wanted: float
    probability: float | None
    answered: int = 0
    share: float = 0.0
    right: float = 0.0


class Slice(Struct, frozen=True):
    """Figures over the proposals of one slice: how many, those with a probability of `SURE` or more
    (``sure``), how many of these were right, as a share, and the expected calibration error."""

    proposed: int
    sure: int
    sure_right: float
    ece: float


def slices(outcomes: Sequence[Outcome]) -> dict[str, Slice]:
    """Figures by slice (`kgenrich.evaluate.heldout.slices`), in the order of their names."""
    held: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for name in outcome.slices:
            held.setdefault(name, []).append(outcome)
    result = {}
    for name, mine in sorted(held.items()):
        sure = [o.right for o in mine if o.probability >= SURE]
        error = calibration_error(*_proposed(mine))
        result[name] = Slice(len(mine), len(sure), sum(sure) / max(1, len(sure)), error)
    return result


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
        there = score(second, cut)
        answered = there.answered / max(1, there.requested)
        found = cut, there.answered, answered, there.precision
        result.append(Threshold(share, *found) if cut <= 1 else Threshold(share, None))
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
    ``thresholds`` the fields of `Threshold`, ``slices`` those of `Slice` by name."""
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

    def panel(language: str, kind: TermKind) -> tuple[str, dict[str, list[Bin]]]:
        lines = {
            f"{unit}s hidden": reliability([o for o in of_unit if _is(o, language, kind)])
            for unit, of_unit in by_unit.items()
        }
        return f"{language} {kind}", lines

    return reliability_plot([[panel(code, kind) for kind in kinds] for code in (ALL, *languages)])


def _is(outcome: Outcome, language: str, kind: TermKind) -> bool:
    return outcome.kind is kind and language in (outcome.language, ALL)


def _cell(outcomes: Sequence[Outcome], minimum: float) -> dict[str, Any]:
    return _rounded(score(outcomes, minimum), 4) | {
        "reliability": [_rounded(row) for row in reliability(outcomes)],
        "thresholds": [_rounded(row) for row in thresholds(outcomes)],
        "slices": {name: _rounded(row, 4) for name, row in slices(outcomes).items()},
    }


def _rounded(row: Struct, digits: int = 6) -> dict[str, Any]:
    return {k: round(v, digits) if isinstance(v, float) else v for k, v in asdict(row).items()}


def _proposed(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    proposed = [o for o in outcomes if o.text]
    return [o.probability for o in proposed], [o.right for o in proposed]


def reliability_plot(rows: Sequence[Sequence[tuple[str, Lines]]]) -> str:
    """An SVG picture: rows of panels, each with a title and its lines.

    A panel has the mean probability from left to right and the share that was right from bottom
    to top, both from 0 to 1; on the diagonal probabilities are what they say. Each dot is a tenth
    of probability, as large as it has proposals.
    """
    width = _LEFT + max(map(len, rows), default=0) * (_SIDE + _GAP)
    height = _TOP + len(rows) * (_SIDE + _GAP)
    names = dict.fromkeys(name for row in rows for _, lines in row for name in lines)
    colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(names)}
    legend = "".join(
        f'<tspan fill="{colour}" dx="12">{escape(name)}</tspan>' for name, colour in colours.items()
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="4" y="14" {_FONT}>right by probability:{legend}</text>',
    ]
    for down, row in enumerate(rows):
        for across, (title, lines) in enumerate(row):
            x, y = _LEFT + across * (_SIDE + _GAP), _TOP + down * (_SIDE + _GAP)
            parts.append(f'<g transform="translate({x},{y})">{_panel(title, lines, colours)}</g>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(title: str, lines: Lines, colours: Mapping[str, str]) -> str:
    parts = [
        f'<text x="0" y="-5" {_FONT}>{escape(title)}</text>',
        f'<path d="M0 0V{_SIDE}H{_SIDE}" fill="none" stroke="#888"/>',
        f'<path d="M0 {_SIDE}L{_SIDE} 0" stroke="#ccc"/>',
    ]
    for mark in (0, 0.5, 1):
        at = _SIDE - mark * _SIDE
        parts.append(f'<text x="-6" y="{at + 4:g}" text-anchor="end" {_FONT}>{mark:g}</text>')
        if mark:
            parts.append(f'<text x="{_SIDE - at:g}" y="{_SIDE + 13}" {_FONT}>{mark:g}</text>')
    for name, table in lines.items():
        total = sum(row.count for row in table)
        dots = [
            (row.expected * _SIDE, _SIDE - row.right * _SIDE, _DOT * (row.count / total) ** 0.5)
            for row in table
        ]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
        colour = colours[name]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{max(r, 1):.1f}" fill="{colour}"'
            ' fill-opacity="0.6"/>'
            for x, y, r in dots
        ]
    return "".join(parts)
