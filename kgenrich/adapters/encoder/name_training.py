"""Training of the shipped name encoder: names of one entity attract, those of others repel.

A batch has one pair of languages, so every negative is in the same language as the positive
and the language itself gives nothing away. N-grams are dropped at random, which keeps rare
n-grams from being learnt by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor

from kgenrich.adapters.encoder.name_encoder import NameEncoder, Vectors
from kgenrich.adapters.encoder.name_tables import HUB, Ints, Names, NameTable, group
from kgenrich.adapters.encoder.ngrams import Indices, NgramSpec, Offsets, ngrams
from kgenrich.adapters.encoder.retrieval import hits, retrieval_sets
from kgenrich.adapters.training.contrastive_loss import info_nce, moments, restore_moments
from kgenrich.adapters.training.loop import State, device
from kgenrich.adapters.training.recipe import NameModel
from kgenrich.errors import InputError

_BLOCK = 20_000
_MOST = 14
"""Languages whose pairs without the hub are trained too."""


class NameLearner:
    """The encoder in training: a table of n-gram vectors and one residual layer."""

    def __init__(self, names: NameTable, model: NameModel, seed: int) -> None:
        self.names, self.model, self.seed = names, model, seed
        self.device = device()
        self._indices, self._offsets = _all_ngrams(names.texts, model.ngrams)
        self._pairs, self._chances = _language_pairs(names, model)
        self._hub = group(names, HUB, range(model.test + model.development, 100))
        self._several = np.flatnonzero(self._hub.count > 1)
        make = torch.Generator().manual_seed(seed)
        self.table = torch.randn(model.ngrams.buckets, model.dimension, generator=make) * 0.02
        self.squares = torch.zeros(model.ngrams.buckets)
        self.inner = torch.nn.Linear(model.dimension, model.hidden)
        self.outer = torch.nn.Linear(model.hidden, model.dimension)
        torch.nn.init.normal_(self.outer.weight, std=0.01)
        torch.nn.init.zeros_(self.outer.bias)
        self.table, self.squares = self.table.to(self.device), self.squares.to(self.device)
        self.layers = torch.nn.ModuleList([self.inner, self.outer]).to(self.device)
        self.optimizer = torch.optim.AdamW(
            self.layers.parameters(), lr=model.layer_rate, weight_decay=0.0
        )
        self._dev = retrieval_sets(
            names, range(model.test, model.test + model.development), pool=500, fewest=50
        )

    def step(self, number: int, rate: float) -> float:
        """One batch of pairs; row-wise Adagrad (Duchi et al., 2011) for the table."""
        rng = np.random.default_rng((self.seed, number))
        left, right = self._batch(rng)
        indices, starts, counts = self._bags(np.concatenate([left, right]), rng)
        used, places = torch.unique(indices, return_inverse=True)
        rows = self.table[used].requires_grad_()
        vectors = self._forward(rows, places, starts, counts)
        same = (left[:, None] == left) | (right[:, None] == right)
        loss = info_nce(
            vectors[: len(left)],
            vectors[len(left) :],
            self.model.temperature,
            torch.from_numpy(same).to(self.device),
        )
        self.optimizer.param_groups[0]["lr"] = self.model.layer_rate * rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        gradient = rows.grad
        assert gradient is not None  # noqa: S101
        with torch.no_grad():
            self.squares[used] += gradient.square().mean(dim=1)
            scale = self.squares[used].sqrt().add_(1e-10).unsqueeze(1)
            self.table[used] -= self.model.table_rate * rate * gradient / scale
        return loss.item()

    def score(self) -> float | None:
        """Mean Hits@1 of the retrieval of development entities over the languages; None where no
        language has enough of them.
        """
        encoder = self.encoder()
        found = []
        for queries, candidates in self._dev.values():
            left = encoder.encode([self.names.texts[i] for i in queries])
            right = encoder.encode([self.names.texts[i] for i in candidates])
            found.append(hits(left @ right.T, np.arange(len(left))).hits1)
        return float(np.mean(found)) if found else None

    def state(self) -> State:
        """Table, layer and the moments of both optimisers."""
        layers = {f"layers.{key}": value for key, value in self.layers.state_dict().items()}
        return {"table": self.table, "squares": self.squares, **layers, **moments(self.optimizer)}

    def restore(self, state: State) -> None:
        """Go back to a state."""
        self.table = state["table"].clone().to(self.device)
        self.squares = state["squares"].clone().to(self.device)
        layers = {k.removeprefix("layers."): v for k, v in state.items() if k[:7] == "layers."}
        self.layers.load_state_dict(layers)
        restore_moments(self.optimizer, state)

    def encoder(self) -> NameEncoder:
        """The encoder as it stands, for use without torch."""
        return NameEncoder(
            self.model.ngrams, _numpy(self.table), _weights(self.inner), _weights(self.outer)
        )

    def _batch(self, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """The texts (by index) of a batch of pairs."""
        if rng.random() < self.model.within and len(self._several) > 1:
            size = min(self.model.batch, len(self._several))
            where = rng.choice(self._several, size, replace=False)
            left, right = self._hub.pick(where, rng), self._hub.pick(where, rng)
        else:
            chosen = rng.choice(len(self._pairs), p=self._chances)
            one, other, at_one, at_other, hub = self._pairs[chosen]
            size = min(self.model.batch, len(at_one))
            where = rng.choice(len(at_one), size, replace=False, shuffle=False)
            left, right = one.pick(at_one[where], rng), other.pick(at_other[where], rng)
            if hub:
                # Two draws, the label kept: aliases are often no translation of the other name.
                second = other.pick(at_other[where], rng)
                right = np.where(self.names.label[second], second, right)
        return self.names.text[left], self.names.text[right]

    def _bags(self, texts: Ints, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Buckets, starts and sizes of the bags of some texts, with n-grams dropped."""
        counts = np.diff(self._offsets)[texts]
        starts = np.cumsum(counts) - counts
        places = np.arange(counts.sum()) + np.repeat(self._offsets[texts] - starts, counts)
        indices = self._indices[places]
        kept = rng.random(len(indices)) >= self.model.dropout
        kept[starts] = True
        counts = np.add.reduceat(kept.astype(np.int64), starts)
        starts = np.cumsum(counts) - counts
        arrays = (indices[kept].astype(np.int64), starts, counts.astype(np.float32))
        indices_, starts_, counts_ = (torch.from_numpy(a).to(self.device) for a in arrays)
        return indices_, starts_, counts_

    def _forward(self, rows: Tensor, places: Tensor, starts: Tensor, counts: Tensor) -> Tensor:
        bags = F.embedding_bag(places, rows, starts, mode="sum") / counts.sqrt().unsqueeze(1)
        hidden = F.gelu(self.inner(bags), approximate="tanh")
        return F.normalize(bags + self.outer(hidden), dim=1)


