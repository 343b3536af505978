"""The figures of every system on WikiKGE-10, their spread, and how far its probabilities can be
believed: tables by language and by kind, and cuts that were chosen on one half of the entities and
hold on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import asdict, astuple

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.learned_ranker import Model
from kgenrich.consensus.ranker_training import FOLDS, fold
from kgenrich.evaluate.reliability import (
    WANTED,
    calibration_error,
    f1_cut,
    reliability,
    smallest_cut,
)
from kgenrich.evaluate.wikikge.benchmark import Item, Score, coverage, errors, normal, precision
from kgenrich.evaluate.wikikge.other_names import other_names
from kgenrich.evaluate.wikikge.systems import Answers, Judgement, systems

Scorer = Callable[[Sequence[Item], Sequence[Iterable[str]]], Score]

ORDER = ("m-nta", "untrained", "shipped", "cross-validated", "unseen-language", "oracle")

TASKS: dict[str, tuple[Scorer, Callable[[Item], object]]] = {
    "coverage": (coverage, lambda item: item.correct),
    "precision": (precision, lambda item: item.incorrect),
    "error": (errors, lambda item: not set(item.incorrect).isdisjoint(item.names)),
}
"""The scorer of each column of `Answers`, and which items give it something to find. Where none of
a language does, its figures are not defined: a part of the benchmark may hold such."""


def report(
    by_language: Mapping[str, Sequence[Item]],
    models: Mapping[str, Model],
    *,
    spread: bool = False,
    encoder: Encoder | None = None,
) -> dict[str, Any]:
    """Every figure: ``{"coverage"|"precision"|"error": {system: {language|"mean": {p, r, f1}}},
    "calibration": {system: ...}}`` (see `calibration`).

    ``other_names`` has by language what the entity's names in other languages could add
    (`kgenrich.evaluate.wikikge.other_names`), where any are known.
    With ``spread`` there are also the figures by ``folds``. A language without anything to find
    for a task has None for figures there and no part in the mean.
    """
    answers, judgements = systems(by_language, models, encoder)
    result: dict[str, Any] = {
        task: {
            system: _with_mean(
                {c: _score(task, items, answers[system][c]) for c, items in by_language.items()}
            )
            for system in ORDER
        }
        for task in TASKS
    }
    result["calibration"] = {
        system: calibration(by_language, by_code) for system, by_code in judgements.items()
    }
    added = {code: other_names(items) for code, items in by_language.items()}
    result["other_names"] = {code: asdict(of) for code, of in added.items() if of}
    if spread:
        result["folds"] = _spread(by_language, answers)
    return result


def _spread(
    by_language: Mapping[str, Sequence[Item]], answers: Mapping[str, Mapping[str, Answers]]
) -> dict[str, list[dict[str, float]]]:
    """Mean F1 over languages on each fold alone, and what is gained over M-NTA there."""
    result: dict[str, list[dict[str, float]]] = {task: [] for task in TASKS}
    for part in range(FOLDS):
        places = [
            [place for place, item in enumerate(items) if fold(item.id) == part]
            for items in by_language.values()
        ]
        for task in TASKS:
            f1: dict[str, float] = {}
            for name in ("cross-validated", "m-nta"):
                scores = [
                    _score(task, [items[i] for i in held], answers[name][code].at(held))
                    for (code, items), held in zip(by_language.items(), places, strict=True)
                ]
                defined = [score.f1 for score in scores if score is not None]
                f1[name] = sum(defined) / max(1, len(defined))
            result[task].append(f1 | {"gain": f1["cross-validated"] - f1["m-nta"]})
    return result


def _score(task: str, items: Sequence[Item], answers: Answers) -> Score | None:
    scorer, to_find = TASKS[task]
    return scorer(items, getattr(answers, task)) if any(map(to_find, items)) else None


def _with_mean(scores: Mapping[str, Score | None]) -> dict[str, dict[str, float | None]]:
    defined = [astuple(score) for score in scores.values() if score is not None]
    mean = [sum(column) / len(defined) for column in zip(*defined, strict=True)]
    return {
        code: dict.fromkeys(Score.__struct_fields__) if score is None else asdict(score)
        for code, score in {**scores, "mean": Score(*mean) if mean else None}.items()
    }


class Claim(Struct, frozen=True):
    """One probability and what came of it. ``kind``: a name that a source ``proposed``, a
    ``variant`` by rule (right or not), or a ``label`` or ``alias`` of the graph (wrong or not)."""

    entity: str
    language: str
    kind: str
    probability: float
    true: bool


def calibration(
    by_language: Mapping[str, Sequence[Item]], by_code: Mapping[str, Judgement]
) -> dict[str, Any]:
    """``{"ece", "ece_of_sources", "languages", "table", "by_language", "by_kind", "cuts",
    "error_cut"}``.

    ``ece`` and ``table`` are of all names proposed, variants by rule with them,
    ``ece_of_sources`` of those that a source gave; ``by_language`` and ``by_kind`` have both
    figures for each. ``cuts`` says for each wanted share of right names which probability
    reached it on one half of the entities, and how many names were at or above it on the other
    half, and right; ``error_cut`` the same for finding wrong names of the graph at the best F1.
    """
    claims = _claims(by_language, by_code)
    proposed = [claim for claim in claims if claim.kind in {"proposed", "variant"}]
    of_sources = [claim for claim in claims if claim.kind == "proposed"]
    languages = {
        code: _believed([c for c in proposed if c.language == code]) for code in by_language
    }
    return {
        "ece": calibration_error(*_columns(proposed)),
        "ece_of_sources": calibration_error(*_columns(of_sources)),
        "languages": {code: figures["ece"] for code, figures in languages.items()},
        "table": to_builtins(reliability(*_columns(proposed))),
        "by_language": languages,
        "by_kind": {
            kind: _believed([c for c in claims if c.kind == kind])
            for kind in ("proposed", "variant", "label", "alias")
        },
        "cuts": _cuts(of_sources),
        "error_cut": _error_cut(by_language, by_code),
    }


def _claims(
    by_language: Mapping[str, Sequence[Item]], by_code: Mapping[str, Judgement]
) -> list[Claim]:
    claims = []
    for code, items in by_language.items():
        judgement = by_code[code]
        for item, judged, wrong in zip(items, judgement.judged, judgement.wrong, strict=True):
            gold = {normal(text) for text in item.correct}
            for name in judged:
                kind, right = "variant" if name.rule else "proposed", normal(name.text) in gold
                claims.append(Claim(item.id, code, kind, name.probability, right))
            for text, primary, doubt in zip(item.names, item.primary, wrong, strict=True):
                kind, bad = "label" if primary else "alias", text in item.incorrect
                claims.append(Claim(item.id, code, kind, doubt, bad))
    return claims


def _columns(claims: Sequence[Claim]) -> tuple[list[float], list[bool]]:
    return [c.probability for c in claims], [c.true for c in claims]


def _believed(claims: Sequence[Claim]) -> dict[str, Any]:
    columns = _columns(claims)
    table = to_builtins(reliability(*columns))
    return {"names": len(claims), "ece": calibration_error(*columns), "table": table}


def half(entity: str) -> int:
    """The half of the data that an entity belongs to, 0 or 1, from a hash of its id."""
    return sha256(f"half {entity}".encode()).digest()[0] & 1


def _cuts(claims: Sequence[Claim]) -> list[dict[str, float]]:
    chosen, rest = ([c for c in claims if half(c.entity) == part] for part in (0, 1))
    all_right = sum(c.true for c in rest)
    rows = []
    for wanted in WANTED:
        cut = smallest_cut(*_columns(chosen), wanted)
        above = [c.true for c in rest if c.probability >= cut]
        found = {"names": len(above), "right": sum(above) / max(1, len(above))}
        share = sum(above) / max(1, all_right)
        rows.append({"wanted": wanted, "cut": cut, **found, "of_right": share})
    return rows


def _error_cut(
    by_language: Mapping[str, Sequence[Item]], by_code: Mapping[str, Judgement]
) -> dict[str, float]:
    """The one cut for all languages that expects the best F1 on one half; precision, recall and
    F1 of the other half there, all languages together."""
    halves: list[list[tuple[Item, list[float]]]] = [[], []]
    for code, items in by_language.items():
        for item, doubts in zip(items, by_code[code].wrong, strict=True):
            halves[half(item.id)].append((item, doubts))
    cut = f1_cut([doubt for _, doubts in halves[0] for doubt in doubts])
    called = [
        [name for name, doubt in zip(item.names, doubts, strict=True) if doubt >= cut]
        for item, doubts in halves[1]
    ]
    return {"cut": cut, **to_builtins(errors([item for item, _ in halves[1]], called))}
