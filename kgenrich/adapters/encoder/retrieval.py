"""Retrieval of held-out names: given a name in one language, find the entity by its name in
another, and the measures that all rankings here share.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.encoder.name_tables import HUB, Ints, NameTable, group


class Ranking(Struct, frozen=True):
    """Shares of queries, in percent, and the mean reciprocal rank in [0, 1].

    ``authors_hits1`` is what the code of Hou et al. (2022) prints as Hits@1: it counts a
    zero-based rank of at most 1 and so is Hits@2.
    """

    hits1: float
    hits10: float
    mrr: float
    authors_hits1: float
    queries: int


def hits(scores: NDArray[Any], gold: Ints) -> Ranking:
    """The measures of a matrix of scores (queries, candidates); ``gold`` is the right column."""
    of_gold = scores[np.arange(len(gold)), gold][:, None]
    better = (scores > of_gold).sum(axis=1)
    tied = (scores == of_gold).sum(axis=1) - 1
    return rank_measures(better + tied / 2 + 1)


def rank_measures(ranks: NDArray[np.float64]) -> Ranking:
    """The measures of ranks that count from 1; ties have the mean of their ranks."""
    if not len(ranks):
        return Ranking(0.0, 0.0, 0.0, 0.0, 0)
    return Ranking(
        round(100 * float((ranks <= 1).mean()), 2),
        round(100 * float((ranks <= 10).mean()), 2),
        round(float((1 / ranks).mean()), 4),
        round(100 * float((ranks <= 2).mean()), 2),
        len(ranks),
    )


def retrieval_sets(
    names: NameTable, folds: range, pool: int = 2000, fewest: int = 40, seed: int = 0
) -> dict[str, tuple[Ints, Ints]]:
    """For each language the texts (by index) of queries and candidates.

    Query ``i`` is a random name in that language of the entity whose English label (or, where
    no label is known, a random English name) is candidate ``i``. Further English names of the
    held-out part fill the candidates up to ``pool``.
    """
    rng = np.random.default_rng(seed)
    hub = group(names, HUB, folds)
    if not len(hub.entity):
        return {}
    everyone = np.arange(len(hub.entity))
    target = hub.pick(everyone, rng)
    for place in everyone:
        rows = hub.rows[hub.start[place] :][: hub.count[place]]
        labels = rows[names.label[rows]]
        if len(labels):
            target[place] = labels[0]
    found = {}
    for language in names.languages:
        own = group(names, language, folds)
        _, here, there = np.intersect1d(
            own.entity, hub.entity, assume_unique=True, return_indices=True
        )
        if language == HUB or language.startswith(HUB + "-") or len(here) < fewest:
            continue
        chosen = rng.permutation(len(here))[:pool]
        rest = rng.permutation(np.setdiff1d(everyone, there[chosen]))[: pool - len(chosen)]
        queries = own.pick(here[chosen], rng)
        candidates = target[np.concatenate([there[chosen], rest])]
        found[language] = names.text[queries], names.text[candidates]
    return found
