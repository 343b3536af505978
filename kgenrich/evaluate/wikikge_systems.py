"""What each system says of WikiKGE-10, and the figures that come of it.

``m-nta`` is the published vote (scores of 2 for coverage, 1 for precision), ``untrained`` the
best rule found without training, ``shipped`` the model in the package, ``cross-validated`` and
``unseen-language`` its siblings that have not seen the entity or the language, ``oracle`` a
perfect choice among the recorded answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec import Struct, to_builtins

from kgenrich.consensus.calibration import calibration_error, f1_cut, official_cut, reliability
from kgenrich.consensus.ranker import Judged, Model
from kgenrich.consensus.vote import COVERAGE_SCORE, PRECISION_SCORE
from kgenrich.evaluate.wikikge import Item, Score, coverage, errors, normal, precision
from kgenrich.evaluate.wikikge_train import FOLDS, fold, graph_of, names_of

ORDER = ("m-nta", "untrained", "shipped", "cross-validated", "unseen-language", "oracle")

Names = list[list[str]]
Pick = Callable[[Item], Model | None]
"""Which model may judge an item; None for none."""


class Answers(Struct, frozen=True):
    """What a system says of the items of one language: names proposed for coverage, names left
    standing or added for precision, and names of the graph called wrong."""

    coverage: Names
    precision: Names
    wrong: Names


SCORERS: dict[str, Callable[[Sequence[Item], Answers], Score]] = {
    "coverage": lambda items, given: coverage(items, given.coverage),
    "precision": lambda items, given: precision(items, given.precision),
    "error": lambda items, given: errors(items, given.wrong),
}


class Judgement(Struct, frozen=True):
    """A model's probabilities for the items of one language."""

    judged: list[list[Judged]]
    wrong: list[list[float]]
    reach: float


def m_nta(items: Sequence[Item]) -> Answers:
    """The vote as published."""
    kept = [_at_least(item, PRECISION_SCORE) for item in items]
    return Answers(
        [_at_least(item, COVERAGE_SCORE) for item in items],
        kept,
        [_not_among(item.names, names) for item, names in zip(items, kept, strict=True)],
    )


def untrained(items: Sequence[Item]) -> Answers:
    """Coverage: the score without GPT-4's answer, plus half a point for each language model that
    holds the name, at least 1.5; else the best-scored name. Precision: labels stand, aliases with
    a score of 3 stand, every other candidate is added."""
    proposed, standing, wrong = [], [], []
    for item in items:
        points: dict[str, float] = dict(item.scores)
        for model, names in item.models.items():
            for name in set(names):
                points[name] = points.get(name, 0) + (0.5 if model != "gpt-4" else -0.5)
        kept = [name for name, value in points.items() if value >= 1.5]
        best = max(item.scores, key=lambda name: item.scores[name], default=None)
        proposed.append(kept or ([] if best is None else [best]))
        labels = {n for n, first in zip(item.names, item.primary, strict=True) if first}
        stand = {normal(n) for n in [*labels, *_at_least(item, 3)]}
        bad = [name for name in item.names if normal(name) not in stand]
        wrong.append(bad)
        standing.append(_not_among([*item.names, *item.scores], bad))
    return Answers(proposed, standing, wrong)


def oracle(items: Sequence[Item]) -> Answers:
    """The right names among the recorded answers; for precision also those of the graph."""
    proposed, standing = [], []
    for item in items:
        gold = {normal(name) for name in item.correct}
        offered = list(dict.fromkeys(chain(item.scores, *item.models.values())))
        proposed.append([name for name in offered if normal(name) in gold])
        bad = {normal(name) for name in item.incorrect}
        standing.append([n for n in [*offered, *item.names] if normal(n) not in bad])
    return Answers(proposed, standing, [list(item.incorrect) for item in items])


def judge(items: Sequence[Item], pick: Pick) -> Judgement:
    """The probabilities of the items of one language, each by the model that may judge it."""
    judged: list[list[Judged]] = [[] for _ in items]
    wrong: list[list[float]] = [[] for _ in items]
    by_model: dict[int, list[int]] = defaultdict(list)
    models: dict[int, Model] = {}
    for place, item in enumerate(items):
        if (model := pick(item)) is not None:
            models[id(model)] = model
            by_model[id(model)].append(place)
    for key, places in by_model.items():
        model = models[key]
        sets = [names_of(items[place]) for place in places]
        codes = [items[place].language for place in places]
        graphs = [graph_of(items[place]) for place in places]
        for place, names in zip(places, model.judge(sets, codes), strict=True):
            judged[place] = names
        for place, doubts in zip(places, model.wrong(graphs, sets, codes), strict=True):
            wrong[place] = doubts
    reach = sum(model.reach for model in models.values()) / max(1, len(models))
    return Judgement(judged, wrong, reach)


