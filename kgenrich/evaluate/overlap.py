"""Whether the probabilities of matches hold, however many entities have a partner."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from kgenrich.adapters.alignment.align import AlignSettings, align
from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.match_calibration import MatchCalibration, best_matches
from kgenrich.adapters.alignment.overlap import with_overlap
from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.evaluate.reliability import calibration_error

_SIZE = 1500
_KNOWN = 0.3


class Overlap(Struct, frozen=True):
    """Matching of graphs of which a ``share`` of the entities has a partner; means over the draws.

    ``estimated`` is what the alignment takes the share for; the calibration error, precision and
    recall are in percent. A match counts as found when its probability is at least a half;
    ``matches`` are those for each 1,000 entities of a side, and without any the precision is None.
    """

    share: float
    estimated: float
    calibration_error: float
    matches: float
    precision: float | None
    recall: float | None
    draws: int


def evaluate_overlap(
    graphs: PairedGraphs,
    encoder: Encoder,
    share: float,
    settings: AlignSettings,
    known: bool = False,
    draws: int = 3,
) -> Overlap:
    """Match 1,500 entities a side of test pairs, a ``share`` of which has a partner. With ``known``
    three in ten of the pairs are given as seeds, and nothing is counted of them.
    """
    model = MatchCalibration.load().model(settings.names_only)
    asked = PairedGraphs(graphs.left, graphs.right, graphs.seeds[:0], graphs.test)
    chances, rights, estimates = [], [], []
    pairs = entities = 0
    for draw in range(draws):
        part = with_overlap(asked, share, draw, _SIZE)
        seeds = part.test[: round(_KNOWN * len(part.test)) if known else 0]
        alignment = align(part.left, part.right, encoder, seeds, settings)
        found = best_matches(alignment, model)
        partner = np.full(len(part.left), -1)
        partner[part.test[:, 0]] = part.test[:, 1]
        free = ~np.isin(found.left, seeds[:, 0])
        chances.append(found.probability[free])
        rights.append((partner[found.left] == found.right)[free])
        estimates.append(found.overlap(alignment))
        pairs += len(part.test) - len(seeds)
        entities += len(part.left) - len(seeds)
    chance, right = np.concatenate(chances), np.concatenate(rights)
    sure = chance >= 0.5
    return Overlap(
        share,
        round(float(np.mean(estimates)), 3),
        round(100 * calibration_error(chance, right), 1),
        round(1000 * int(sure.sum()) / max(entities, 1), 1),
        round(100 * float(right[sure].mean()), 1) if sure.any() else None,
        round(100 * int(right[sure].sum()) / pairs, 1) if pairs else None,
        draws,
    )