_Pair = tuple[Names, Names, Ints, Ints, bool]


def _language_pairs(names: NameTable, model: NameModel) -> tuple[list[_Pair], NDArray[np.float64]]:
    """Pairs of languages with the entities they share, and the chance of drawing each."""
    folds = range(model.test + model.development, 100)
    groups = {language: group(names, language, folds) for language in names.languages}
    ranked = sorted(groups, key=lambda language: (-len(groups[language].entity), language))
    others = [
        language
        for language in ranked
        if language != HUB and len(groups[language].entity) >= model.fewest
    ]
    with_hub = [(language, HUB) for language in others] if HUB in groups else []
    pairs: list[_Pair] = []
    chances: list[float] = []
    for share, wanted in (
        (1 - model.cross, with_hub),
        (model.cross, list(combinations(others[:_MOST], 2))),
    ):
        weights = []
        for one, other in wanted:
            left, right = groups[one], groups[other]
            _, at_left, at_right = np.intersect1d(
                left.entity, right.entity, assume_unique=True, return_indices=True
            )
            if len(at_left) >= model.fewest:
                pairs.append((left, right, at_left, at_right, other == HUB))
                weights.append(float(len(at_left)) ** model.evenness)
        chances += [share * weight / sum(weights) for weight in weights]
    if not pairs:
        raise InputError(f"No language shares {model.fewest} named entities with another.")
    return pairs, np.array(chances) / sum(chances)


def _all_ngrams(texts: Sequence[str], spec: NgramSpec) -> tuple[Indices, Offsets]:
    blocks = [ngrams(texts[i : i + _BLOCK], spec) for i in range(0, len(texts), _BLOCK)]
    sizes = np.concatenate([np.diff(offsets) for _, offsets in blocks])
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return np.concatenate([indices for indices, _ in blocks]), offsets


def _numpy(tensor: Tensor) -> Vectors:
    array: Vectors = tensor.detach().cpu().numpy().copy()
    return array


def _weights(layer: torch.nn.Linear) -> tuple[Vectors, Vectors]:
    return _numpy(layer.weight), _numpy(layer.bias)
