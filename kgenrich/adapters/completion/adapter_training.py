"""Adapters that complete a graph: from an entity and a relation to the entity it leads to.

An entity is its name's vector beside those of its neighbourhoods, as in alignment; that is frozen.
A residual bottleneck on one side, with a scale and a shift for each relation and direction, and
another on the other side bring what belongs together near. Training triples are cut into parts, and
each part is trained on with the neighbourhoods that the others make: at the end too, the edge that
is asked for is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor, nn

from kgenrich.adapters.alignment.graph_arrays import Graph, neighbourhood_vectors
from kgenrich.adapters.completion.dbp5l import LanguageGraph
from kgenrich.adapters.encoder.name_encoder import Encoder, Vectors
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.knowledge.adapter_modules import Bottleneck
from kgenrich.adapters.knowledge.recipe import BottleneckSettings
from kgenrich.adapters.training.files import AdapterCard, read_arrays, write_arrays
from kgenrich.adapters.training.optimisation import ModuleLearner
from kgenrich.adapters.training.ranking import ranking_of_ranks

_PARTS = 5
_HOPS = (1.0, 0.8, 0.6)
_EVENNESS = 0.7
_MOST_SCORED = 400
_BLOCK = 512
_UNSEEN = 0.5
"""Counted for an entity that was never an answer, so that it can still become one."""


class RelationBottleneck(Bottleneck):
    """A bottleneck in which each relation scales the hidden units and shifts what comes out."""

    def __init__(self, width: int, inner: int, relations: int) -> None:
        super().__init__(width, inner)
        self.scale, self.shift = nn.Embedding(relations, inner), nn.Embedding(relations, width)
        for table in (self.scale, self.shift):
            nn.init.zeros_(table.weight)

    def changed(self, x: Tensor, relation: Tensor) -> Tensor:
        """Unit vectors (n, width) of queries; ``x`` is (n, width), ``relation`` int64 (n,)."""
        hidden = F.gelu(self.down(x)) * (1 + self.scale(relation))
        return F.normalize(x + self.up(hidden) + self.shift(relation), dim=1)


class LanguageFacts:
    """One language's graph as training and ranking see it.

    ``parts`` (m,) is the part that each training triple belongs to; ``without`` has the features of
    the entities without the triples of each part, ``whole`` with all, float32 (n, 3 d).
    """

    def __init__(self, graph: LanguageGraph, encoder: Encoder, parts: NDArray[np.int64]) -> None:
        self.graph, self.parts = graph, parts
        self._vectors = encoder.encode(graph.names)
        self.without = [self._features(parts != part) for part in range(_PARTS)]
        self.whole = self._features(np.ones(len(parts), bool))

    def _features(self, kept: NDArray[np.bool_]) -> Tensor:
        graph = Graph(self.graph.names, self.graph.names, self.graph.train[kept])
        return torch.from_numpy(neighbourhood_vectors(self._vectors, graph, 0.0, _HOPS))

    @cached_property
    def popularity(self) -> Vectors:
        """The logarithm of how often each entity is a tail, and a head: (2, n)."""
        train, size = self.graph.train, len(self.graph.names)
        counts = [np.bincount(train[:, side], minlength=size) for side in (2, 0)]
        logarithms: Vectors = np.log(np.stack(counts) + _UNSEEN).astype(np.float32)
        return logarithms

    @cached_property
    def right_answers(self) -> list[dict[tuple[int, int], list[int]]]:
        """All right answers, by direction, entity and relation."""
        answers: list[dict[tuple[int, int], list[int]]] = [defaultdict(list), defaultdict(list)]
        parts = (self.graph.train, self.graph.development, self.graph.test)
        for head, relation, tail in np.concatenate(parts).tolist():
            answers[0][head, relation].append(tail)
            answers[1][tail, relation].append(head)
        return answers


class CompletionLearner(ModuleLearner):
    """Both bottlenecks in training; ``relations`` is the number of relations."""

    def __init__(
        self,
        graphs: Sequence[LanguageGraph],
        relations: int,
        encoder: Encoder,
        model: BottleneckSettings,
        seed: int,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.model, self.seed, self.relations = model, seed, relations
        self.base = encoder.name
        self.facts = [
            LanguageFacts(graph, encoder, rng.integers(0, _PARTS, len(graph.train)))
            for graph in graphs
        ]
        sizes = np.array([len(graph.train) for graph in graphs], np.float64) ** _EVENNESS
        self._chances = sizes / sizes.sum()
        width = encoder.dimension * len(_HOPS)
        torch.manual_seed(seed)
        self.asks = RelationBottleneck(width, model.inner, 2 * relations)
        self.answers = Bottleneck(width, model.inner)
        adapters = nn.ModuleDict({"asks": self.asks, "answers": self.answers})
        super().__init__(adapters, model.rate)

    def step(self, number: int, rate: float) -> float:
        """One batch of triples of one language and one part, in one direction."""
        rng = np.random.default_rng((self.seed, number))
        facts = self.facts[rng.choice(len(self.facts), p=self._chances)]
        part, direction = int(rng.integers(_PARTS)), int(rng.integers(2))
        triples = facts.graph.train[facts.parts == part]
        chosen = triples[rng.permutation(len(triples))[: self.model.batch]]
        given, answer = (0, 2) if direction == 0 else (2, 0)
        features = facts.without[part]
        relation = torch.from_numpy(chosen[:, 1] + direction * self.relations)
        asked = self.asks.changed(features[chosen[:, given]], relation)
        wanted = chosen[:, answer]
        scores = asked @ self._answers(features[wanted]).T / self.model.temperature
        same = (wanted[:, None] == wanted) & ~np.eye(len(wanted), dtype=bool)
        scores = scores.masked_fill(torch.from_numpy(same), -1e4)
        loss = F.cross_entropy(scores, torch.arange(len(wanted)))
        return self.descend(loss, rate)

    def score(self) -> float | None:
        """The mean over the languages of the MRR, in percent, of some development triples."""
        means = [
            ranking_of_ranks(self.ranks(facts, _some(facts.graph.development))).mrr
            for facts in self.facts
            if len(facts.graph.development)
        ]
        return round(100 * float(np.mean(means)), 2) if means else None

    def save(self, path: Path) -> None:
        """Write the bottlenecks."""
        card = AdapterCard(kind="completion", base=self.base, inner=self.model.inner)
        write_arrays(path, card, {k: v.numpy() for k, v in self.module.state_dict().items()})

    def load(self, path: Path) -> None:
        """Read what `save` wrote for the same model, encoder and graphs.

        Raises `InputError` when the file is none of adapters.
        """
        arrays = read_arrays(path, AdapterCard, "file of adapters")[1]
        self.module.load_state_dict({k: torch.from_numpy(v) for k, v in arrays.items()})

    def ranks(
        self, facts: LanguageFacts, triples: Ints, *, adapted: bool = True
    ) -> NDArray[np.float64]:
        """Filtered ranks (2 m,) of the right answers to ``triples`` (m, 3), tails then heads, among
        all entities; without the adapters where ``adapted`` is false.
        """
        with torch.inference_mode():
            entities = self._answers(facts.whole) if adapted else facts.whole
            both = (self._ranks(facts, triples, side, entities, adapted) for side in (0, 1))
            return np.array(list(chain.from_iterable(both)))

    def _ranks(
        self, facts: LanguageFacts, triples: Ints, direction: int, entities: Tensor, adapted: bool
    ) -> Iterator[float]:
        given, answer = (0, 2) if direction == 0 else (2, 0)
        for start in range(0, len(triples), _BLOCK):
            block = triples[start : start + _BLOCK]
            asked = facts.whole[block[:, given]]
            if adapted:
                relation = torch.from_numpy(block[:, 1] + direction * self.relations)
                asked = self.asks.changed(asked, relation)
            scores = (asked @ entities.T / self.model.temperature).numpy()
            # Answers in a batch are as frequent as they are in the graph, so the loss has learnt
            # how much more likely than usual an answer is.
            scores += facts.popularity[direction]
            for row, triple in zip(scores, block.tolist(), strict=True):
                gold = row[triple[answer]]
                row[facts.right_answers[direction][triple[given], triple[1]]] = -np.inf
                yield 1 + int((row > gold).sum()) + int((row == gold).sum()) / 2

    def _answers(self, x: Tensor) -> Tensor:
        return F.normalize(x + self.answers(x), dim=1)


def _some(triples: Ints) -> Ints:
    order = np.random.default_rng(0).permutation(len(triples))
    return triples[order[:_MOST_SCORED]]
