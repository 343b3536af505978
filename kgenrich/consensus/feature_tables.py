"""The ranker's questions as tables: a row for each candidate or name of the graph.

What tells a wrong name of the graph from a right one is its support, and its place among the
entity's other names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from zlib import crc32

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.candidate_features import FEATURES, SOURCES, Row, candidate_rows
from kgenrich.consensus.candidate_groups import EntityNames, Name
from kgenrich.consensus.decision_trees import Matrix
from kgenrich.consensus.name_likeness import COLUMNS as LIKENESS_COLUMNS
from kgenrich.consensus.name_likeness import NONE, likeness_columns
from kgenrich.consensus.spelling import RULES, bigrams, dice, shape, unaccented
from kgenrich.text import vote_key

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "ru", "zh")
"""Languages with a column of their own: those of the training data."""

GRAPH_COLUMNS = 37
"""How many numbers `graph_rows` adds to the candidate's own."""

LAYOUT = crc32(
    repr((FEATURES, RULES, SOURCES, LANGUAGES, LIKENESS_COLUMNS, GRAPH_COLUMNS)).encode()
)
"""Marks which columns a model was trained on."""


def candidate_table(
    entities: Sequence[EntityNames], encoder: Encoder | None = None
) -> tuple[list[list[Row]], Matrix]:
    """The candidates of each entity with the variants of the best, and all of them as float32 of
    shape (rows, columns): features, rule, sources, language, likeness."""
    described = [candidate_rows(entity.candidates, entity.language) for entity in entities]
    flat = [row for rows in described for row in rows]
    if not flat:
        return described, np.zeros((0, 0), dtype=np.float32)
    codes = [e.language for e, rows in zip(entities, described, strict=True) for _ in rows]
    # Variants share the columns of their name: these are made once.
    own = np.array([row.own for row in flat if not row.rule], dtype=np.float32)
    starts = accumulate((len(entity.candidates) for entity in entities), initial=0)
    place = [
        start + row.name for start, rows in zip(starts, described, strict=False) for row in rows
    ]
    made = np.array([row.made for row in flat], dtype=np.float32)
    rules = np.eye(len(RULES) + 1, dtype=np.float32)[[row.rule for row in flat]]
    sources = np.array([row.sources for row in flat], dtype=np.float32).reshape(-1, len(SOURCES))
    like = likeness_columns(entities, described, encoder)
    table = np.hstack([own[place], made, rules, sources, _language_columns(codes), like])
    return described, table


def graph_name_table(entities: Sequence[EntityNames], encoder: Encoder | None = None) -> Matrix:
    """All names of the graph as float32 of shape (names, columns): features, language, likeness."""
    described = [graph_rows(entity) for entity in entities]
    values = [row for of_entity in described for row in of_entity.values]
    if not values:
        return np.zeros((0, 0), dtype=np.float32)
    codes = [entity.language for entity in entities for _ in entity.graph]
    joined = [replace(e, candidates=d.names) for e, d in zip(entities, described, strict=True)]
    rows = [of_entity.rows for of_entity in described]
    # The last row is for names without letters and digits.
    unlike = np.full(len(LIKENESS_COLUMNS), NONE, np.float32)
    like = np.vstack([likeness_columns(joined, rows, encoder), unlike])
    starts = accumulate(map(len, rows), initial=0)
    places = [
        start + place if place >= 0 else -1
        for start, of_entity in zip(starts, described, strict=False)
        for place in of_entity.place
    ]
    return np.hstack([np.array(values, dtype=np.float32), _language_columns(codes), like[places]])


class GraphRows(Struct, frozen=True):
    """The features of the names that the graph has for an entity in one language.

    ``values`` has a row a name. ``names`` are the candidates and, after them, the names of the
    graph that are none; ``rows`` are theirs, and ``place`` is where each name of the graph stands
    among them (-1 for one without letters and digits).
    """

    values: list[list[float]]
    names: list[Name]
    rows: list[Row]
    place: list[int]


def graph_rows(entity: EntityNames) -> GraphRows:
    """The features of each name of the graph, given what sources would call the entity."""
    graph, candidates, language = entity.graph, entity.candidates, entity.language
    if not graph:
        return GraphRows([], [], [], [])
    keys = [vote_key(name.text) for name in graph]
    known = {name.key: i for i, name in enumerate(candidates)}
    union = [*candidates]
    for name, key in zip(graph, keys, strict=True):
        if key and key not in known:
            known[key] = len(union)
            union.append(Name(name.text, key))
    described = candidate_rows(union, language, expand=False)
    blank = [0.0] * len(FEATURES)
    offered = Counter(name.text for name in candidates)
    label = next((i for i, name in enumerate(graph) if name.primary), 0)
    grams = [bigrams(key) for key in keys]
    words = [frozenset(key.split()) for key in keys]
    folded = [unaccented(name.text).lower() for name in graph]
    lowered = [name.text.lower() for name in graph]
    shapes = [shape(name.text, language) for name in graph]
    result = []
    for i, (name, key) in enumerate(zip(graph, keys, strict=True)):
        text, first = name.text, graph[label].text
        others = [j for j in range(len(graph)) if j != i]
        twins = [j for j in others if folded[j] == folded[i]]
        plain = unaccented(text) == text
        near = [dice(grams[i], grams[j]) for j in others]
        values = (
            name.primary, len(graph), i, i / len(graph),
            sum(keys[j] == key for j in others), sum(lowered[j] == lowered[i] for j in others),
            len(twins), plain and any(unaccented(graph[j].text) != graph[j].text for j in twins),
            keys[label] == key, max(near, default=0), dice(grams[i], grams[label]),
            key in keys[label], keys[label] in key,
            any(key != keys[j] and key in keys[j] for j in others),
            sum(key != keys[j] and keys[j] in key for j in others),
            len(text) / max(1, len(first)),
            len(words[i] - words[label]), len(words[label] - words[i]), len(text),
            text.count(" ") + 1, text[:1].isupper() - first[:1].isupper(),
            any(map(str.isdigit, text)) - any(map(str.isdigit, first)),
            text[:1].isupper() and any(text[1:] == graph[j].text[1:] for j in others),
            "_" in text, offered[text], key in known and known[key] < len(candidates),
            sum(map(str.isupper, text)) - sum(map(str.isupper, first)),
            *(shapes[i][k] for k in (0, 1, 2, 3, 4, 13, 14, 16)),
            shapes[label][14], shapes[label][16],
        )  # fmt: skip
        own = described[known[key]].values if key in known else blank
        result.append([*own, *map(float, values)])
    return GraphRows(result, union, described, [known.get(key, -1) for key in keys])


def _language_columns(codes: Sequence[str]) -> Matrix:
    """Float32 of shape (codes, len(LANGUAGES)), with a 1 for the language, if it has a column."""
    bases = [code.partition("-")[0] for code in codes]
    return np.array([[base == code for code in LANGUAGES] for base in bases], dtype=np.float32)
