"""``python -m tests.fuzz``: counts for each reader, as docs/reliability.md shows them."""

from __future__ import annotations

import argparse
import resource

from tests.fuzz import engines as engines  # Registers its readers.
from tests.fuzz import glossaries as glossaries  # And so does this.
from tests.fuzz.readers import READERS
from tests.fuzz.rounds import fuzz


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--rounds", type=int, default=500, help="Odd inputs for each reader.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", default="", help="Only those whose name holds this.")
    given = parser.parse_args()
    print(
        "| reader | tried | read | refused, with a sentence | neighbours lost | faults | slowest |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name in READERS:
        if given.reader not in name:
            continue
        counts = fuzz(name, given.rounds, given.seed)
        print(
            f"| {name} | {counts.tried:,} | {counts.tried - counts.refused - len(counts.faults):,} "
            f"| {counts.refused:,} | {len(counts.lost)} | {len(counts.faults)} "
            f"| {counts.slowest:.1f} s |",
            flush=True,
        )
        for seed, what in [*counts.lost, *counts.faults][:5]:
            print(f"  seed {seed}: {what}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\nMost memory: {peak >> 10} MB.")


if __name__ == "__main__":
    main()
