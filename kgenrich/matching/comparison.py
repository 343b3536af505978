"""How a name that is asked for compares with those that were found, entity by entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kgenrich.matching.name_forms import LONGEST, name_forms
from kgenrich.matching.name_rows import NameRow
from kgenrich.text import vote_key

Floats = NDArray[np.float64]

FEATURES = (
    "constant",
    "same_name",
    "same_words",
    "word_likeness",
    "sound_likeness",
    "same_numbers",
    "lead",
    "best",
    "namesakes",
    "popularity",
    "length",
)
"""What is told of each entity: whether one of its names is the same, or the same in Latin letters
in any order; how alike the words and their sounds are, in [0, 1]; whether the numbers in it are
the same; by how much it is ahead of the best other one, and whether it alone is best; the logarithm
of how many are as like, and of its share of their sitelinks; that of the letters asked for."""

_ALIKE = 0.02
"""Names that differ by less in likeness are as like."""


class Compared(NamedTuple):
    """An entity with its most alike name, and what `FEATURES` names, as (n,) of float64."""

    row: NameRow
    features: Floats


def compare(text: str, rows: Sequence[NameRow]) -> list[Compared]:
    """The entities that have these names, the most alike first."""
    if not rows:
        return []
    text = text[:LONGEST]
    asked = name_forms(text)
    words = _likenesses(asked.words, [row.words for row in rows])
    if not text.isascii():
        # One sign of these scripts is several Latin letters.
        letters = _likenesses(text.lower(), [row.text.lower() for row in rows])
        words = np.where(words < 1, np.maximum(words, np.minimum(letters, 0.99)), words)
    sounds = _likenesses(asked.sounds, [row.sounds for row in rows])
    key, in_order = vote_key(text), sorted(asked.words.split())
    same_words = words > 1 - 1e-9
    same = np.zeros(len(rows))
    for place in np.flatnonzero(same_words).tolist():
        same_words[place] = sorted(rows[place].words.split()) == in_order
        same[place] = vote_key(rows[place].text) == key
    numbers = sorted(word for word in in_order if word.isdigit())
    closeness = 0.6 * words + 0.4 * sounds + 0.2 * same + 0.05 * same_words
    best: dict[int, int] = {}
    for place in np.argsort(-closeness, kind="stable").tolist():
        best.setdefault(rows[place].key, place)
    places = sorted(best.values(), key=lambda place: _rank(float(closeness[place]), rows[place]))
    values = closeness[places]
    links = np.array([rows[place].links + 1.0 for place in places])
    told = []
    for rank, place in enumerate(places):
        is_alike = np.abs(values - values[rank]) < _ALIKE
        other = values[0] if rank else values[1] if len(values) > 1 else 0.0
        mine = sorted(word for word in rows[place].words.split() if word.isdigit())
        features = (
            1.0,
            same[place],
            same_words[place],
            words[place],
            sounds[place],
            mine == numbers,
            values[rank] - other,
            not rank and not is_alike[1:].any(),
            np.log(is_alike.sum()),
            np.log(links[rank] / links[is_alike].sum()),
            np.log1p(len(asked.words)),
        )
        told.append(Compared(rows[place], np.array(features, np.float64)))
    return told


def _rank(closeness: float, row: NameRow) -> tuple[float, int, int]:
    """What comes first: of namesakes the best known, then the one that was there first."""
    return -closeness, -row.links, abs(row.key)


def _likenesses(asked: str, found: list[str]) -> Floats:
    """How alike words are whatever their order, in [0, 1]: the share of letters that stay. Both as
    they stand and in order, for a wrong first letter changes the order."""
    ratios = [
        process.cdist([asked], found, scorer=scorer, dtype=np.float64)[0]
        for scorer in (fuzz.ratio, fuzz.token_sort_ratio)
    ]
    return np.asarray(np.maximum(*ratios)) / 100