def trained(items: Sequence[Item], by: Judgement) -> Answers:
    """The choices that maximise the expected figures, given nothing but the probabilities."""
    cut = f1_cut([name.probability for names in by.judged for name in names], by.reach)
    proposed = [[n.text for n in names if n.probability >= cut] for names in by.judged]
    flat = [q for of_item in by.wrong for q in of_item]
    error_cut = f1_cut(flat)
    others = sum(
        name.probability
        for item, names in zip(items, by.judged, strict=True)
        for known in [{normal(n) for n in item.names}]
        for name in names
        if normal(name.text) not in known
    )
    drop_cut = official_cut(flat, others, by.reach)
    standing, wrong = [], []
    for item, names, of_item in zip(items, by.judged, by.wrong, strict=True):
        wrong.append([n for n, q in zip(item.names, of_item, strict=True) if q >= error_cut])
        dropped = [n for n, q in zip(item.names, of_item, strict=True) if q >= drop_cut]
        stand = _not_among(item.names, dropped)
        added = _not_among([name.text for name in names], dropped)
        standing.append([*stand, *added])
    return Answers(proposed, standing, wrong)


def systems(
    by_language: Mapping[str, Sequence[Item]], models: Mapping[str, Model]
) -> tuple[dict[str, dict[str, Answers]], dict[str, dict[str, Judgement]]]:
    """The answers and the judgements of every system by name and language."""
    picks: dict[str, Pick] = {
        "shipped": lambda item: models["shipped"],
        "cross-validated": lambda item: models[f"fold-{fold(item.id)}"],
        "unseen-language": lambda item: models.get(f"without-{item.language}"),
    }
    judgements = {
        name: {code: judge(items, pick) for code, items in by_language.items()}
        for name, pick in picks.items()
    }
    answers = {
        name: {code: rule(items) for code, items in by_language.items()}
        for name, rule in (("m-nta", m_nta), ("untrained", untrained), ("oracle", oracle))
    }
    for name, by_code in judgements.items():
        answers[name] = {code: trained(items, by_code[code]) for code, items in by_language.items()}
    return answers, judgements


def report(
    by_language: Mapping[str, Sequence[Item]], models: Mapping[str, Model]
) -> dict[str, Any]:
    """``{"coverage"|"precision"|"error": {system: {language|"mean": {p, r, f1}}},
    "calibration": {system: {"ece", "ece_of_sources", "languages", "table"}}}``."""
    answers, judgements = systems(by_language, models)
    result: dict[str, Any] = {
        task: {
            system: _with_mean(
                {c: scorer(items, answers[system][c]) for c, items in by_language.items()}
            )
            for system in ORDER
        }
        for task, scorer in SCORERS.items()
    }
    result["calibration"] = {
        system: _calibration(by_language, by_code) for system, by_code in judgements.items()
    }
    return result


def by_fold(
    by_language: Mapping[str, Sequence[Item]], models: Mapping[str, Model]
) -> dict[str, list[dict[str, float]]]:
    """The spread: mean F1 over languages of the cross-validated model on each fold alone, with
    the cut chosen there, and what it gains over M-NTA on the same entities."""
    result: dict[str, list[dict[str, float]]] = {task: [] for task in SCORERS}
    for part in range(FOLDS):
        subset = {
            code: [item for item in items if fold(item.id) == part]
            for code, items in by_language.items()
        }
        model = models[f"fold-{part}"]
        given = {
            code: (trained(items, judge(items, lambda item, model=model: model)), m_nta(items))  # type: ignore[misc]
            for code, items in subset.items()
        }
        for task, scorer in SCORERS.items():
            ours = _mean_f1(scorer(subset[code], pair[0]) for code, pair in given.items())
            base = _mean_f1(scorer(subset[code], pair[1]) for code, pair in given.items())
            result[task].append({"cross-validated": ours, "m-nta": base, "gain": ours - base})
    return result


def _mean_f1(scores: Iterable[Score]) -> float:
    values = [found.f1 for found in scores]
    return sum(values) / max(1, len(values))


def _calibration(
    by_language: Mapping[str, Sequence[Item]], by_code: Mapping[str, Judgement]
) -> dict[str, Any]:
    every: list[tuple[float, bool]] = []
    given: list[tuple[float, bool]] = []
    languages = {}
    for code, items in by_language.items():
        own = [
            (name.probability, normal(name.text) in gold, name.rule)
            for item, names in zip(items, by_code[code].judged, strict=True)
            for gold in [{normal(text) for text in item.correct}]
            for name in names
        ]
        every += [(p, right) for p, right, _ in own]
        given += [(p, right) for p, right, rule in own if not rule]
        languages[code] = calibration_error([o[0] for o in own], [o[1] for o in own])
    return {
        "ece": calibration_error(*_split(every)),
        "ece_of_sources": calibration_error(*_split(given)),
        "languages": languages,
        "table": to_builtins(reliability(*_split(every))),
    }


def _split(pairs: Sequence[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [p for p, _ in pairs], [right for _, right in pairs]


def _with_mean(scores: Mapping[str, Score]) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {code: to_builtins(s) for code, s in scores.items()}
    size = max(1, len(table))
    table["mean"] = {
        part: sum(row[part] for row in table.values()) / size for part in ("p", "r", "f1")
    }
    return table


def _at_least(item: Item, score: int) -> list[str]:
    return [name for name, value in item.scores.items() if value >= score]


def _not_among(names: Iterable[str], others: Iterable[str]) -> list[str]:
    known = {normal(name) for name in others}
    return [name for name in names if normal(name) not in known]
