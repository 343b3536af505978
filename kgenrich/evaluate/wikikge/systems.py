"""What each system says of WikiKGE-10, and the figures that come of it.

``m-nta`` is the published vote (scores of 2 for coverage, 1 for precision), ``untrained`` the
best rule found without training, ``shipped`` the model in the package, ``cross-validated`` and
``unseen-language`` its siblings that have not seen the entity or the language, ``oracle`` a
perfect choice among the recorded answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import astuple

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.candidate_features import Row
from kgenrich.consensus.decision_trees import Matrix
from kgenrich.consensus.feature_tables import candidate_table, graph_name_table
from kgenrich.consensus.learned_ranker import JudgedName, Model, judged_names
from kgenrich.consensus.ranker_training import fold
from kgenrich.consensus.rankers import COVERAGE_SCORE, PRECISION_SCORE
from kgenrich.evaluate.reliability import f1_cut, official_cut
from kgenrich.evaluate.wikikge.benchmark import Item, normal

Names = list[list[str]]
Pick = Callable[[Item], Model]
"""Which model may judge an item."""


class Answers(Struct, frozen=True):
    """What a system says of the items of one language: names proposed for coverage, names left
    standing or added for precision, and names of the graph called wrong."""

    coverage: Names
    precision: Names
    error: Names

    def at(self, places: Sequence[int]) -> Answers:
        """What it says of the items at these places."""
        return Answers(*([column[place] for place in places] for column in astuple(self)))


class Judgement(Struct, frozen=True):
    """A model's probabilities for the items of one language."""

    judged: list[list[JudgedName]]
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


class Described(Struct, frozen=True):
    """The items of one language with the features of their candidates, float32 of shape
    (candidates, columns), and of the names that the graph has, (names, columns)."""

    items: Sequence[Item]
    candidates: list[list[Row]]
    table: Matrix
    names: Matrix


def describe(items: Sequence[Item], encoder: Encoder | None = None) -> Described:
    """The features of all items of one language; no model is asked. No ``encoder`` is the shipped
    one."""
    entities = [item.entity_names for item in items]
    return Described(
        items, *candidate_table(entities, encoder), graph_name_table(entities, encoder)
    )


def judge(described: Described, pick: Pick) -> Judgement:
    """The probabilities of the items of one language, each by the model that may judge it."""
    chosen = [pick(item) for item in described.items]
    models = {id(model): model for model in chosen}
    judged: list[list[JudgedName]] = [[] for _ in chosen]
    doubts: list[list[float]] = [[] for _ in chosen]
    for key, model in models.items():
        names = judged_names(described.candidates, model.coverage.probability(described.table))
        wrong = iter(model.errors.probability(described.names).tolist())
        for place, item in enumerate(described.items):
            of_item = [next(wrong) for _ in item.names]
            if id(chosen[place]) == key:
                judged[place], doubts[place] = names[place], of_item
    reach = sum(model.reach for model in models.values()) / max(1, len(models))
    return Judgement(judged, doubts, reach)


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
        dropped = _dropped(item.names, of_item, drop_cut)
        stand = _not_among(item.names, dropped)
        added = _not_among([name.text for name in names], dropped)
        standing.append([*stand, *added])
    return Answers(proposed, standing, wrong)


def _dropped(names: Sequence[str], doubts: Sequence[float], cut: float) -> list[str]:
    """Names whose mean doubt is at the cut, those of one normal form taken together: the official
    scorer cannot tell them apart."""
    doubt: dict[str, list[float]] = {}
    for name, q in zip(names, doubts, strict=True):
        doubt.setdefault(normal(name), []).append(q)
    return [key for key, qs in doubt.items() if sum(qs) / len(qs) >= cut]


def systems(
    by_language: Mapping[str, Sequence[Item]],
    models: Mapping[str, Model],
    encoder: Encoder | None = None,
) -> tuple[dict[str, dict[str, Answers]], dict[str, dict[str, Judgement]]]:
    """The answers and the judgements of every system by name and language.

    A language that the shipped model has not seen needs no model of its own to be unseen.
    """
    picks: dict[str, Pick] = {
        "shipped": lambda item: models["shipped"],
        "cross-validated": lambda item: models[f"fold-{fold(item.id)}"],
        # Without its region: the columns of one are those of the other.
        "unseen-language": lambda item: models.get(
            f"without-{item.language.partition('-')[0]}", models["shipped"]
        ),
    }
    rules = {"m-nta": m_nta, "untrained": untrained, "oracle": oracle}
    answers: dict[str, dict[str, Answers]] = {name: {} for name in (*rules, *picks)}
    judgements: dict[str, dict[str, Judgement]] = {name: {} for name in picks}
    for code, items in by_language.items():
        described = describe(items, encoder)
        for name, rule in rules.items():
            answers[name][code] = rule(items)
        for name, pick in picks.items():
            judgements[name][code] = judgement = judge(described, pick)
            answers[name][code] = trained(items, judgement)
    return answers, judgements


def _at_least(item: Item, score: int) -> list[str]:
    return [name for name, value in item.scores.items() if value >= score]


def _not_among(names: Iterable[str], others: Iterable[str]) -> list[str]:
    known = {normal(name) for name in others}
    return [name for name in names if normal(name) not in known]
