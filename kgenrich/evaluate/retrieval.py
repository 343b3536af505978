"""Held-out names, language by language: is the entity found by its English name?

Beside the encoder stand two baselines: the cosine of character n-grams, and the encoder as it
is before training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean

import numpy as np
import scipy.sparse as sp
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.alignment.graph_arrays import unit_rows
from kgenrich.adapters.encoder.name_encoder import Encoder, NameEncoder
from kgenrich.adapters.encoder.name_tables import NameTable, retrieval_sets
from kgenrich.adapters.encoder.ngrams import NgramSpec, ngrams
from kgenrich.adapters.training.ranking import ranking_of_scores
from kgenrich.errors import InputError


class LanguageRetrieval(
    Struct,
    frozen=True,
    kw_only=True,
    rename=lambda name: name.replace("hits1", "hits@1"),
):
    """The measures of one language in percent (``mrr`` in [0, 1]): those of the encoder, and Hits@1
    of the baselines.
    """

    hits1: float
    hits10: float
    mrr: float
    queries: int
    ngrams_hits1: float
    untrained_hits1: float


class RetrievalReport(Struct, frozen=True, rename={"mean_hits1": "mean_hits@1"}):
    """The measures by language, and the mean Hits@1 of the encoder and the baselines."""

    mean_hits1: Mapping[str, float]
    languages: Mapping[str, LanguageRetrieval]


def evaluate(
    names: NameTable, encoder: Encoder, folds: range, pool: int = 2000, fewest: int = 40
) -> RetrievalReport:
    """Retrieval of the entities in ``folds`` (parts of a hundred, by a hash of the id).

    Queries are names in one language, candidates up to ``pool`` English names. Languages with
    fewer than ``fewest`` held-out entities are left out. Raises `InputError` when none is left.
    """
    sets = retrieval_sets(names, folds, pool, fewest)
    if not sets:
        raise InputError("No language has enough held-out entities with an English name.")
    blank = untrained(0)
    languages = {}
    for language, (queries, candidates) in sorted(sets.items()):
        left, right = ([names.texts[i] for i in side.tolist()] for side in (queries, candidates))
        ranking = ranking_of_scores(encoder.encode(left) @ encoder.encode(right).T)
        languages[language] = LanguageRetrieval(
            hits1=ranking.hits1,
            hits10=ranking.hits10,
            mrr=ranking.mrr,
            queries=ranking.queries,
            ngrams_hits1=ranking_of_scores(_ngram_cosines(left, right)).hits1,
            untrained_hits1=ranking_of_scores(blank.encode(left) @ blank.encode(right).T).hits1,
        )
    rows = [(r.hits1, r.ngrams_hits1, r.untrained_hits1) for r in languages.values()]
    means = [round(mean(column), 2) for column in zip(*rows, strict=True)]
    systems = ("encoder", "ngrams", "untrained")
    return RetrievalReport(dict(zip(systems, means, strict=True)), languages)


def untrained(seed: int) -> NameEncoder:
    """The encoder with the weights that training starts from."""
    rng = np.random.default_rng(seed)
    spec, dimension = NgramSpec(), 128

    def normal(*shape: int) -> NDArray[np.float32]:
        return rng.standard_normal(shape).astype(np.float32) * np.float32(0.02)

    zeros = np.zeros(dimension, np.float32)
    table, inner = normal(spec.buckets, dimension), normal(dimension, dimension)
    return NameEncoder(spec, table, (inner, zeros), (0 * inner, zeros))


def _ngram_cosines(left: Sequence[str], right: Sequence[str]) -> NDArray[np.float32]:
    """Cosines (l, r) of the bags of n-grams of names and of their ASCII forms."""
    sides = []
    for names in (left, right):
        indices, offsets = ngrams(names, NgramSpec(skeleton=()))
        bags = (np.ones(len(indices), np.float32), indices, offsets)
        sides.append(unit_rows(sp.csr_matrix(bags, shape=(len(names), NgramSpec().buckets))))
    cosines: NDArray[np.float32] = (sides[0] @ sides[1].T).toarray()
    return cosines
