"""An adapter of the shipped encoder to two graphs, from their known pairs.

The frozen table of n-gram vectors gets a sparse change: only n-grams of the known names move.
It is small, and works where a change of the finished vectors only learns the pairs by heart.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor

from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.recipe import SeedSettings
from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.encoder.name_training import vectors_of_bags
from kgenrich.adapters.encoder.ngrams import Indices, Offsets, ngrams
from kgenrich.adapters.training.loop import train
from kgenrich.adapters.training.optimisation import State, adagrad_step, equal_pairs, info_nce
from kgenrich.adapters.training.ranking import ranking_of_scores
from kgenrich.adapters.training.recipe import Plan
from kgenrich.errors import InputError
from kgenrich.progress import SILENT, Progress

PLAN = Plan(steps=40, check=5, patience=4, checkpoint=0)
"""As in the shipped recipes."""


class SeedLearner:
    """The change of the table in training; row-wise Adagrad, n-grams dropped at random.

    Raises `InputError` when the graphs have no known pairs.
    """

    def __init__(
        self, encoder: NameEncoder, graphs: PairedGraphs, model: SeedSettings, seed: int
    ) -> None:
        if not len(graphs.seeds):
            raise InputError("There are no known pairs (sup_pairs or sup_ent_ids) to adapt to.")
        self.encoder, self.model, self.seed = encoder, model, seed
        order = np.random.default_rng(seed).permutation(len(graphs.seeds))
        held = round(model.development * len(order))
        names = [
            [graph.names[i] for i in graphs.seeds[order, side].tolist()]
            for side, graph in ((0, graphs.left), (1, graphs.right))
        ]
        self.development = [side[:held] for side in names]
        self.names = [side[held:] for side in names]
        self.bags = [ngrams(side, encoder.spec) for side in self.names]
        self.rows = np.unique(np.concatenate([indices for indices, _ in self.bags]))
        self.base = torch.from_numpy(encoder.table[self.rows])
        self.layers = [torch.from_numpy(part) for part in (*encoder.inner, *encoder.outer)]
        self.change = torch.zeros_like(self.base)
        self.squares = torch.zeros(len(self.rows))

    def step(self, number: int, rate: float) -> float:
        rng = np.random.default_rng((self.seed, number))
        size = min(self.model.batch, len(self.names[0]))
        chosen = rng.choice(len(self.names[0]), size, replace=False)
        change = self.change.clone().requires_grad_()
        left, right = (self._forward(change, bag, chosen, rng) for bag in self.bags)
        same = equal_pairs(*(np.array(side)[chosen] for side in self.names))
        loss = info_nce(left, right, self.model.temperature, same)
        loss.backward()  # type: ignore[no-untyped-call]
        self.change -= adagrad_step(change.grad, self.squares, self.model.rate * rate)
        return loss.item()

    def score(self) -> float | None:
        """Hits@1 of the held-out known pairs; None where they are too few to hold any out."""
        if not self.development[0]:
            return None
        encoder = self.adapted()
        left, right = (encoder.encode(side) for side in self.development)
        return ranking_of_scores(left @ right.T).hits1

    def adapted(self) -> NameEncoder:
        """The encoder with the change as it stands."""
        return self.encoder.changed(self.rows, self.change.numpy())

    def state(self) -> State:
        return {"change": self.change.clone(), "squares": self.squares.clone()}

    def restore(self, state: State) -> None:
        self.change, self.squares = state["change"].clone(), state["squares"].clone()

    def _forward(
        self, change: Tensor, bag: tuple[Indices, Offsets], chosen: Ints, rng: np.random.Generator
    ) -> Tensor:
        indices, offsets = bag
        kept = []
        for i in chosen.tolist():
            part = indices[offsets[i] : offsets[i + 1]]
            some = part[rng.random(len(part)) >= self.model.dropout]
            kept.append(some if len(some) else part)
        counts = np.array([len(part) for part in kept])
        places = np.searchsorted(self.rows, np.concatenate(kept))
        starts = torch.from_numpy(np.cumsum(counts) - counts)
        rows = torch.from_numpy(places.astype(np.int64))
        sizes = torch.from_numpy(counts.astype(np.float32))
        return vectors_of_bags(self.base + change, rows, starts, sizes, *self.layers)


def adapt_to_seeds(
    encoder: NameEncoder, graphs: PairedGraphs, progress: Progress = SILENT
) -> NameEncoder:
    """The encoder adapted to the known pairs, as the shipped recipes do it; nothing is kept.

    Raises `InputError` when the graphs have no known pairs.
    """
    with TemporaryDirectory() as scratch:
        learner, _ = train(
            lambda: SeedLearner(encoder, graphs, SeedSettings(), PLAN.seed),
            PLAN,
            Path(scratch),
            progress,
            "adapter",
        )
    return learner.adapted()
