"""Training the ranker on WikiKGE-10: the shipped model, and those it is measured with.

``fold-0`` to ``fold-4`` have each not seen a fifth of the entities (by hash of the id, the same
entity in every language together), ``without-xx`` has seen neither the language nor any of its
entities. All have one configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TypedDict

import numpy as np
from msgspec import Struct

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.candidate_features import Name, name_of, rows
from kgenrich.consensus.candidate_groups import group
from kgenrich.consensus.decision_trees import Matrix, Truths, fit
from kgenrich.consensus.feature_tables import candidate_table, name_table
from kgenrich.consensus.judgement_features import GraphName, judge_rows
from kgenrich.consensus.learned_ranker import Model
from kgenrich.consensus.name_likeness import alike
from kgenrich.evaluate.wikikge.benchmark import Item, normal

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


class Examples(Struct, frozen=True):
    """Rows with truths, and the entity and language of each."""

    rows: Matrix
    right: Truths
    ids: list[str]
    languages: list[str]


class Data(Struct, frozen=True):
    """The training data: candidates, names of the graph, and the number of gold names by item."""

    candidates: Examples
    names: Examples
    gold: list[tuple[str, str, int]]


def fold(entity: str) -> int:
    """The part of the data that an entity belongs to, 0 to 4, from a hash of its id."""
    return int(sha256(f"ranker {entity}".encode()).hexdigest(), 16) % FOLDS


def names_of(item: Item) -> list[Name]:
    """The recorded answers for an item, as the ranker takes them."""
    return [name_of(found) for found in group(item.candidates())]


def graph_of(item: Item) -> list[GraphName]:
    """The names that the graph has for an item."""
    return [GraphName(t, p) for t, p in zip(item.names, item.primary, strict=True)]


def read(items: Sequence[Item], encoder: Encoder | None = None) -> Data:
    """Features and truths of all items."""
    codes = [item.language for item in items]
    sets = [names_of(item) for item in items]
    described = [rows(names, code) for names, code in zip(sets, codes, strict=True)]
    graphs = [
        judge_rows(graph_of(item), names, item.language)
        for item, names in zip(items, sets, strict=True)
    ]
    foreign = [item.foreign for item in items]
    gold = [{normal(name) for name in item.correct} for item in items]
    wrong = [set(item.incorrect) for item in items]
    return Data(
        Examples(
            candidate_table(described, codes, alike(sets, described, codes, foreign, encoder)),
            np.array(
                [
                    normal(row.text) in right
                    for of_set, right in zip(described, gold, strict=True)
                    for row in of_set
                ],
                dtype=np.bool_,
            ),
            [item.id for item, of_set in zip(items, described, strict=True) for _ in of_set],
            [item.language for item, of_set in zip(items, described, strict=True) for _ in of_set],
        ),
        Examples(
            name_table(graphs, codes, foreign, encoder),
            np.array(
                [n in bad for item, bad in zip(items, wrong, strict=True) for n in item.names],
                dtype=np.bool_,
            ),
            [item.id for item in items for _ in item.names],
            [item.language for item in items for _ in item.names],
        ),
        [(item.id, item.language, len(right)) for item, right in zip(items, gold, strict=True)],
    )


def train(
    by_language: Mapping[str, Sequence[Item]],
    tick: Callable[[str], None] = lambda _: None,
    encoder: Encoder | None = None,
) -> dict[str, Model]:
    """All models by name; ``tick`` is called with each name when its model is made.

    The encoder should not have been trained on the names of the items: what it knows by heart
    would be taken for what it can tell.
    """
    data = read([item for items in by_language.values() for item in items], encoder)
    seen_in = {code: {item.id for item in items} for code, items in by_language.items()}
    kept: dict[str, Callable[[str, str], bool]] = {"shipped": lambda entity, language: True}
    for part in range(FOLDS):
        kept[f"fold-{part}"] = lambda entity, language, part=part: fold(entity) != part  # type: ignore[misc]
    for code, ids in seen_in.items():
        kept[f"without-{code}"] = lambda entity, language, ids=ids: entity not in ids  # type: ignore[misc]
    models = {}
    for name, keep in kept.items():
        models[name] = _fit(data, keep)
        tick(name)
    return models


def _fit(data: Data, keep: Callable[[str, str], bool]) -> Model:
    def chosen(examples: Examples) -> Truths:
        pairs = zip(examples.ids, examples.languages, strict=True)
        return np.array([keep(entity, language) for entity, language in pairs], dtype=np.bool_)

    a, b = chosen(data.candidates), chosen(data.names)
    wanted = sum(count for entity, language, count in data.gold if keep(entity, language))
    return Model(
        fit(data.candidates.rows[a], data.candidates.right[a], **COVERAGE),
        fit(data.names.rows[b], data.names.right[b], **ERRORS),
        # Nothing can be reached where there was nothing to train on: then nothing is known of it.
        float(data.candidates.right[a].sum()) / max(1, wanted) or 1.0,
    )
