"""The ranker's questions as tables: a row for each candidate or name of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from msgspec.structs import replace

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.candidate_features import FEATURES, SOURCES, Row, candidate_rows
from kgenrich.consensus.decision_trees import Matrix
from kgenrich.consensus.entity_names import EntityNames
from kgenrich.consensus.graph_name_features import COLUMNS as GRAPH_COLUMNS
from kgenrich.consensus.graph_name_features import graph_rows
from kgenrich.consensus.name_likeness import COLUMNS as LIKENESS_COLUMNS
from kgenrich.consensus.name_likeness import NONE, likeness_columns
from kgenrich.consensus.spelling_variants import RULES

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "ru", "zh")
"""Languages with a column of their own: those of the training data."""

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
    place: list[int] = []
    start = 0
    for rows in described:
        place.extend([start + row.name for row in rows])
        start += sum(not row.rule for row in rows)
    made = np.array([row.made for row in flat], dtype=np.float32)
    rules = np.eye(len(RULES) + 1, dtype=np.float32)[[row.rule for row in flat]]
    sources = np.array([row.sources for row in flat], dtype=np.float32).reshape(-1, len(SOURCES))
    like = likeness_columns(entities, described, encoder)
    table = np.hstack([own[place], made, rules, sources, _language_columns(codes), like])
    return described, table


def graph_name_table(entities: Sequence[EntityNames], encoder: Encoder | None = None) -> Matrix:
    """All names of the graph as float32 of shape (names, columns): features, language, likeness."""
    described = [graph_rows(entity) for entity in entities]
    flat = [row for of_entity in described for row in of_entity.values]
    if not flat:
        return np.zeros((0, 0), dtype=np.float32)
    codes = [entity.language for entity in entities for _ in entity.graph]
    joined = [
        replace(entity, candidates=of_entity.names)
        for entity, of_entity in zip(entities, described, strict=True)
    ]
    rows = [of_entity.rows for of_entity in described]
    # The last row is for names without letters and digits.
    unlike = np.full(len(LIKENESS_COLUMNS), NONE, np.float32)
    like = np.vstack([likeness_columns(joined, rows, encoder), unlike])
    starts = np.cumsum([0, *map(len, rows)])
    places = [
        start + place if place >= 0 else -1
        for start, of_entity in zip(starts.tolist(), described, strict=False)
        for place in of_entity.place
    ]
    return np.hstack([np.array(flat, dtype=np.float32), _language_columns(codes), like[places]])


def _language_columns(codes: Sequence[str]) -> Matrix:
    """Float32 of shape (codes, len(LANGUAGES)), with a 1 for the language, if it has a column."""
    table = np.vstack([np.eye(len(LANGUAGES)), np.zeros(len(LANGUAGES))]).astype(np.float32)
    places = {code: i for i, code in enumerate(LANGUAGES)}
    return table[[places.get(code.partition("-")[0], len(LANGUAGES)) for code in codes]]
