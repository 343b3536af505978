"""The figures of every system on WikiKGE-10, their calibration and their spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict, astuple

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.learned_ranker import Model
from kgenrich.consensus.ranker_training import FOLDS, fold
from kgenrich.evaluate.wikikge.benchmark import Item, Score, coverage, errors, precision
from kgenrich.evaluate.wikikge.calibration import calibration
from kgenrich.evaluate.wikikge.systems import Answers, systems

ORDER = ("m-nta", "untrained", "shipped", "cross-validated", "unseen-language", "oracle")

SCORERS: dict[str, Callable[[Sequence[Item], Answers], Score]] = {
    "coverage": lambda items, given: coverage(items, given.coverage),
    "precision": lambda items, given: precision(items, given.precision),
    "error": lambda items, given: errors(items, given.wrong),
}

JUDGED: dict[str, Callable[[Item], bool]] = {
    "coverage": lambda item: bool(item.correct),
    "precision": lambda item: bool(item.incorrect),
    "error": lambda item: not set(item.incorrect).isdisjoint(item.names),
}
"""Which items give a task something to find. Where none of a language does, its figures are not
defined: a part of the benchmark may hold such."""


def report(
    by_language: Mapping[str, Sequence[Item]],
    models: Mapping[str, Model],
    *,
    spread: bool = False,
    encoder: Encoder | None = None,
) -> dict[str, Any]:
    """Every figure: ``{"coverage"|"precision"|"error": {system: {language|"mean": {p, r, f1}}},
    "calibration": {system: ...}}`` (see `kgenrich.evaluate.wikikge.calibration`).

    With ``spread`` there are also the figures by ``folds``. A language without anything to find
    for a task has None for figures there and no part in the mean.
    """
    answers, judgements = systems(by_language, models, encoder)
    result: dict[str, Any] = {
        task: {
            system: _with_mean(
                {
                    c: scorer(items, answers[system][c]) if any(map(JUDGED[task], items)) else None
                    for c, items in by_language.items()
                }
            )
            for system in ORDER
        }
        for task, scorer in SCORERS.items()
    }
    result["calibration"] = {
        system: calibration(by_language, by_code) for system, by_code in judgements.items()
    }
    if spread:
        result["folds"] = _spread(by_language, answers)
    return result


def _spread(
    by_language: Mapping[str, Sequence[Item]], answers: Mapping[str, Mapping[str, Answers]]
) -> dict[str, list[dict[str, float]]]:
    """Mean F1 over languages on each fold alone, and what is gained over M-NTA there."""
    result: dict[str, list[dict[str, float]]] = {task: [] for task in SCORERS}
    for part in range(FOLDS):
        places = {
            code: [place for place, item in enumerate(items) if fold(item.id) == part]
            for code, items in by_language.items()
        }
        for task, scorer in SCORERS.items():
            f1: dict[str, float] = {}
            for name in ("cross-validated", "m-nta"):
                scores = [
                    scorer([items[i] for i in places[code]], answers[name][code].at(places[code]))
                    for code, items in by_language.items()
                    if any(JUDGED[task](items[i]) for i in places[code])
                ]
                f1[name] = sum(score.f1 for score in scores) / max(1, len(scores))
            result[task].append(f1 | {"gain": f1["cross-validated"] - f1["m-nta"]})
    return result


def _with_mean(scores: Mapping[str, Score | None]) -> dict[str, dict[str, float | None]]:
    defined = [astuple(score) for score in scores.values() if score is not None]
    mean = [sum(column) / len(defined) for column in zip(*defined, strict=True)]
    return {
        code: dict.fromkeys(Score.__struct_fields__) if score is None else asdict(score)
        for code, score in {**scores, "mean": Score(*mean) if mean else None}.items()
    }
