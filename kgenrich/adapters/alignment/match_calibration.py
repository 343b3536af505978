"""How likely the best candidate of an entity is its partner, or that it has none.

A logistic model over what the alignment knows of a pair. It is fitted where the answer is known
(a part of the partners taken away, so that "no match" is learnt too) and shipped as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.alignment.align import Alignment, AlignSettings, align
from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.alignment.sparse_similarity import places_of_best, row_of
from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.logistic_regression import Floats, fit, probability
from kgenrich.errors import InputError
from kgenrich.progress import SILENT, Progress
from kgenrich.resources import resource

FEATURES = ("one", "score", "name", "near", "structure", "margin", "mutual", "edges")


class MatchModel(Struct, frozen=True):
    """Weights in the order of `FEATURES`."""

    weights: tuple[float, ...]

    def probability(self, features: Floats) -> Floats:
        """The probability of each row of ``features`` (k, 8): (k,)."""
        return probability(features, np.array(self.weights))


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


def best_pairs(alignment: Alignment) -> tuple[Ints, Ints, Floats]:
    """The best pair of each left entity that has one: left (k,), right (k,), and their features in
    the order of `FEATURES`, (k, 8).
    """
    scores = alignment.scores
    rows, columns = row_of(scores), scores.indices
    total = alignment.near + alignment.structure
    first = places_of_best(scores, 1, ties=total)
    best_of_column = np.full(scores.shape[1], -np.inf, np.float32)
    np.maximum.at(best_of_column, columns, scores.data)
    second = np.zeros(scores.shape[0])
    others = np.ones(len(total), bool)
    others[first] = False
    np.maximum.at(second, rows[others], total[others])
    degree = np.bincount(alignment.left.triples[:, [0, 2]].ravel(), minlength=len(alignment.left))
    left, right = rows[first].astype(np.int64), columns[first].astype(np.int64)
    features = np.stack(
        [
            np.ones(len(first)),
            scores.data[first],
            alignment.name[first],
            alignment.near[first],
            alignment.structure[first],
            total[first] - second[left],
            scores.data[first] >= best_of_column[right],
            np.log1p(degree[left]) / 5,
        ],
        axis=1,
    ).astype(np.float64)
    return left, right, features


def best_matches(alignment: Alignment, model: MatchModel) -> Matches:
    """The best candidates with their probabilities, one right entity at most once."""
    left, right, features = best_pairs(alignment)
    chance = model.probability(features)
    order = np.argsort(-chance, kind="stable")
    _, earliest = np.unique(right[order], return_index=True)
    kept = np.sort(order[earliest])
    return Matches(left[kept], right[kept], chance[kept])


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
) -> list[tuple[int, int, float, bool]]:
    """Align two graphs; the matches of at least a ``minimum`` probability by the shipped
    calibration, as (left, right, probability, whether it was known).

    ``seeds`` are known pairs as indices, int64 (s, 2): they are certain.
    """
    settings = AlignSettings(names_only=names_only, any_kind=any_kind)
    alignment = align(left, right, encoder, seeds, settings, progress)
    best = best_matches(alignment, MatchCalibration.load().model(names_only))
    known = set() if seeds is None else {*map(tuple, seeds.tolist())}
    rows = zip(best.left.tolist(), best.right.tolist(), best.probability.tolist(), strict=True)
    return [
        (one, other, sure, (one, other) in known)
        for one, other, probability in rows
        if (sure := 1.0 if (one, other) in known else probability) >= minimum
    ]


def fit_model(features: Floats, right: NDArray[np.bool_]) -> MatchModel:
    """The model of ``features`` (n, 8) that tells the ``right`` (n,) pairs from the wrong ones."""
    size = features.shape[1]
    weights = fit(
        features,
        right.astype(np.float64),
        weights=np.ones(len(features)),
        ridge=np.array([1e-6] + [1.0] * (size - 1)),
        start=np.zeros(size),
        lowest=np.full(size, -np.inf),
        tolerance=0,
    )
    return MatchModel(tuple(round(float(weight), 6) for weight in weights))


def without_partners(graphs: PairedGraphs, share: float, seed: int) -> tuple[PairedGraphs, Ints]:
    """The graphs with a share of the right test entities taken away, triples and all, and the
    left entities that thereby have no partner, int64 (l,).
    """
    rng = np.random.default_rng(seed)
    lost = rng.permutation(len(graphs.test))[: round(share * len(graphs.test))]
    gone = np.zeros(len(graphs.right), bool)
    gone[graphs.test[lost, 1]] = True
    index = np.cumsum(~gone) - 1
    right = graphs.right
    kept = np.flatnonzero(~gone).tolist()
    triples = right.triples[~(gone[right.triples[:, 0]] | gone[right.triples[:, 2]])].copy()
    triples[:, [0, 2]] = index[triples[:, [0, 2]]]
    thinner = Graph([right.ids[i] for i in kept], [right.names[i] for i in kept], triples)
    test, seeds = np.delete(graphs.test, lost, axis=0), graphs.seeds.copy()
    test[:, 1], seeds[:, 1] = index[test[:, 1]], index[seeds[:, 1]]
    return PairedGraphs(graphs.left, thinner, seeds, test), graphs.test[lost, 0]


def calibrate(graphs: Sequence[PairedGraphs], encoder: Encoder, share: float) -> MatchCalibration:
    """Fit on the known pairs (seeds) of several pairs of graphs, a share of whose right sides
    are taken away; the test pairs are not looked at.
    """
    models = []
    for names_only in (False, True):
        settings = AlignSettings(names_only=names_only)
        rows, answers = [], []
        for number, pair in enumerate(graphs):
            asked = PairedGraphs(pair.left, pair.right, np.zeros((0, 2), np.int64), pair.seeds)
            thinner, alone = without_partners(asked, share, number)
            alignment = align(thinner.left, thinner.right, encoder, settings=settings)
            left, right, features = best_pairs(alignment)
            partner = np.full(len(pair.left), -1)
            partner[thinner.test[:, 0]] = thinner.test[:, 1]
            answered = np.isin(left, np.append(thinner.test[:, 0], alone))
            rows.append(features[answered])
            answers.append((partner[left] == right)[answered])
        models.append(fit_model(np.concatenate(rows), np.concatenate(answers)))
    return MatchCalibration(*models)
