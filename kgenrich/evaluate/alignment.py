"""Entity alignment on DBP15K-style folders, by true ranks.

Ranks count from 1 and ties have their mean; each test entity is compared with the test entities
of the other graph, as is usual, while the alignment itself sees both graphs whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from kgenrich.adapters.alignment.align import Alignment, AlignSettings, align
from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.graph_arrays import Sparse
from kgenrich.adapters.alignment.match_calibration import (
    Calibration,
    Matches,
    matches,
    without_partners,
)
from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.encoder.retrieval import Ranking, rank_measures
from kgenrich.errors import InputError

Seeds = Literal["none", "train"]


@dataclass(frozen=True)
class Unmatched:
    """Matching when a share of the left test entities has no partner; means over the seeds.

    A match counts as found when its probability is at least a half.
    """

    share: float
    precision: float
    recall: float
    f1: float
    seeds: int


@dataclass(frozen=True)
class AlignmentReport:
    """Measures in percent (``mrr`` in [0, 1]); ``seconds`` of wall time for the alignment.

    ``authors_hits1`` counts as the code of Hou et al. (2022) does: it is Hits@2. ``unseen`` is
    the part of the test pairs neither of whose names the encoder was trained on, None where that
    is not known.
    """

    all: Ranking
    unseen: Ranking | None
    seconds: float
    cpu_seconds: float
    unmatched: Unmatched | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The report with the keys of the command's ``--json``."""
        out = {
            **_keys(self.all),
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            **self.settings,
        }
        if self.unseen:
            out["unseen"] = _keys(self.unseen)
        if self.unmatched:
            out["unmatched"] = {
                "share": self.unmatched.share,
                "precision": self.unmatched.precision,
                "recall": self.unmatched.recall,
                "f1": self.unmatched.f1,
                "seeds": self.unmatched.seeds,
            }
        return out


def _keys(ranking: Ranking) -> dict[str, float]:
    return {
        "hits@1": ranking.hits1,
        "hits@10": ranking.hits10,
        "mrr": ranking.mrr,
        "pairs": ranking.queries,
        "authors_hits@1": ranking.authors_hits1,
    }


def evaluate(
    graphs: PairedGraphs,
    encoder: Encoder,
    seeds: Seeds = "none",
    settings: AlignSettings | None = None,
    seen: Callable[[list[str]], NDArray[np.bool_]] | None = None,
    tick: Callable[[str], None] = lambda _step: None,
) -> AlignmentReport:
    """Align the graphs and rank the test pairs.

    Seeds tell names nothing: with names alone they only leave the known entities out, and it is
    the encoder that has to be adapted to them. ``seen`` says which names the encoder was trained
    on. Raises `InputError` when there is nothing to test, or no known pairs to train on.
    """
    if not len(graphs.test):
        raise InputError("There are no test pairs.")
    if seeds == "train" and not len(graphs.seeds):
        raise InputError(
            "There are no known pairs (sup_pairs or sup_ent_ids) but those to be found."
        )
    settings = settings or AlignSettings()
    wall, cpu = time.monotonic(), time.process_time()
    known = graphs.seeds if seeds == "train" else None
    found = align(graphs.left, graphs.right, encoder, known, settings, tick)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    ranks = ranks_of(found.scores, graphs.test)
    unseen = None
    if seen is not None:
        new = np.ones(len(ranks), bool)
        for side, graph in ((0, graphs.left), (1, graphs.right)):
            new &= ~seen([graph.names[i] for i in graphs.test[:, side]])
        unseen = rank_measures(ranks[new])
    return AlignmentReport(rank_measures(ranks), unseen, round(wall, 2), round(cpu, 2))


def ranks_of(scores: Sparse, test: Ints) -> NDArray[np.float64]:
    """The rank of each test pair among the right entities of all of them.

    Pairs that are no candidates are tied behind all that are. The other partners of an entity that
    stands in several pairs are no rivals of each other.
    """
    rights, column = np.unique(test[:, 1], return_inverse=True)
    among = scores[test[:, 0]][:, rights].tocsr()
    row = np.repeat(np.arange(len(test)), np.diff(among.indptr))
    gold = np.full(len(test), np.nan)
    right = among.indices == column[row]
    gold[row[right]] = among.data[right]
    partners = np.isin(
        test[row, 0] * len(rights) + among.indices, test[:, 0] * len(rights) + column
    )
    row, data = row[~partners], among.data[~partners]
    better = np.bincount(row, data > gold[row], len(test))
    tied = np.bincount(row, data == gold[row], len(test))
    missing = np.isnan(gold)
    _, place, partners_of = np.unique(test[:, 0], return_inverse=True, return_counts=True)
    rivals = len(rights) - partners_of[place]
    better[missing] = np.bincount(row, minlength=len(test))[missing]
    tied[missing] = (rivals - better)[missing]
    ranks: NDArray[np.float64] = better + tied / 2 + 1
    return ranks


def evaluate_unmatched(
    graphs: PairedGraphs,
    encoder: Encoder,
    calibration: Calibration,
    share: float = 0.3,
    seeds: Seeds = "none",
    settings: AlignSettings | None = None,
    repeats: int = 3,
    threshold: float = 0.5,
) -> Unmatched:
    """Precision, recall and F1 of matches when entities may have no partner."""
    # The calibration was fitted on Sinkhorn's probabilities.
    settings = replace(settings or AlignSettings(), ranking="sinkhorn")
    model = calibration.names if settings.names_only else calibration.structure
    rows = []
    for seed in range(repeats):
        thinner, alone = without_partners(graphs, share, seed)
        known = thinner.seeds if seeds == "train" else None
        found: Alignment = align(thinner.left, thinner.right, encoder, known, settings)
        rows.append(_found(matches(found, model), thinner.test, alone, threshold))
    precision, recall, f1 = (round(100 * float(value), 2) for value in np.mean(rows, axis=0))
    return Unmatched(share, precision, recall, f1, repeats)


def _found(found: Matches, test: Ints, alone: Ints, threshold: float) -> tuple[float, ...]:
    asked = np.concatenate([test[:, 0], alone])
    sure = (found.probability >= threshold) & np.isin(found.left, asked)
    partner = dict(zip(test[:, 0].tolist(), test[:, 1].tolist(), strict=True))
    answers = zip(found.left[sure].tolist(), found.right[sure].tolist(), strict=True)
    right = sum(partner.get(left) == other for left, other in answers)
    precision = right / max(int(sure.sum()), 1)
    recall = right / max(len(test), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)
