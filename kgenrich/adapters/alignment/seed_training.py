"""An adapter of the shipped encoder to two graphs, from their known pairs.

The frozen table of n-gram vectors gets a sparse change: only n-grams of the known names move.
It is small, and works where a change of the finished vectors only learns the pairs by heart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.encoder.name_encoder import NameEncoder, Vectors
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.encoder.ngrams import Indices, Offsets, ngrams
from kgenrich.adapters.encoder.retrieval import hits
from kgenrich.adapters.training.contrastive_loss import info_nce
from kgenrich.adapters.training.loop import State, train
from kgenrich.adapters.training.recipe import Plan, SeedModel
from kgenrich.errors import InputError

PLAN = Plan(steps=40, check=5, patience=4, checkpoint=0)
"""As in the shipped recipes."""


class SeedLearner:
    """The change of the table in training; row-wise Adagrad, n-grams dropped at random.

    Raises `InputError` when the graphs have no known pairs.
    """

    def __init__(
        self, encoder: NameEncoder, graphs: PairedGraphs, model: SeedModel, seed: int
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
        base, inner, outer = encoder.weights()
        self.base = torch.from_numpy(base[self.rows])
        self.inner = tuple(torch.from_numpy(part) for part in inner)
        self.outer = tuple(torch.from_numpy(part) for part in outer)
        self.change = torch.zeros_like(self.base)
        self.squares = torch.zeros(len(self.rows))

    def step(self, number: int, rate: float) -> float:
        """One batch of known pairs."""
        rng = np.random.default_rng((self.seed, number))
        size = min(self.model.batch, len(self.names[0]))
        chosen = rng.choice(len(self.names[0]), size, replace=False)
        change = self.change.clone().requires_grad_()
        left, right = (self._forward(change, bag, chosen, rng) for bag in self.bags)
        texts = [np.array(side)[chosen] for side in self.names]
        same = (texts[0][:, None] == texts[0]) | (texts[1][:, None] == texts[1])
        loss = info_nce(left, right, self.model.temperature, torch.from_numpy(same))
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = change.grad
        assert gradient is not None  # noqa: S101
        self.squares += gradient.square().mean(dim=1)
        scale = self.squares.sqrt().add_(1e-10).unsqueeze(1)
        self.change -= self.model.rate * rate * gradient / scale
        return loss.item()

    def score(self) -> float | None:
        """Hits@1 of the held-out known pairs; None where they are too few to hold any out."""
        if not self.development[0]:
            return None
        encoder = self.adapted()
        left, right = (encoder.encode(side) for side in self.development)
        return hits(left @ right.T, np.arange(len(left))).hits1

    def adapted(self) -> NameEncoder:
        """The encoder with the change as it stands."""
        return self.encoder.changed(self.rows, self.change.numpy())

    def state(self) -> State:
        """The change and the optimiser's sums."""
        return {"change": self.change.clone(), "squares": self.squares.clone()}

    def restore(self, state: State) -> None:
        """Go back to a state."""
        self.change, self.squares = state["change"].clone(), state["squares"].clone()

    def _forward(
        self, change: Tensor, bag: tuple[Indices, Offsets], chosen: Ints, rng: np.random.Generator
    ) -> Tensor:
        indices, offsets = bag
        parts = [indices[offsets[i] : offsets[i + 1]] for i in chosen.tolist()]
        kept = [part[rng.random(len(part)) >= self.model.dropout] for part in parts]
        kept = [some if len(some) else part for some, part in zip(kept, parts, strict=True)]
        counts = np.array([len(part) for part in kept])
        places = np.searchsorted(self.rows, np.concatenate(kept))
        starts = torch.from_numpy(np.cumsum(counts) - counts)
        rows = torch.from_numpy(places.astype(np.int64))
        bags = F.embedding_bag(rows, self.base + change, starts, mode="sum")
        bags = bags / torch.from_numpy(counts.astype(np.float32)).sqrt().unsqueeze(1)
        hidden = F.gelu(F.linear(bags, *self.inner), approximate="tanh")
        return F.normalize(bags + F.linear(hidden, *self.outer), dim=1)


def nonzero(rows: Ints, change: Vectors) -> tuple[Ints, Vectors]:
    """The rows that changed at all."""
    moved = np.abs(change).max(axis=1) > 0
    return rows[moved], change[moved]


def adapted_to(
    graphs: PairedGraphs,
    encoder: NameEncoder,
    tick: Callable[[int, float], None] = lambda _step, _loss: None,
) -> NameEncoder:
    """The encoder adapted to the known pairs, as the shipped recipes do it; nothing is kept."""
    with TemporaryDirectory() as scratch:
        learner, _ = train(
            lambda: SeedLearner(encoder, graphs, SeedModel(), PLAN.seed), PLAN, Path(scratch), tick
        )
    assert isinstance(learner, SeedLearner)  # noqa: S101
    return learner.adapted()
