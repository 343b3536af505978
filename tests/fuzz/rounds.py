"""Many attempts of one reader, each from a seed of its own, counted."""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.readers import READERS


@dataclass
class Counts:
    """``lost`` and ``faults`` name the seed that shows one and what was seen."""

    tried: int = 0
    refused: int = 0
    lost: list[tuple[int, str]] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    slowest: float = 0.0


def fuzz(name: str, rounds: int, first: int = 0) -> Counts:
    """Make ``rounds`` attempts of a reader, from the seed ``first`` on."""
    counts = Counts()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + rounds):
            begun = time.monotonic()
            counts.tried += 1
            try:
                attempt = READERS[name](random.Random(f"{name} {seed}"), Path(folder))
            except Exception as error:
                counts.faults.append((seed, f"{type(error).__name__}: {error}"[:300]))
            else:
                counts.refused += bool(attempt.refused)
                if attempt.lost:
                    told = f"{', '.join(attempt.lost)} ({attempt.refused[:200]})"
                    counts.lost.append((seed, told))
            counts.slowest = max(counts.slowest, time.monotonic() - begun)
    return counts
