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
from torch import Tensor, nn

from kgenrich.adapters.encoder.name_encoder import NameEncoder, Vectors
from kgenrich.adapters.encoder.name_tables import (
    HUB,
    Ints,
    NamesByEntity,
    NameTable,
    names_by_entity,
    retrieval_sets,
)
from kgenrich.adapters.encoder.ngrams import Indices, NgramSpec, Offsets, ngrams
from kgenrich.adapters.encoder.recipe import NameEncoderSettings
from kgenrich.adapters.training.loop import device
from kgenrich.adapters.training.optimisation import (
    ModuleLearner,
    State,
    adagrad_step,
    equal_pairs,
    info_nce,
)
from kgenrich.adapters.training.ranking import ranking_of_scores
from kgenrich.errors import InputError

_BLOCK = 20_000
_MOST = 14
"""Languages whose pairs without the hub are trained too."""


class NameLearner(ModuleLearner):
    """The encoder in training: a table of n-gram vectors and one residual layer.

    Raises `InputError` where no two languages share enough named entities.
    """

    def __init__(self, names: NameTable, model: NameEncoderSettings, seed: int) -> None:
        self.names, self.model, self.seed = names, model, seed
        self.device = device()
        self._indices, self._offsets = _all_ngrams(names.texts, model.ngrams)
        self._pairs, self._chances = _language_pairs(names, model)
        self._hub = names_by_entity(names, HUB, range(model.test + model.development, 100))
        self._several = np.flatnonzero(self._hub.count > 1)
        make = torch.Generator().manual_seed(seed)
        self.table = torch.randn(model.ngrams.buckets, model.dimension, generator=make) * 0.02
        self.squares = torch.zeros(model.ngrams.buckets)
        self.inner = nn.Linear(model.dimension, model.hidden)
        self.outer = nn.Linear(model.hidden, model.dimension)
        nn.init.normal_(self.outer.weight, std=0.01)
        nn.init.zeros_(self.outer.bias)
        self.table, self.squares = self.table.to(self.device), self.squares.to(self.device)
        layers = nn.ModuleList([self.inner, self.outer])
        module = nn.ModuleDict({"layers": layers}).to(self.device)
        super().__init__(module, model.layer_rate, weight_decay=0.0)
        self._dev = retrieval_sets(
            names, range(model.test, model.test + model.development), pool=500, fewest=50
        )

    def step(self, number: int, rate: float) -> float:
        """One batch of pairs; row-wise Adagrad for the table."""
        rng = np.random.default_rng((self.seed, number))
        left, right = self._batch(rng)
        indices, starts, counts = self._bags(np.concatenate([left, right]), rng)
        used, places = torch.unique(indices, return_inverse=True)
        rows = self.table[used].requires_grad_()
        layers = (self.inner.weight, self.inner.bias, self.outer.weight, self.outer.bias)
        vectors = vectors_of_bags(rows, places, starts, counts, *layers)
        same = equal_pairs(left, right).to(self.device)
        loss = info_nce(vectors[: len(left)], vectors[len(left) :], self.model.temperature, same)
        value = self.descend(loss, rate)
        squares = self.squares[used]
        self.table[used] -= adagrad_step(rows.grad, squares, self.model.table_rate * rate)
        self.squares[used] = squares
        return value

    def score(self) -> float | None:
        """Mean Hits@1 of the retrieval of development entities over the languages; None where no
        language has enough of them.
        """
        encoder = self.encoder()
        shares = []
        for queries, candidates in self._dev.values():
            left = encoder.encode([self.names.texts[i] for i in queries])
            right = encoder.encode([self.names.texts[i] for i in candidates])
            shares.append(ranking_of_scores(left @ right.T).hits1)
        return float(np.mean(shares)) if shares else None

    def state(self) -> State:
        return {"table": self.table, "squares": self.squares, **super().state()}

    def restore(self, state: State) -> None:
        layer = dict(state)
        self.table = layer.pop("table").clone().to(self.device)
        self.squares = layer.pop("squares").clone().to(self.device)
        super().restore(layer)

    def encoder(self) -> NameEncoder:
        """The encoder as it stands, for use without torch."""
        layers = (self.inner, self.outer)
        inner, outer = ((_numpy(layer.weight), _numpy(layer.bias)) for layer in layers)
        return NameEncoder(self.model.ngrams, _numpy(self.table), inner, outer)

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


def vectors_of_bags(
    rows: Tensor, places: Tensor, starts: Tensor, counts: Tensor, *layers: Tensor
) -> Tensor:
    """Unit vectors (n, d) of bags of n-grams, by what `NameEncoder` does but with gradients.

    ``places`` are the ``rows`` (r, d) of all bags one after the other, ``starts`` (n,) where each
    bag begins, ``counts`` (n,) its size as a float; ``layers`` the weight and bias of the inner and
    of the outer layer.
    """
    bags = F.embedding_bag(places, rows, starts, mode="sum") / counts.sqrt().unsqueeze(1)
    hidden = F.gelu(F.linear(bags, *layers[:2]), approximate="tanh")
    return F.normalize(bags + F.linear(hidden, *layers[2:]), dim=1)


_Pair = tuple[NamesByEntity, NamesByEntity, Ints, Ints, bool]


def _language_pairs(
    names: NameTable, model: NameEncoderSettings
) -> tuple[list[_Pair], NDArray[np.float64]]:
    """Pairs of languages with the entities they share, and the chance of drawing each."""
    folds = range(model.test + model.development, 100)
    groups = {language: names_by_entity(names, language, folds) for language in names.languages}
    ranked = sorted(groups, key=lambda language: (-len(groups[language].entity), language))
    large = [language for language in ranked if len(groups[language].entity) >= model.fewest]
    others = [language for language in large if language != HUB]
    with_hub = [(language, HUB) for language in others] if HUB in groups else []
    pairs: list[_Pair] = []
    chances: list[float] = []
    crossing = list(combinations(others[:_MOST], 2))
    for share, wanted in ((1 - model.cross, with_hub), (model.cross, crossing)):
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
