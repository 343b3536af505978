"""Knowledge graph completion on DBP-5L: adapters for triples against the frozen encoder.

A triple hides its tail, then its head. The query is "subject relation" (or "relation object"),
the answer the nearest name among all entities of the language; other right answers are filtered
out (Bordes et al., 2013). One adapter, TP, is trained for tails and one for heads, on the
training triples of all languages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kgenrich.adapters.backbone import Backbone
from kgenrich.adapters.dbp5l import LanguageGraph, languages, read_language, read_relations
from kgenrich.adapters.encoder import Vectors
from kgenrich.adapters.knowledge import TextPair
from kgenrich.adapters.knowledge_training import SiteLearner, make_sites
from kgenrich.adapters.names import Ints
from kgenrich.adapters.recipe import Plan, SetModel
from kgenrich.adapters.retrieval import Ranking, rank_measures
from kgenrich.adapters.sites import activate
from kgenrich.adapters.training import train

PARTS = ("tails", "heads")
_BLOCK = 512
_MOST_DEVELOPMENT = 1500


@dataclass(frozen=True)
class CompletionResult:
    """The measures of one language, both directions together."""

    language: str
    base: Ranking
    adapters: Ranking


def evaluate(
    folder: Path,
    backbone: Backbone,
    model: SetModel,
    plan: Plan,
    tick: Callable[[str], None] = lambda _step: None,
) -> list[CompletionResult]:
    """Train the adapters on the training triples and rank the test triples without and with."""
    relations = read_relations(folder)
    graphs = [read_language(folder, language) for language in languages(folder)]
    sites = make_sites(backbone, PARTS, model.inner, plan.seed)
    with TemporaryDirectory() as scratch:
        for part in PARTS:
            tick(f"training for {part}")
            pairs = [
                pair for graph in graphs for pair in _pairs(graph, graph.train, relations, part)
            ]
            held = [
                pair
                for graph in graphs
                for pair in _pairs(graph, graph.development, relations, part)
            ]
            held = [held[i] for i in np.random.default_rng(0).permutation(len(held)).tolist()]
            learner = SiteLearner(
                backbone, sites, part, pairs, held[:_MOST_DEVELOPMENT], model, plan.seed
            )
            train(lambda: learner, plan, Path(scratch) / part)  # noqa: B023
    results = []
    for graph in graphs:
        tick(graph.language)
        rankings = [
            rank_measures(
                np.concatenate(
                    [_ranks(graph, relations, part, backbone, sites, used) for part in PARTS]
                )
            )
            for used in (False, True)
        ]
        results.append(CompletionResult(graph.language, *rankings))
    return results


def _query(graph: LanguageGraph, triple: Sequence[int], relations: list[str], part: str) -> str:
    head, relation, tail = triple
    if part == "tails":
        return f"{graph.names[head]} {relations[relation]}"
    return f"{relations[relation]} {graph.names[tail]}"


def _pairs(
    graph: LanguageGraph, triples: Ints, relations: list[str], part: str
) -> Iterator[TextPair]:
    answer = 2 if part == "tails" else 0
    for triple in triples.tolist():
        right = graph.names[triple[answer]]
        yield "", _query(graph, triple, relations, part), right


def _ranks(
    graph: LanguageGraph,
    relations: list[str],
    part: str,
    backbone: Backbone,
    sites: nn.ModuleList,
    used: bool,
) -> NDArray[np.float64]:
    """Filtered ranks of the right answers of the test triples in one direction."""
    activate(sites, part if used else "")
    given, answer = ((0, 1), 2) if part == "tails" else ((1, 2), 0)
    known: dict[tuple[int, int], set[int]] = defaultdict(set)
    for triple in np.concatenate([graph.train, graph.development, graph.test]).tolist():
        known[triple[given[0]], triple[given[1]]].add(triple[answer])
    entities = _vectors(backbone, sites, graph.names)
    ranks = []
    for start in range(0, len(graph.test), _BLOCK):
        block = graph.test[start : start + _BLOCK].tolist()
        queries = [_query(graph, triple, relations, part) for triple in block]
        scores = _vectors(backbone, sites, queries) @ entities.T
        for row, triple in zip(scores, block, strict=True):
            gold = row[triple[answer]]
            others = list(known[triple[given[0]], triple[given[1]]] - {triple[answer]})
            row[others] = -np.inf
            ranks.append(1 + (row > gold).sum() + ((row == gold).sum() - 1) / 2)
    return np.array(ranks, np.float64)


def _vectors(backbone: Backbone, sites: nn.ModuleList, texts: Sequence[str]) -> Vectors:
    with torch.inference_mode():
        blocks = [
            backbone.forward(texts[i : i + 256], sites).cpu().numpy()
            for i in range(0, len(texts), 256)
        ]
    return np.concatenate(blocks)
