"""How well `check` tells broken labels from right ones: labels of the graph are broken on purpose,
and both are judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kgenrich.consensus.candidate_groups import GraphName, foreign_names, group, unnamed
from kgenrich.consensus.label_faults.breaking import BREAKS, Break, broken, material
from kgenrich.consensus.label_faults.facts import LabelFacts
from kgenrich.consensus.label_faults.judgement import judge_label
from kgenrich.consensus.learned_ranker import Model
from kgenrich.consensus.name_judgement import judge_names
from kgenrich.model import Entity, TermKind, TermRequest, content_id
from kgenrich.sources.candidate_collector import CandidateCollector

ALL = "all"
"""Stands for all languages together."""


class JudgedLabel(Struct, frozen=True):
    """A label as the graph has it (``kind`` is empty) or broken in a way, and how probably it is
    ``wrong``."""

    entity: str
    language: str
    kind: Break | None
    text: str
    wrong: float


def judge_broken(
    entities: Sequence[Entity],
    languages: Sequence[str],
    sample: int,
    collector: CandidateCollector,
    model: Model,
    facts: LabelFacts,
) -> list[JudgedLabel]:
    """The labels of at most ``sample`` entities a language, chosen by hash, as they are and broken
    in every way that they can be."""
    result = []
    for language in languages:
        named = [one for one in entities if language in one.labels]
        chosen = sorted(named, key=lambda one: content_id("check", one.id))[:sample]
        using = material(named, language)
        answers = collector.candidates(
            [TermRequest(unnamed(one, language), language, TermKind.LABEL) for one in chosen]
        )
        for entity, candidates in zip(chosen, answers, strict=True):
            groups, foreign = group(candidates), foreign_names(entity, language)
            texts: list[tuple[Break | None, str]] = [(None, entity.labels[language])]
            texts += [(kind, broken(entity, language, kind, using)) for kind in BREAKS]
            for kind, text in texts:
                if text:
                    fault = judge_label(facts, entity, language, text)
                    graph = [GraphName(text, primary=True)]
                    (found,) = judge_names(model, language, graph, groups, foreign, fault)
                    result.append(JudgedLabel(entity.id, language, kind, text, found.wrong))
    return result


def report(judged: Iterable[JudgedLabel], over: float) -> dict[str, dict[str, Any]]:
    """``{language: {labels, doubtful, false_alarms, broken, found, found_share, kinds}}`` at a
    probability of ``over``, and the same of ``all``: right labels, those called doubtful and their
    share; broken ones, those found and their share, and by kind ``{broken, found, found_share}``.
    """
    by_language: dict[str, list[JudgedLabel]] = {}
    for one in judged:
        for language in (one.language, ALL):
            by_language.setdefault(language, []).append(one)
    everything = by_language.pop(ALL, [])
    return {
        language: _cell(mine, over) for language, mine in (*by_language.items(), (ALL, everything))
    }


def _cell(judged: Sequence[JudgedLabel], over: float) -> dict[str, Any]:
    labels = [one.wrong for one in judged if one.kind is None]
    doubtful = sum(wrong >= over for wrong in labels)
    of_breaks = [one for one in judged if one.kind is not None]
    kinds: Mapping[str, Any] = {
        kind: _found([one for one in of_breaks if one.kind == kind], over) for kind in BREAKS
    }
    return {
        "labels": len(labels),
        "doubtful": doubtful,
        "false_alarms": _share(doubtful, len(labels)),
        **_found(of_breaks, over),
        "kinds": kinds,
    }


def _found(judged: Sequence[JudgedLabel], over: float) -> dict[str, Any]:
    found = sum(one.wrong >= over for one in judged)
    return {"broken": len(judged), "found": found, "found_share": _share(found, len(judged))}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
