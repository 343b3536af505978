"""Entity alignment of two graphs: names, their neighbourhoods, and what matched already.

1. Every entity's name becomes a vector and flows over two hops, rare relations first.
2. Pairs near by name or by neighbourhood are candidates.
3. Sinkhorn turns their similarities into probabilities; where names do not even find the seeds,
   they count less.
4. Pairs so matched (and seeds, if there are any) vouch for their neighbours: the cosine of the
   matched neighbourhoods is added, pairs it suggests join the candidates, back to 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.alignment.graph_arrays import (
    Graph,
    Sparse,
    adjacency,
    neighbourhood_vectors,
    unit_rows,
)
from kgenrich.adapters.alignment.kinds import reach
from kgenrich.adapters.alignment.sparse_similarity import (
    best_of_rows,
    csls,
    mutual_candidates,
    pattern,
    places_of_best,
    row_of,
    similarities,
    sinkhorn,
    sparse_similarities,
    union,
    with_values,
)
from kgenrich.adapters.encoder.name_encoder import Encoder
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.progress import SILENT, Progress

_BELIEVED = 10
_WIDENING = 3
"""Rounds that look for new candidates; later ones only weigh them anew."""
_ROWS = 4096


class AlignSettings(Struct, frozen=True, kw_only=True):
    """How graphs are aligned.

    ``by_name``, ``by_neighbourhood`` and ``by_matches`` are candidates taken for each entity;
    ``hops`` the weights of a name and its neighbourhoods; ``rarity`` see `adjacency`;
    ``structure`` the weight of matched neighbours; matches below ``trusted`` vouch for nothing;
    entities with more than ``hub`` edges suggest no candidates. Entities of kinds that differ are
    no candidates but with ``any_kind``. ``ranking`` says what orders the
    candidates at the end: Sinkhorn assumes that most entities have a partner, CSLS does not.
    """

    by_name: int = 15
    by_neighbourhood: int = 25
    by_matches: int = 15
    hops: tuple[float, ...] = (1.0, 0.8, 0.6)
    rarity: float = 0.3
    structure: float = 0.5
    temperature: float = 0.03
    rounds: int = 5
    trusted: float = 0.1
    hub: int = 100
    ranking: Literal["sinkhorn", "csls", "cosine"] = "sinkhorn"
    names_only: bool = False
    any_kind: bool = False


@dataclass(frozen=True)
class Alignment:
    """Scores of the candidate pairs and what they were made from.

    ``scores`` (n, m) rank, as the settings asked. The others are (nnz,), in the order of its stored
    values: ``name`` and ``structure`` are cosines, of the names and of the matched neighbourhoods,
    ``near`` that of names with their neighbourhoods as far as names are believed. ``seeds`` (s, 2)
    are the pairs that were known.
    """

    left: Graph
    right: Graph
    scores: Sparse
    name: NDArray[np.float32]
    near: NDArray[np.float32]
    structure: NDArray[np.float32]
    seeds: Ints


def align(
    left: Graph,
    right: Graph,
    encoder: Encoder,
    seeds: Ints | None = None,
    settings: AlignSettings | None = None,
    progress: Progress = SILENT,
) -> Alignment:
    """Align two graphs. ``seeds`` are known pairs as indices, int64 (s, 2)."""
    settings = settings or AlignSettings()
    seeds = np.zeros((0, 2), np.int64) if seeds is None else seeds
    progress.begin("names")
    vectors = encoder.encode(left.names), encoder.encode(right.names)
    progress.begin("candidates")
    if settings.names_only:
        around = vectors
        places = mutual_candidates(*vectors, 2 * settings.by_neighbourhood)
    else:
        around = (
            neighbourhood_vectors(vectors[0], left, settings.rarity, settings.hops),
            neighbourhood_vectors(vectors[1], right, settings.rarity, settings.hops),
        )
        places = union(
            mutual_candidates(*vectors, settings.by_name),
            mutual_candidates(*around, settings.by_neighbourhood),
        )
    trust = _trust_in_names(with_values(places, similarities(*around, places)), seeds)
    kinds = _reach(left, settings.any_kind), _reach(right, settings.any_kind)
    places = _possible(places, kinds, seeds)
    near = trust * similarities(*around, places)
    structure = np.zeros_like(near)
    if not settings.names_only:
        edges = unit_rows(adjacency(left)), unit_rows(adjacency(right))
        progress.begin("rounds", settings.rounds)
        for number in range(settings.rounds):
            total = with_values(places, near + settings.structure * structure)
            vouching = _at_least(sinkhorn(total, settings.temperature), settings.trusted)
            if number < _WIDENING:
                suggested = _suggested(*edges, vouching, settings)
                places = _possible(union(places, suggested), kinds, seeds)
                near = trust * similarities(*around, places)
            structure = sparse_similarities((edges[0] @ vouching).tocsr(), edges[1], places)
            progress.update(number + 1)
    total = with_values(places, near + settings.structure * structure)
    name = similarities(*vectors, places)
    if settings.ranking == "sinkhorn":
        total = sinkhorn(total, settings.temperature)
    elif settings.ranking == "csls":
        total = csls(total)
    return Alignment(left, right, total, name, near, structure, seeds)


def _at_least(matching: Sparse, probability: float) -> Sparse:
    """The matches whose neighbours profit."""
    kept = matching.data >= probability
    places = row_of(matching)[kept], matching.indices[kept]
    return sp.csr_matrix((matching.data[kept], places), shape=matching.shape)


def _trust_in_names(near: Sparse, seeds: Ints) -> float:
    """How far names are believed: less than 1 where they find fewer than half of the seeds.

    So that a few odd seeds do not decide, `_BELIEVED` more are taken to be found.
    """
    if not len(seeds):
        return 1.0
    scores = near[seeds[:, 0]].tocsr()
    best = places_of_best(scores, 1)
    right = (scores.indices[best] == seeds[row_of(scores)[best], 1]).sum()
    return min(1.0, 2 * (float(right) + _BELIEVED) / (len(seeds) + _BELIEVED))


def _reach(graph: Graph, any_kind: bool) -> Ints:
    """Bits of each entity, (n,); two that may be one have some in common."""
    if any_kind or not graph.kinds:
        return np.full(len(graph), -1)
    return np.array([reach(kind) for kind in graph.kinds])


def _possible(places: Sparse, kinds: tuple[Ints, Ints], seeds: Ints) -> Sparse:
    """Candidates of kinds that may be one; entities with a known partner have no other."""
    rows, columns = row_of(places), places.indices
    free = (kinds[0][rows] & kinds[1][columns]) != 0
    free &= ~(np.isin(rows, seeds[:, 0]) | np.isin(columns, seeds[:, 1]))
    kept = np.append(rows[free], seeds[:, 0]), np.append(columns[free], seeds[:, 1])
    return pattern(*kept, places.shape)


def _suggested(left: Sparse, right: Sparse, vouching: Sparse, settings: AlignSettings) -> Sparse:
    """Pairs whose neighbours are matched, the best of each entity; hubs suggest nothing."""
    thin = [
        side @ sp.diags((np.diff(side.T.tocsr().indptr) <= settings.hub).astype(np.float32))
        for side in (left, right)
    ]
    there, back = (thin[0] @ vouching).tocsr(), thin[1].T.tocsr()
    blocks = [
        best_of_rows((there[start : start + _ROWS] @ back).tocsr(), settings.by_matches)
        for start in range(0, there.shape[0], _ROWS)
    ]
    return sp.vstack(blocks, format="csr")
