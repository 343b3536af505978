"""The ranker's questions as tables: a row for each candidate or name of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.consensus.candidate_features import FEATURES, SOURCES, Row
from kgenrich.consensus.decision_trees import Matrix
from kgenrich.consensus.judgement_features import COLUMNS, GraphRows
from kgenrich.consensus.name_likeness import ALIKE, NONE, Foreign, alike
from kgenrich.consensus.spelling_variants import RULES

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "ru", "zh")
"""Languages with a column of their own: those of the training data."""

LAYOUT = crc32(repr((FEATURES, RULES, SOURCES, LANGUAGES, ALIKE, COLUMNS)).encode())
"""Marks which columns a model was trained on."""


def candidate_table(
    described: Sequence[Sequence[Row]], languages: Sequence[str], like: Matrix
) -> Matrix:
    """The rows of all sets as float32 (rows, columns): features, rule, sources, language, and
    ``like``, what `alike` says of them."""
    flat = [row for of_set in described for row in of_set]
    codes = [code for of_set, code in zip(described, languages, strict=True) for _ in of_set]
    if not flat:
        return np.zeros((0, 0), dtype=np.float32)
    # Variants share the columns of their name: these are made once.
    own = np.array([row.own for row in flat if not row.rule], dtype=np.float32)
    place: list[int] = []
    start = 0
    for of_set in described:
        place.extend([start + row.name for row in of_set])
        start += sum(not row.rule for row in of_set)
    made = np.array([row.made for row in flat], dtype=np.float32)
    rules = np.eye(len(RULES) + 1, dtype=np.float32)[[row.rule for row in flat]]
    sources = np.array([row.sources for row in flat], dtype=np.float32).reshape(-1, len(SOURCES))
    return np.hstack([own[place], made, rules, sources, _language_columns(codes), like])


def name_table(
    described: Sequence[GraphRows],
    languages: Sequence[str],
    foreign: Sequence[Sequence[Foreign]],
    encoder: Encoder | None = None,
) -> Matrix:
    """The rows of all names of the graph as float32 (rows, columns): features, language,
    likeness."""
    flat = [row for of_entity in described for row in of_entity.values]
    codes = [code for of, code in zip(described, languages, strict=True) for _ in of.values]
    if not flat:
        return np.zeros((0, 0), dtype=np.float32)
    sets, found = [of.names for of in described], [of.rows for of in described]
    like = np.vstack([alike(sets, found, languages, foreign, encoder), np.full(len(ALIKE), NONE)])
    starts = np.cumsum([0, *map(len, found)])
    places = [
        start + place if place >= 0 else -1
        for start, of in zip(starts.tolist(), described, strict=False)
        for place in of.place
    ]
    values = np.array(flat, dtype=np.float32)
    return np.hstack([values, _language_columns(codes), like[places].astype(np.float32)])


def _language_columns(codes: Sequence[str]) -> Matrix:
    table = np.vstack([np.eye(len(LANGUAGES)), np.zeros(len(LANGUAGES))]).astype(np.float32)
    places = {code: i for i, code in enumerate(LANGUAGES)}
    return table[[places.get(code.partition("-")[0], len(LANGUAGES)) for code in codes]]
