"""How many names a second the shipped encoder makes on one core, and what aligning costs.

    OMP_NUM_THREADS=1 python benchmarks/names.py [FOLDER in the layout of DBP15K]

CPU time counts, and the best of three rounds; memory is the peak of the process.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from kgenrich.adapters.alignment.align import align
from kgenrich.adapters.alignment.dbp15k import read_folder
from kgenrich.adapters.encoder.name_encoder import NameEncoder

NAMES = ("Moscow", "Москва", "莫斯科", "University of Tokyo", "東京大学", "Αλβέρτος Αϊνστάιν")


def main() -> None:
    """Print the figures."""
    encoder = NameEncoder.load()
    names = [f"{name} {number}" for number in range(4000) for name in NAMES]
    graphs = read_folder(Path(sys.argv[1])) if len(sys.argv) > 1 else None
    if graphs:
        names = [*graphs.left.names, *graphs.right.names]
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        encoder.encode(names)
        best = min(best, time.process_time() - began)
    print(f"{len(names)} names: {len(names) / best:,.0f} names a CPU-second")
    if graphs:
        began = time.process_time()
        align(graphs.left, graphs.right, encoder)
        size = f"{len(graphs.left)} x {len(graphs.right)} entities"
        print(f"{size}: {time.process_time() - began:.1f} CPU-seconds")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory: {peak:.2f} GiB")


if __name__ == "__main__":
    main()
