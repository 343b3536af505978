"""How many entities of two graphs have a partner, and graphs in which a known share has one."""

from __future__ import annotations

import numpy as np

from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.logistic_regression import Floats

_STEPS = 1000


def probabilities_of(evidence: Floats) -> Floats:
    """The probability of each pair (k,) from its ``evidence``, a log-likelihood ratio (k,).

    The share of right pairs among them is not known: it is the one that makes them likeliest, found
    by expectation-maximisation (Saerens, Latinne and Decaestecker, 2002), one pair in doubt added
    so that few pairs do not decide.
    """
    share = 0.5
    chance = np.zeros(len(evidence))
    for _ in range(_STEPS):
        odds = np.exp(np.clip(evidence, -30, 30)) * share / (1 - share)
        chance = odds / (1 + odds)
        before, share = share, (float(chance.sum()) + 0.5) / (len(chance) + 1)
        if abs(share - before) < 1e-7:
            break
    return chance


def with_overlap(graphs: PairedGraphs, share: float, seed: int, size: int) -> PairedGraphs:
    """Both graphs cut down to at most ``size`` entities of known pairs, drawn at random: ``share``
    of either side has its partner on the other, the rest has lost it. All pairs are to be found.
    """
    pairs = np.random.default_rng(seed).permutation(np.concatenate([graphs.seeds, graphs.test]))
    size = min(size, int(len(pairs) / (2 - share)))
    kept = round(share * size)
    left, places = part_of(graphs.left, pairs[:size, 0])
    others = np.append(pairs[:kept, 1], pairs[size : 2 * size - kept, 1])
    right, partners = part_of(graphs.right, others)
    both = (places[pairs[:kept, 0]], partners[pairs[:kept, 1]])
    return PairedGraphs(left, right, np.zeros((0, 2), np.int64), np.stack(both, axis=1))


def part_of(graph: Graph, kept: Ints) -> tuple[Graph, Ints]:
    """The graph of the ``kept`` entities and the triples among them, and where each entity (n,) is
    in it, -1 for those that are not.
    """
    there = np.zeros(len(graph), bool)
    there[kept] = True
    places = np.where(there, np.cumsum(there) - 1, -1)
    triples = graph.triples[there[graph.triples[:, 0]] & there[graph.triples[:, 2]]].copy()
    triples[:, [0, 2]] = places[triples[:, [0, 2]]]
    ids = [id for id, here in zip(graph.ids, there, strict=True) if here]
    names = [name for name, here in zip(graph.names, there, strict=True) if here]
    return Graph(ids, names, triples, language=graph.language), places
