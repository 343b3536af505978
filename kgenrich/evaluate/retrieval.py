"""Held-out names, language by language: is the entity found by its English name?

Beside the encoder stand two baselines: the cosine of character n-grams, and the encoder as it
is before training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kgenrich.adapters.alignment.graph_arrays import unit_rows
from kgenrich.adapters.encoder.name_encoder import Encoder, NameEncoder
from kgenrich.adapters.encoder.name_tables import NameTable
from kgenrich.adapters.encoder.ngrams import NgramSpec, ngrams
from kgenrich.adapters.encoder.retrieval import Ranking, hits, retrieval_sets
from kgenrich.errors import InputError


@dataclass(frozen=True)
class LanguageResult:
    """The measures of one language for the encoder and for the baselines."""

    language: str
    encoder: Ranking
    ngrams: Ranking
    untrained: Ranking


def evaluate(
    names: NameTable, encoder: Encoder, folds: range, pool: int = 2000, fewest: int = 40
) -> list[LanguageResult]:
    """Retrieval of the entities in ``folds`` (parts of a hundred, by a hash of the id).

    Queries are names in one language, candidates up to ``pool`` English names. Languages with
    fewer than ``fewest`` held-out entities are left out. Raises `InputError` when none is left.
    """
    sets = retrieval_sets(names, folds, pool, fewest)
    if not sets:
        raise InputError("No language has enough held-out entities with an English name.")
    blank = untrained(0)
    results = []
    for language, (queries, candidates) in sorted(sets.items()):
        left, right = ([names.texts[i] for i in side.tolist()] for side in (queries, candidates))
        gold = np.arange(len(left))
        results.append(
            LanguageResult(
                language,
                hits(encoder.encode(left) @ encoder.encode(right).T, gold),
                hits(_ngram_cosines(left, right), gold),
                hits(blank.encode(left) @ blank.encode(right).T, gold),
            )
        )
    return results


def untrained(seed: int) -> NameEncoder:
    """The encoder with the weights that training starts from."""
    rng = np.random.default_rng(seed)
    spec, dimension = NgramSpec(), 128

    def normal(*shape: int) -> NDArray[np.float32]:
        return rng.standard_normal(shape).astype(np.float32) * np.float32(0.02)

    zeros = np.zeros(dimension, np.float32)
    table = normal(spec.buckets, dimension)
    return NameEncoder(
        spec,
        table,
        (normal(dimension, dimension), zeros),
        (0 * normal(dimension, dimension), zeros),
    )


def _ngram_cosines(left: Sequence[str], right: Sequence[str]) -> NDArray[np.float32]:
    """Cosines of the bags of n-grams of names and of their ASCII forms."""
    sides = []
    for names in (left, right):
        indices, offsets = ngrams(names, NgramSpec(skeleton=()))
        bags = (np.ones(len(indices), np.float32), indices, offsets)
        sides.append(unit_rows(sp.csr_matrix(bags, shape=(len(names), NgramSpec().buckets))))
    cosines: NDArray[np.float32] = (sides[0] @ sides[1].T).toarray()
    return cosines
