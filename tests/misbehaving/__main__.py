"""``python -m tests.misbehaving``: counts for each command, as docs/reliability.md shows them."""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path

from tests.misbehaving.asking import Counts, enrich, harvest


def show(name: str, counts: Counts) -> None:
    print(f"{name}: {counts.items:,} items, {counts.manners.total():,} requests in {counts.runs} ")
    print(f"runs, {counts.seconds:.0f} s; asked for again after a good answer: {counts.again}")
    print(", ".join(f"{number} {how}" for how, number in counts.manners.most_common()))
    print("\n".join(["Faults:", *counts.faults]) if counts.faults else "No faults.", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.misbehaving")
    parser.add_argument("--items", type=int, default=1200, help="Terms asked for.")
    parser.add_argument("--entities", type=int, default=10_000, help="Entities fetched.")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "enrich").mkdir()
        (Path(folder) / "harvest").mkdir()
        if given.items:
            show("enrich", enrich(Path(folder) / "enrich", given.items, given.seed))
        if given.entities:
            show("harvest ids", harvest(Path(folder) / "harvest", given.entities, given.seed))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"Most memory of a process: {peak >> 10} MB.")


if __name__ == "__main__":
    main()
