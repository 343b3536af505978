"""What the outcomes of held-out names say, by system and by slice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kgenrich.evaluate.names.name_outcomes import ALL, NameOutcome
from kgenrich.evaluate.reliability import calibration_error

THRESHOLDS = (0.5, 0.9, 0.95)
ENOUGH = 200
"""Answers of a slice from which a share of right ones says something."""

_SYSTEMS = (ALL, "names", "copy", "siblings", "phrases", "transliteration", "dictionaries")


def report(
    outcomes: Sequence[NameOutcome], languages: Sequence[str], seconds: float
) -> dict[str, Any]:
    """``{languages: {code: figures}, mean, slices: {name: figures}, systems: {system: {code:
    {top1, top3}}}, seconds}``; figures are those of `figures` for the system ``all``, ``mean`` the
    mean of the languages."""
    by_language = {code: [o for o in outcomes if o.language == code] for code in languages}
    names = dict.fromkeys(name for o in outcomes for name in o.slices if name not in by_language)
    of_languages = {code: figures(of) for code, of in by_language.items()}
    return {
        "languages": of_languages,
        "mean": _mean([of for of in of_languages.values() if of["asked"]]),
        "slices": {name: figures([o for o in outcomes if name in o.slices]) for name in names},
        "systems": {
            system: {code: _hits(of, system) for code, of in by_language.items()}
            for system in _SYSTEMS
            if any(system in o.answers for o in outcomes)
        },
        "seconds": round(seconds, 1),
    }


def figures(outcomes: Sequence[NameOutcome], system: str = ALL) -> dict[str, Any]:
    """How many were ``asked``, the shares with a right name first (``top1``) and among three
    (``top3``), the expected calibration error of the first answers (``ece``), and for each
    threshold the share ``answered``, how many that are, and the share ``right`` of them (None
    where there are none)."""
    first = [(o.answers[system][0][1], o.rank(system) == 1) for o in outcomes if o.answers[system]]
    thresholds = []
    for threshold in THRESHOLDS:
        right = [is_right for chance, is_right in first if chance >= threshold]
        thresholds.append(
            {
                "threshold": threshold,
                "answered": round(len(right) / max(1, len(outcomes)), 4),
                "answers": len(right),
                "right": round(sum(right) / len(right), 4) if right else None,
            }
        )
    chances, truth = [chance for chance, _ in first], [is_right for _, is_right in first]
    error = round(calibration_error(chances, truth), 4)
    return {**_hits(outcomes, system), "ece": error, "thresholds": thresholds}


def _hits(outcomes: Sequence[NameOutcome], system: str) -> dict[str, Any]:
    ranks = [outcome.rank(system) for outcome in outcomes]
    asked = max(1, len(ranks))
    return {
        "asked": len(ranks),
        "top1": round(sum(rank == 1 for rank in ranks) / asked, 4),
        "top3": round(sum(rank > 0 for rank in ranks) / asked, 4),
    }


def _mean(figures: Sequence[dict[str, Any]]) -> dict[str, float]:
    return {
        name: round(sum(of[name] for of in figures) / max(1, len(figures)), 4)
        for name in ("top1", "top3", "ece")
    }
