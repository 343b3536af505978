"""What aligning two large graphs costs: seconds and peak memory, through the whole code path.

    OMP_NUM_THREADS=2 python benchmarks/alignment.py [ENTITIES] [--without-faiss] [--limit GIB]

Each graph has so many entities (200,000 by default) and five times as many triples between
random ones; the second names the same entities with a letter changed, in another order. Names
are random syllables. It ends with status 1 when the peak is over the limit (4 GiB).
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

import numpy as np

from kgenrich.adapters.alignment.align import align
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.alignment.match_calibration import MatchCalibration, best_matches
from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.progress import Progress

SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in "aeiou"]
RELATIONS, EDGES = 200, 5


def graphs(size: int) -> tuple[Graph, Graph, np.ndarray]:
    """Two graphs and, for each entity of the first, its place in the second."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(SYLLABLES), (size, 6))
    names = [
        "".join(SYLLABLES[i] for i in row[:3]) + " " + "".join(SYLLABLES[i] for i in row[3:])
        for row in drawn.tolist()
    ]
    place = rng.permutation(size)
    others = [""] * size
    for name, at, cut in zip(
        names, place.tolist(), rng.integers(0, 12, size).tolist(), strict=True
    ):
        others[at] = name[:cut] + "x" + name[cut + 1 :]
    entities = rng.integers(0, size, (EDGES * size, 2))
    relation = rng.zipf(1.5, EDGES * size) % RELATIONS
    triples = np.column_stack([entities[:, 0], relation, entities[:, 1]]).astype(np.int64)
    there = triples.copy()
    there[:, [0, 2]] = place[triples[:, [0, 2]]]
    ids = [f"Q{number}" for number in range(size)]
    return Graph(ids, names, triples), Graph(ids, others, there), place


def main() -> None:
    """Print what each step takes, and the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("entities", nargs="?", type=int, default=200_000)
    parser.add_argument("--without-faiss", action="store_true")
    parser.add_argument("--limit", type=float, default=4.0, help="GiB")
    asked = parser.parse_args()
    if asked.without_faiss:
        sys.modules["faiss"] = None  # type: ignore[assignment]
    left, right, place = graphs(asked.entities)
    wall, cpu = time.monotonic(), time.process_time()

    class Spent(Progress):
        def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
            spent = time.monotonic() - wall
            print(f"{spent:7.0f} s {peak():5.2f} GiB so far; now {step}", flush=True)

    found = align(left, right, NameEncoder.load(), progress=Spent())
    best = best_matches(found, MatchCalibration.load().structure)
    sure = best.probability >= 0.5
    right_ones = (place[best.left[sure]] == best.right[sure]).sum()
    print(f"{len(left):,} x {len(right):,} entities, {len(left.triples):,} triples each")
    print(f"{time.monotonic() - wall:,.0f} seconds, {time.process_time() - cpu:,.0f} CPU-seconds")
    print(f"{sure.sum():,} matches, {right_ones:,} right")
    print(f"peak memory: {peak():.2f} GiB")
    sys.exit(peak() > asked.limit)


def peak() -> float:
    """The peak of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
