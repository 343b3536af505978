"""What the source `names` costs on one core: learning, starting again, and asking.

    OMP_NUM_THREADS=1 python benchmarks/name_requests.py TERMS [LANGUAGES]

TERMS is a file of terms (entity, language, kind, text, source). Processor seconds until the first
request is answered, in the languages given (by default fr,ru,ja): of a run that learns, and of a
second one on the same graph, which reads what was kept, with its share of the first. Requests a
second are those of entities that were held out, whose words by sound are known already; and as a
share of the requests a second that do nothing but find what other languages call the entity.
Prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kgenrich.evaluate.names.held_out_names import hold_out, read_entities
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.fit_cache import Digests, FitCache
from kgenrich.sources.graph.name_model import NamesOptions
from kgenrich.sources.graph.name_routes import Routes, find
from kgenrich.sources.graph.names import Names


class UnchangedGraph(MemoryGraph):
    """A graph that is known to be what it was."""

    def digests(self, first: int | None = None) -> Digests:
        return np.arange(len(list(self.entities())), dtype=np.int64)


def timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main(path: Path, languages: tuple[str, ...]) -> None:
    """Print the figures."""
    held = hold_out(read_entities(path), ("en",), languages, 1_000, 0)
    graph, requests = UnchangedGraph(held.graph.entities()), held.requests

    def source(folder: str) -> Names:
        fits = FitCache(Path(folder))
        return Names(SourceContext(graph, languages, Settings(), fits=fits), NamesOptions())

    with TemporaryDirectory() as folder:
        learning = timed(lambda: source(folder).ranked(requests[:1]))
        kept = source(folder)
        starting = timed(lambda: kept.ranked(requests[:1]))
    kept.ranked(requests)
    asking, routes = timed(lambda: kept.ranked(requests)), Routes()
    finding = timed(lambda: [find(one.entity, one.language, routes) for one in requests])
    figures = {
        "entities": len(list(graph.entities())),
        "learning": round(learning, 1),
        "starting_again": round(starting, 2),
        "share_of_learning": round(starting / learning, 3),
        "requests_a_second": round(len(requests) / asking),
        "share_of_finding": round(finding / asking, 3),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple((sys.argv[2] if len(sys.argv) > 2 else "fr,ru,ja").split(",")))
