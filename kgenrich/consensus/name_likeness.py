"""What the name encoder says of a candidate: how like it is to its rivals, and to the names that
the entity has in other languages, whatever their scripts.

It is the encoder that ships with the tool. The trees that read these columns were trained through
one that had not seen the entities (`adapters/names/blind.toml`): names that an encoder has learned
by heart can look more alike than new ones do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.adapters.likeness import likeness
from kgenrich.consensus.candidate_features import Row
from kgenrich.consensus.candidate_groups import EntityNames, ForeignName, Name
from kgenrich.consensus.decision_trees import Matrix
from kgenrich.languages import script
from kgenrich.model import MUL
from kgenrich.text import vote_key

COLUMNS = (
    "alike-top", "alike", "alike-squared", "alike-nearest", "alike-above", "alike-latin",
    "alike-own", "foreign-nearest", "foreign", "foreign-script", "foreign-english",
    "foreign-share", "foreign-equal", "foreign-languages",
)  # fmt: skip
"""The columns: likeness to the best-supported name, to the others by their support (plain and
squared), to the nearest, to the nearest that is better supported, to those in ASCII, to those that
are not; then, of the entity's names in other languages, the nearest, the mean, the nearest in the
same script and in English, the share and number of languages that write it so, their number."""

NONE = -1.0
"""Stands where there is nothing to compare with."""


def likeness_columns(
    entities: Sequence[EntityNames],
    described: Sequence[Sequence[Row]],
    encoder: Encoder | None = None,
) -> Matrix:
    """The columns for every row of every entity's candidates, float32 of shape (rows,
    len(COLUMNS)). A variant is as like as the name it was made from.

    ``described`` is parallel to ``entities`` (see
    `kgenrich.consensus.candidate_features.candidate_rows`); no ``encoder`` is the shipped one.
    """
    texts: dict[str, int] = {}
    for entity in entities:
        for text in (n.text for names in (entity.candidates, entity.foreign) for n in names):
            texts.setdefault(text, len(texts))
    vectors = (encoder or likeness().encoder).encode(list(texts))
    result = np.full((sum(map(len, described)), len(COLUMNS)), NONE, np.float32)
    start = 0
    for entity, rows in zip(entities, described, strict=True):
        if not rows:
            continue
        names, foreign = entity.candidates, entity.foreign
        own = vectors[[texts[name.text] for name in names]]
        block = np.full((len(names), len(COLUMNS)), NONE, np.float32)
        _to_rivals(block, own @ own.T, names)
        if foreign:
            like = own @ vectors[[texts[other.text] for other in foreign]].T
            _to_foreign(block, like, entity.language, foreign)
        whole = result[start : start + len(rows)]
        start += len(rows)
        whole[:] = block[[row.name for row in rows]]
        if foreign:
            _written_alike(whole, rows, foreign)
    # The last bits of a product hang on the machine; trees should not.
    return np.round(result, 3)


def _to_rivals(block: Matrix, like: Matrix, names: Sequence[Name]) -> None:
    """The first seven columns of one set; ``like`` is (names, names)."""
    totals = np.array([name.total for name in names], np.float32)
    votes = np.array([name.votes for name in names], np.float32)
    latin = np.array([name.text.isascii() for name in names])
    weights = np.repeat(totals[None], len(names), axis=0)
    np.fill_diagonal(weights, 0)
    block[:, 0] = like[:, np.lexsort((votes, totals))[-1]]
    block[:, 1] = _mean(like, weights)
    block[:, 2] = _mean(np.maximum(like, 0) ** 2, weights)
    block[:, 3] = np.where(weights > 0, like, NONE).max(axis=1)
    block[:, 4] = np.where(totals[None] > totals[:, None], like, NONE).max(axis=1)
    block[:, 5] = _mean(like, weights * latin)
    block[:, 6] = _mean(like, weights * ~latin)


def _to_foreign(block: Matrix, like: Matrix, language: str, others: Sequence[ForeignName]) -> None:
    """The next four columns of one set; ``like`` is (names, names in other languages)."""
    same = np.array([script(other.language) == script(language) for other in others])
    english = np.array([other.language in {"en", MUL} for other in others])
    block[:, 7] = like.max(axis=1)
    block[:, 8] = like.mean(axis=1)
    if same.any():
        block[:, 9] = like[:, same].max(axis=1)
    if english.any():
        block[:, 10] = like[:, english].max(axis=1)


def _written_alike(whole: Matrix, rows: Sequence[Row], others: Sequence[ForeignName]) -> None:
    """The last three columns, for variants too: these are about letters, not likeness."""
    holders: dict[str, set[str]] = {}
    for other in others:
        holders.setdefault(vote_key(other.text), set()).add(other.language)
    spoken = len({other.language for other in others})
    equal = np.array([len(holders.get(vote_key(row.text), ())) for row in rows], np.float32)
    whole[:, 11] = equal / spoken
    whole[:, 12] = equal
    whole[:, 13] = spoken


def _mean(values: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    total = weights.sum(axis=1)
    mean = (values * weights).sum(axis=1) / np.maximum(total, 1e-9)
    result: NDArray[np.float32] = np.where(total > 0, mean, NONE)
    return result
