"""Training of adapters and of the gates of their fusion, with the encoder frozen."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from kgenrich.adapters.knowledge.backbone import Backbone
from kgenrich.adapters.knowledge.recipe import BottleneckSettings
from kgenrich.adapters.knowledge.training_text import FUSION, TextPair
from kgenrich.adapters.training.optimisation import ModuleLearner, equal_pairs, info_nce
from kgenrich.adapters.training.ranking import ranking_of_scores

_FEWEST, _MOST_SCORED = 8, 2000
_AJAR, _OPEN = 8.0, 60.0
"""How far gates favour the best part: so that they still learn, or to nothing but it."""


class SplitPairs(NamedTuple):
    """Pairs to train on and others, one an entity, to tell by how good an adapter is."""

    train: Sequence[TextPair]
    development: Sequence[TextPair]

    @classmethod
    def of(cls, pairs: Sequence[TextPair], share: float) -> SplitPairs:
        """The pairs split by a hash of the entity; ``share`` of the entities are held out."""
        train: list[TextPair] = []
        development: dict[str, TextPair] = {}
        for pair in pairs:
            if zlib.crc32(pair[0].encode()) % 1000 < share * 1000:
                development.setdefault(pair[0], pair)
            else:
                train.append(pair)
        return cls(train, list(development.values())[:_MOST_SCORED])

    @property
    def are_enough(self) -> bool:
        """Whether an adapter can be trained on them, and told from an untrained one."""
        return min(len(self.train), len(self.development)) >= _FEWEST


class AdapterLearner(ModuleLearner):
    """One adapter of an encoder, or the gates of the fusion, in training."""

    def __init__(
        self,
        encoder: Backbone,
        part: str,
        pairs: SplitPairs,
        model: BottleneckSettings,
        seed: int,
    ) -> None:
        self.encoder, self.part, self.pairs = encoder, part, pairs
        self.model, self.seed = model, seed
        super().__init__(encoder.adapters, model.rate, encoder.parameters(part))

    def step(self, number: int, rate: float) -> float:
        rng = np.random.default_rng((self.seed, zlib.crc32(self.part.encode()), number))
        size = min(self.model.batch, len(self.pairs.train))
        chosen = rng.choice(len(self.pairs.train), size, replace=False)
        _, lefts, rights = zip(*(self.pairs.train[i] for i in chosen), strict=True)
        self.encoder.activate(self.part)
        vectors = self.encoder.forward([*lefts, *rights])
        same = equal_pairs(lefts, rights).to(vectors.device)
        loss = info_nce(vectors[:size], vectors[size:], self.model.temperature, same)
        return self.descend(loss, rate)

    def score(self) -> float:
        """The mean reciprocal rank (in percent) of the right text among the development ones."""
        return score_part(self.encoder, self.part, self.pairs.development)


def score_part(encoder: Backbone, part: str, pairs: Sequence[TextPair]) -> float:
    """Mean reciprocal rank, in percent, of right texts given left ones; ``part`` may be empty."""
    encoder.activate(part)
    left, right = (encoder.encode([pair[side] for pair in pairs]) for side in (1, 2))
    return round(100 * ranking_of_scores(left @ right.T).mrr, 2)


def open_gates(encoder: Backbone, pairs: Sequence[TextPair]) -> dict[str, float]:
    """Open the gates for the best part on the development pairs; the score of each part.

    The frozen encoder is the part with the empty name.
    """
    scores = {part: score_part(encoder, part, pairs) for part in ("", *encoder.parts)}
    _open_for_best(encoder, scores, _AJAR)
    return scores


def settle_gates(
    encoder: Backbone, scores: Mapping[str, float], pairs: Sequence[TextPair]
) -> float:
    """The score of the trained fusion; where a part alone is better, the gates open for it only."""
    score = score_part(encoder, FUSION, pairs)
    if score < max(scores.values()):
        _open_for_best(encoder, scores, _OPEN)
        score = score_part(encoder, FUSION, pairs)
    return score


def _open_for_best(encoder: Backbone, scores: Mapping[str, float], strength: float) -> None:
    for layer in encoder.layers:
        layer.open_gate(max(scores, key=lambda part: scores[part]), strength)
