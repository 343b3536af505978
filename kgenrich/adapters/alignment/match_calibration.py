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
from kgenrich.adapters.alignment.matching import best
from kgenrich.adapters.alignment.sparse_similarity import row_of
from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.logistic_regression import Floats, fit, probability
from kgenrich.errors import InputError
from kgenrich.resources import resource

FEATURES = ("one", "score", "name", "near", "structure", "margin", "mutual", "edges")


class MatchModel(Struct, frozen=True):
    """Weights in the order of `FEATURES`."""

    weights: tuple[float, ...]

    def probability(self, features: Floats) -> Floats:
        """The probability of each row of features."""
        return probability(features, np.array(self.weights))


class Calibration(Struct, frozen=True):
    """One model for alignments with the graph's structure, one for names alone."""

    structure: MatchModel
    names: MatchModel

    @classmethod
    def load(cls, path: Path | None = None) -> Calibration:
        """Read a calibration; without a path the shipped one."""
        path = resource("adapters/alignment/calibration.json") if path is None else path
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise InputError(f"The calibration {path} cannot be read: {error}.") from error


class Matches(Struct, frozen=True):
    """The best candidate of each left entity that has one, with its probability."""

    left: Ints
    right: Ints
    probability: Floats


def best_pairs(alignment: Alignment) -> tuple[Ints, Floats]:
    """Positions (in stored order) of the best pair of each left entity, and their features."""
    scores = alignment.scores
    rows, columns = row_of(scores), scores.indices
    order = np.lexsort((-alignment.near - alignment.structure, -scores.data, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    total = alignment.near + alignment.structure
    second = np.zeros(scores.shape[0])
    others = np.ones(len(total), bool)
    others[first] = False
    np.maximum.at(second, rows[others], total[others])
    degree = np.bincount(alignment.left.triples[:, [0, 2]].ravel(), minlength=len(alignment.left))
    features = np.stack(
        [
            np.ones(len(first)),
            scores.data[first],
            alignment.name[first],
            alignment.near[first],
            alignment.structure[first],
            total[first] - second[rows[first]],
            scores.data[first] >= best(scores, 0)[columns[first]],
            np.log1p(degree[rows[first]]) / 5,
        ],
        axis=1,
    ).astype(np.float64)
    return first, features


def matches(alignment: Alignment, model: MatchModel) -> Matches:
    """The best candidates with their probabilities, one right entity at most once."""
    first, features = best_pairs(alignment)
    chance = model.probability(features)
    left, right = row_of(alignment.scores)[first], alignment.scores.indices[first]
    order = np.argsort(-chance, kind="stable")
    _, earliest = np.unique(right[order], return_index=True)
    kept = np.sort(order[earliest])
    return Matches(left[kept].astype(np.int64), right[kept].astype(np.int64), chance[kept])


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
    left entities that thereby have no partner.
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


def calibrate(graphs: Sequence[PairedGraphs], encoder: Encoder, share: float) -> Calibration:
    """Fit on the known pairs (seeds) of several pairs of graphs, a share of whose right sides
    are taken away; the test pairs are not looked at.
    """
    models = []
    for names_only in (False, True):
        settings = AlignSettings(names_only=names_only)
        rows, answers = [], []
        for number, pair in enumerate(graphs):
            known = PairedGraphs(pair.left, pair.right, np.zeros((0, 2), np.int64), pair.seeds)
            thinner, alone = without_partners(known, share, number)
            found = align(thinner.left, thinner.right, encoder, settings=settings)
            first, features = best_pairs(found)
            left, right = row_of(found.scores)[first], found.scores.indices[first]
            partner = np.full(len(pair.left), -1)
            partner[thinner.test[:, 0]] = thinner.test[:, 1]
            asked = np.isin(left, np.append(thinner.test[:, 0], alone))
            rows.append(features[asked])
            answers.append((partner[left] == right)[asked])
        models.append(fit_model(np.concatenate(rows), np.concatenate(answers)))
    return Calibration(*models)
