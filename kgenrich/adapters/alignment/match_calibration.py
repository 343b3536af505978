"""How likely the best candidate of an entity is its partner, or that it has none.

A logistic model says how strongly what the alignment knows of a pair speaks for it, whatever share
of the entities has a partner; that share is then estimated from the two graphs. The model is fitted
where the answer is known, on graphs that overlap from nowhere to everywhere, and shipped as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.alignment.align import Alignment, AlignSettings, align
from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.alignment.overlap import part_of, probabilities_of, with_overlap
from kgenrich.adapters.alignment.pair_features import best_pairs
from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.logistic_regression import Floats, fit
from kgenrich.errors import InputError
from kgenrich.progress import SILENT, Progress
from kgenrich.resources import resource

_PAIRS = 300
"""What each of the graphs that a model is fitted on counts for."""


class MatchModel(Struct, frozen=True):
    """Weights in the order of `FEATURES`."""

    weights: tuple[float, ...]

    def evidence(self, features: Floats) -> Floats:
        """The log-likelihood ratio of each row of ``features`` (k, 10): (k,)."""
        evidence: Floats = features @ np.array(self.weights)
        return evidence


class MatchCalibration(Struct, frozen=True):
    """One model for alignments with the graph's structure, one for names alone."""

    structure: MatchModel
    names: MatchModel

    def model(self, names_only: bool) -> MatchModel:
        """The model for such an alignment."""
        return self.names if names_only else self.structure

    @classmethod
    def load(cls, path: Path | None = None) -> MatchCalibration:
        """Read a calibration; without a path the shipped one.

        Raises `InputError` when it cannot be read.
        """
        path = resource("adapters/alignment/calibration.json") if path is None else path
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise InputError(f"The calibration {path} cannot be read: {error}.") from error


class Matches(Struct, frozen=True):
    """The best candidate of each left entity that has one, with its probability; all (k,)."""

    left: Ints
    right: Ints
    probability: Floats

    def overlap(self, alignment: Alignment) -> float:
        """The share of the smaller graph that has a partner."""
        smaller = min(len(alignment.left), len(alignment.right))
        return float(self.probability.sum()) / max(smaller, 1)


def best_matches(alignment: Alignment, model: MatchModel) -> Matches:
    """The best candidates with their probabilities, one right entity at most once; known pairs are
    certain.
    """
    left, right, features = best_pairs(alignment)
    known = np.isin(left, alignment.seeds[:, 0])
    chance = np.ones(len(left))
    chance[~known] = probabilities_of(model.evidence(features[~known]))
    order = np.argsort(-chance, kind="stable")
    _, earliest = np.unique(right[order], return_index=True)
    kept = np.sort(order[earliest])
    return Matches(left[kept], right[kept], chance[kept])


class Matching(Struct, frozen=True):
    """``pairs`` of at least the probability that was asked for, as (left, right, probability,
    whether it was known); ``overlap`` is the share of the smaller graph that has a partner, as
    estimated from all pairs.
    """

    pairs: list[tuple[int, int, float, bool]]
    overlap: float


def match_graphs(
    left: Graph,
    right: Graph,
    encoder: Encoder,
    seeds: Ints | None = None,
    *,
    names_only: bool = False,
    any_kind: bool = False,
    minimum: float = 0.5,
    progress: Progress = SILENT,
) -> Matching:
    """Align two graphs; the matches of at least a ``minimum`` probability by the shipped
    calibration. ``seeds`` are known pairs as indices, int64 (s, 2).
    """
    settings = AlignSettings(names_only=names_only, any_kind=any_kind)
    alignment = align(left, right, encoder, seeds, settings, progress)
    best = best_matches(alignment, MatchCalibration.load().model(names_only))
    known = {*map(tuple, alignment.seeds.tolist())}
    rows = zip(best.left.tolist(), best.right.tolist(), best.probability.tolist(), strict=True)
    pairs = [(a, b, sure, (a, b) in known) for a, b, sure in rows if sure >= minimum]
    return Matching(pairs, best.overlap(alignment))


def fit_model(features: Floats, right: NDArray[np.bool_], graphs: Ints | None = None) -> MatchModel:
    """The model of ``features`` (n, d) that tells the ``right`` (n,) pairs from the wrong ones.

    ``graphs`` (n,) numbers the graphs that they are from: each counts for the same, and how many of
    its pairs are right is taken as given.
    """
    size = features.shape[1]
    which = np.zeros(len(right), np.int64) if graphs is None else graphs
    count = np.bincount(which)
    share = (np.bincount(which, right) + 0.5) / (count + 1)
    prior = np.log(share / (1 - share))[which]
    weights = fit(
        np.column_stack([features, prior]),
        right.astype(np.float64),
        weights=_PAIRS / count[which],
        ridge=np.array([1e-6] + [1.0] * (size - 1) + [1e9]),
        start=np.array([0.0] * size + [1.0]),
        lowest=np.full(size + 1, -np.inf),
        tolerance=0,
    )
    return MatchModel(tuple(round(float(weight), 6) for weight in weights[:size]))


def without_partners(graphs: PairedGraphs, share: float, seed: int) -> tuple[PairedGraphs, Ints]:
    """The graphs with a share of the right test entities taken away, triples and all, and the
    left entities that thereby have no partner, int64 (l,).
    """
    rng = np.random.default_rng(seed)
    lost = rng.permutation(len(graphs.test))[: round(share * len(graphs.test))]
    kept = np.ones(len(graphs.right), bool)
    kept[graphs.test[lost, 1]] = False
    thinner, index = part_of(graphs.right, np.flatnonzero(kept))
    test, seeds = np.delete(graphs.test, lost, axis=0), graphs.seeds.copy()
    test[:, 1], seeds[:, 1] = index[test[:, 1]], index[seeds[:, 1]]
    return PairedGraphs(graphs.left, thinner, seeds, test), graphs.test[lost, 0]


def calibrate(
    graphs: Sequence[PairedGraphs],
    encoder: Encoder,
    overlaps: Sequence[float],
    sizes: Sequence[int],
) -> MatchCalibration:
    """Fit on the known pairs (seeds) of several pairs of graphs, cut down to each of the ``sizes``
    and ``overlaps``; the test pairs are not looked at.
    """
    models = []
    for names_only in (False, True):
        settings = AlignSettings(names_only=names_only)
        rows, answers, numbers = [], [], []
        for number, (pair, size, share) in enumerate(product(graphs, sizes, overlaps)):
            asked = PairedGraphs(pair.left, pair.right, pair.seeds, pair.seeds[:0])
            thinner = with_overlap(asked, share, number, size)
            alignment = align(thinner.left, thinner.right, encoder, settings=settings)
            left, right, features = best_pairs(alignment)
            partner = np.full(len(thinner.left), -1)
            partner[thinner.test[:, 0]] = thinner.test[:, 1]
            rows.append(features)
            answers.append(partner[left] == right)
            numbers.append(np.full(len(left), number))
        model = fit_model(*map(np.concatenate, (rows, answers, numbers)))
        models.append(model)
    return MatchCalibration(*models)
