"""What the name encoder says of a candidate: how like it is to its rivals, and to the names that
the entity has in other languages, whatever their scripts.

It is the encoder that ships with the tool. The trees that read these columns were trained through
one that had not seen the entities (`adapters/names/blind.toml`): names that an encoder has learned
by heart look more alike than new ones do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.encoder import Encoder
from kgenrich.adapters.likeness import likeness
from kgenrich.consensus.features import Name, Row
from kgenrich.consensus.trees import Matrix
from kgenrich.languages import script, variants
from kgenrich.model import MUL, Entity
from kgenrich.text import vote_key

ALIKE = (
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

MOST = 64
"""So many names in other languages are looked at."""

_FIRST = ("en", MUL, "de", "fr", "es", "it", "ru", "ja", "zh", "ar")


class Foreign(Struct, frozen=True):
    """A name that the entity has in another language."""

    language: str
    text: str


def foreign_names(entity: Entity, language: str) -> tuple[Foreign, ...]:
    """The entity's names in languages other than this one, the widest spoken first."""
    codes = sorted(
        entity.labels.keys() | entity.aliases.keys(),
        key=lambda c: (_FIRST.index(c) if c in _FIRST else len(_FIRST), c),
    )
    own = {language, *variants(language)}
    every = (Foreign(c, text) for c in codes if c not in own for text in entity.names(c))
    return tuple(islice(every, MOST))


def alike(
    sets: Sequence[Sequence[Name]],
    described: Sequence[Sequence[Row]],
    languages: Sequence[str],
    foreign: Sequence[Sequence[Foreign]],
    encoder: Encoder | None = None,
) -> Matrix:
    """The columns for every row of every set, float32 of shape (rows, len(ALIKE)).

    ``sets``, ``described`` (see `kgenrich.consensus.features.rows`), ``languages`` and
    ``foreign`` are parallel; no ``encoder`` is the shipped one.
    """
    texts: dict[str, int] = {}
    for found, others in zip(described, foreign, strict=True):
        for row in found:
            texts.setdefault(row.text, len(texts))
        for other in others:
            texts.setdefault(other.text, len(texts))
    vectors = (encoder or likeness().encoder).encode(list(texts))
    result = np.full((sum(map(len, described)), len(ALIKE)), NONE, np.float32)
    start = 0
    for names, found, language, others in zip(sets, described, languages, foreign, strict=True):
        if not found:
            continue
        block = result[start : start + len(found)]
        start += len(found)
        own = vectors[[texts[row.text] for row in found]]
        _to_rivals(block, own, names, found)
        if others:
            like = own @ vectors[[texts[other.text] for other in others]].T
            _to_foreign(block, like, found, language, others)
    # The last bits of a product hang on the machine; trees should not.
    return np.round(result, 3)


def _to_rivals(
    block: Matrix, own: NDArray[np.float32], names: Sequence[Name], found: Sequence[Row]
) -> None:
    """The first seven columns of one set. The first rows are the names themselves."""
    totals = np.array([name.total for name in names], np.float32)
    votes = np.array([name.votes for name in names], np.float32)
    like = own @ own[: len(names)].T
    of = np.array([row.name for row in found])
    weights = np.repeat(totals[None], len(found), axis=0)
    given = np.arange(len(names))
    weights[given, given] = 0
    block[:, 0] = like[:, np.lexsort((votes, totals))[-1]]
    block[:, 1] = _mean(like, weights)
    block[:, 2] = _mean(np.maximum(like, 0) ** 2, weights)
    block[:, 3] = np.where(weights > 0, like, NONE).max(axis=1)
    block[:, 4] = np.where(totals[None] > totals[of][:, None], like, NONE).max(axis=1)
    latin = np.array([name.text.isascii() for name in names])
    block[:, 5] = _mean(like, weights * latin)
    block[:, 6] = _mean(like, weights * ~latin)


def _to_foreign(
    block: Matrix,
    like: NDArray[np.float32],
    found: Sequence[Row],
    language: str,
    others: Sequence[Foreign],
) -> None:
    """The last seven columns of one set; ``like`` is (rows, names in other languages)."""
    codes = [other.language for other in others]
    same = np.array([_script(code) == _script(language) for code in codes])
    english = np.array([code in {"en", MUL} for code in codes])
    spoken = len(set(codes))
    holders: dict[str, set[str]] = {}
    for other in others:
        holders.setdefault(vote_key(other.text), set()).add(other.language)
    equal = np.array([len(holders.get(vote_key(row.text), ())) for row in found], np.float32)
    block[:, 7] = like.max(axis=1)
    block[:, 8] = like.mean(axis=1)
    if same.any():
        block[:, 9] = like[:, same].max(axis=1)
    if english.any():
        block[:, 10] = like[:, english].max(axis=1)
    block[:, 11] = equal / spoken
    block[:, 12] = equal
    block[:, 13] = spoken


def _mean(values: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    total = weights.sum(axis=1)
    mean = (values * weights).sum(axis=1) / np.maximum(total, 1e-9)
    result: NDArray[np.float32] = np.where(total > 0, mean, NONE)
    return result


@lru_cache(maxsize=1024)
def _script(language: str) -> str:
    return script(language)
