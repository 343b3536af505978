"""Entity alignment on DBP15K-style folders, by true ranks.

Ranks count from 1 and ties have their mean; each test entity is compared with the test entities
of the other graph, as is usual, while the alignment itself sees both graphs whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import asdict, replace
from numpy.typing import NDArray

from kgenrich.adapters.alignment.align import AlignSettings, align
from kgenrich.adapters.alignment.dbp15k import PairedGraphs, read_folder
from kgenrich.adapters.alignment.graph_arrays import Sparse
from kgenrich.adapters.alignment.match_calibration import (
    MatchCalibration,
    Matches,
    best_matches,
    without_partners,
)
from kgenrich.adapters.encoder.name_encoder import Encoder, NameEncoder
from kgenrich.adapters.encoder.name_tables import Ints, TrainingNames
from kgenrich.adapters.encoders import open_encoder
from kgenrich.adapters.training.ranking import Ranking, ranking_of_ranks
from kgenrich.errors import InputError, UsageError
from kgenrich.evaluate.overlap import Overlap, evaluate_overlap
from kgenrich.progress import SILENT, Progress

Seeds = Literal["none", "train"]


class AlignmentOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is evaluated, and how.

    ``ranking`` is by default ``cosine`` for names alone, else ``sinkhorn``; ``unmatched`` a share
    of the partners that is taken away as well, ``overlap`` shares of entities with a partner at
    which the probabilities are examined too (see `kgenrich.evaluate.overlap`).
    """

    seeds: Seeds = "none"
    names_only: bool = False
    encoder: str | None = None
    adapter: Path | None = None
    ranking: Literal["sinkhorn", "csls", "cosine"] | None = None
    unmatched: float | None = None
    overlap: tuple[float, ...] = ()
    translated: bool = False


class Unmatched(Struct, frozen=True):
    """Matching when a share of the left test entities has no partner; means over the seeds.

    A match counts as found when its probability is at least a half.
    """

    share: float
    precision: float
    recall: float
    f1: float
    seeds: int


class AlignmentReport(Ranking, frozen=True, kw_only=True, omit_defaults=True):
    """The measures of all test pairs; ``seconds`` of wall time for the alignment.

    ``unseen`` is the part of the test pairs neither of whose names the encoder was trained on, None
    where that is not known.
    """

    seconds: float
    cpu_seconds: float
    seed_pairs: Seeds
    names_only: bool
    ranking: str
    encoder: str
    translated: bool
    unseen: Ranking | None = None
    unmatched: Unmatched | None = None
    overlaps: tuple[Overlap, ...] = ()


def evaluate_folder(
    folder: Path, options: AlignmentOptions, progress: Progress = SILENT
) -> AlignmentReport:
    """Score alignment on a folder in the layout of DBP15K.

    With names alone and seeds the encoder is adapted to the known pairs, as the shipped recipes of
    seeds do it, and the adapter is thrown away. Raises `InputError` for a folder that is wrong or
    has nothing to test, `UsageError` for options that make no sense together.
    """
    names_only = options.names_only
    graphs = read_folder(folder, translated=options.translated, names_only=names_only)
    encoder = open_encoder(options.encoder, options.adapter)
    if names_only and options.seeds == "train":
        if options.adapter is not None:
            raise UsageError("Names learn from one adapter: leave out --adapter or --seeds train.")
        encoder = _adapted(encoder, graphs, progress)
    ranking = options.ranking or ("cosine" if names_only else "sinkhorn")
    settings = AlignSettings(names_only=names_only, ranking=ranking)
    training_names = TrainingNames.load() if options.encoder is None else None
    report = evaluate(graphs, encoder, options.seeds, settings, training_names, progress)
    if options.unmatched:
        progress.begin("entities without a partner")
        unmatched = evaluate_unmatched(graphs, encoder, options.unmatched, options.seeds, settings)
        report = replace(report, unmatched=unmatched)
    if options.overlap:
        progress.begin("overlaps", len(options.overlap))
        sure = replace(settings, ranking="sinkhorn")
        overlaps = []
        for share in options.overlap:
            known = options.seeds == "train"
            overlaps.append(evaluate_overlap(graphs, encoder, share, sure, known))
            progress.update(len(overlaps))
        report = replace(report, overlaps=tuple(overlaps))
    return replace(report, translated=options.translated)


