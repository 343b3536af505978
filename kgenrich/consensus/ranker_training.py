"""Training the ranker: the shipped model, and those it is measured with.

``fold-0`` to ``fold-4`` have each not seen a fifth of the entities (by hash of the id, the same
entity in every language together), ``without-xx`` has seen neither the language nor any of its
entities. All have one configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from hashlib import sha256
from typing import TypedDict

import numpy as np
from msgspec import Struct

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.candidate_groups import EntityNames
from kgenrich.consensus.decision_trees import Matrix, Truths, fit
from kgenrich.consensus.feature_tables import candidate_table, graph_name_table
from kgenrich.consensus.learned_ranker import Model
from kgenrich.progress import SILENT, Progress

FOLDS = 5


class Size(TypedDict):
    """The size of an ensemble."""

    trees: int
    depth: int
    rate: float
    seeds: int


COVERAGE = Size(trees=250, depth=6, rate=0.1, seeds=4)
ERRORS = Size(trees=300, depth=5, rate=0.07, seeds=4)
"""Sizes of the two ensembles; see `kgenrich.consensus.decision_trees.fit`."""


class Lesson(Struct, frozen=True):
    """An entity in one language with the truth: which texts are right names (``right``, of which
    there are ``count``), and which names of the graph are ``wrong``."""

    id: str
    names: EntityNames
    right: Callable[[str], bool]
    count: int
    wrong: frozenset[str]


class Examples(Struct, frozen=True):
    """``rows`` of shape (examples, columns) with truths of shape (examples,), and the entity of
    each."""

    rows: Matrix
    right: Truths
    ids: list[str]


class TrainingData(Struct, frozen=True):
    """Candidates, names of the graph, and the number of right names of each lesson's entity."""

    candidates: Examples
    names: Examples
    gold: list[tuple[str, int]]


def fold(entity: str) -> int:
    """The part of the data that an entity belongs to, 0 to 4, from a hash of its id."""
    return int(sha256(f"ranker {entity}".encode()).hexdigest(), 16) % FOLDS


def read(lessons: Sequence[Lesson], encoder: Encoder | None = None) -> TrainingData:
    """Features and truths of all lessons."""
    entities = [lesson.names for lesson in lessons]
    described, table = candidate_table(entities, encoder)
    pairs = [(lesson, row) for lesson, rows in zip(lessons, described, strict=True) for row in rows]
    known = [(lesson, name.text) for lesson in lessons for name in lesson.names.graph]
    return TrainingData(
        _examples(table, [(lesson, lesson.right(row.text)) for lesson, row in pairs]),
        _examples(
            graph_name_table(entities, encoder),
            [(lesson, text in lesson.wrong) for lesson, text in known],
        ),
        [(lesson.id, lesson.count) for lesson in lessons],
    )


def _examples(rows: Matrix, truths: Sequence[tuple[Lesson, bool]]) -> Examples:
    return Examples(
        rows,
        np.array([truth for _, truth in truths], dtype=np.bool_),
        [lesson.id for lesson, _ in truths],
    )


def train(
    lessons: Sequence[Lesson], encoder: Encoder | None = None, progress: Progress = SILENT
) -> dict[str, Model]:
    """All models by name, one for each language of the lessons among them.

    The encoder should not have been trained on the names of the entities: what it knows by heart
    would be taken for what it can tell.
    """
    data = read(lessons, encoder)
    unseen: dict[str, set[str]] = {"shipped": set()}
    unseen |= {f"fold-{part}": set() for part in range(FOLDS)}
    for lesson in lessons:
        for name in (f"fold-{fold(lesson.id)}", f"without-{lesson.names.language}"):
            unseen.setdefault(name, set()).add(lesson.id)
    progress.begin("training", len(unseen), "models")
    models = {}
    for name, ids in unseen.items():
        models[name] = _fit(data, ids)
        progress.update(len(models))
    return models


def _fit(data: TrainingData, unseen: Container[str]) -> Model:
    a, b = (
        np.array([entity not in unseen for entity in examples.ids], dtype=np.bool_)
        for examples in (data.candidates, data.names)
    )
    wanted = sum(count for entity, count in data.gold if entity not in unseen)
    return Model(
        fit(data.candidates.rows[a], data.candidates.right[a], **COVERAGE),
        fit(data.names.rows[b], data.names.right[b], **ERRORS),
        # Nothing can be reached where there was nothing to train on: then nothing is known of it.
        float(data.candidates.right[a].sum()) / max(1, wanted) or 1.0,
    )