def _adapted(encoder: Encoder, graphs: PairedGraphs, progress: Progress) -> Encoder:
    if not isinstance(encoder, NameEncoder):
        raise UsageError(
            "Only an encoder of the shipped kind learns from known pairs by names alone: leave out "
            "--encoder, --names-only or --seeds train."
        )
    try:
        from kgenrich.adapters.alignment.seed_training import adapt_to_seeds
    except ImportError as error:
        why = "Learning from known pairs needs the extra: pip install 'kgenrich[neural]'."
        raise UsageError(why) from error
    return adapt_to_seeds(encoder, graphs, progress)


def evaluate(
    graphs: PairedGraphs,
    encoder: Encoder,
    seeds: Seeds = "none",
    settings: AlignSettings | None = None,
    is_training_name: Callable[[list[str]], NDArray[np.bool_]] | None = None,
    progress: Progress = SILENT,
) -> AlignmentReport:
    """Align the graphs and rank the test pairs.

    Seeds tell names nothing: with names alone they only leave the known entities out, and it is
    the encoder that has to be adapted to them. ``is_training_name`` says of each of some names if
    the encoder was trained on it. Raises `InputError` when there is nothing to test, or no known
    pairs to train on.
    """
    if not len(graphs.test):
        raise InputError("There are no test pairs.")
    if seeds == "train" and not len(graphs.seeds):
        raise InputError(
            "There are no known pairs (sup_pairs or sup_ent_ids) but those to be found."
        )
    settings = settings or AlignSettings()
    wall, cpu = time.monotonic(), time.process_time()
    pairs = graphs.seeds if seeds == "train" else None
    alignment = align(graphs.left, graphs.right, encoder, pairs, settings, progress)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    ranks = ranks_of(alignment.scores, graphs.test)
    unseen = None
    if is_training_name is not None:
        new = np.ones(len(ranks), bool)
        for side, graph in enumerate((graphs.left, graphs.right)):
            new &= ~is_training_name([graph.names[i] for i in graphs.test[:, side]])
        unseen = ranking_of_ranks(ranks[new])
    return AlignmentReport(
        **asdict(ranking_of_ranks(ranks)),
        seconds=round(wall, 2),
        cpu_seconds=round(cpu, 2),
        seed_pairs=seeds,
        names_only=settings.names_only,
        ranking=settings.ranking,
        encoder=encoder.name,
        translated=False,
        unseen=unseen,
    )


def ranks_of(scores: Sparse, test: Ints) -> NDArray[np.float64]:
    """The rank of each ``test`` pair (t, 2) among the right entities of all of them: (t,).

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
    share: float = 0.3,
    seeds: Seeds = "none",
    settings: AlignSettings | None = None,
    repeats: int = 3,
    threshold: float = 0.5,
) -> Unmatched:
    """Precision, recall and F1 of matches, by the shipped calibration, when entities may have no
    partner.
    """
    # The calibration was fitted on Sinkhorn's probabilities.
    settings = replace(settings or AlignSettings(), ranking="sinkhorn")
    model = MatchCalibration.load().model(settings.names_only)
    rows = []
    for seed in range(repeats):
        thinner, alone = without_partners(graphs, share, seed)
        pairs = thinner.seeds if seeds == "train" else None
        alignment = align(thinner.left, thinner.right, encoder, pairs, settings)
        matches = best_matches(alignment, model)
        rows.append(_precision_recall_f1(matches, thinner.test, alone, threshold))
    precision, recall, f1 = (round(100 * float(value), 2) for value in np.mean(rows, axis=0))
    return Unmatched(share, precision, recall, f1, repeats)


def _precision_recall_f1(
    matches: Matches, test: Ints, alone: Ints, threshold: float
) -> tuple[float, ...]:
    asked = np.concatenate([test[:, 0], alone])
    sure = (matches.probability >= threshold) & np.isin(matches.left, asked)
    partner = dict(zip(test[:, 0].tolist(), test[:, 1].tolist(), strict=True))
    answers = zip(matches.left[sure].tolist(), matches.right[sure].tolist(), strict=True)
    right = sum(partner.get(left) == other for left, other in answers)
    precision = right / max(int(sure.sum()), 1)
    recall = right / max(len(test), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)
