"""How soon a run over an unchanged graph asks its sources, beside the first run over it.

    KGENRICH_SHARED_DATA=../shared/data python benchmarks/fitting.py [ITEMS] [ROUNDS]

A store of ITEMS items (20,000 by default), each a real one of Wikidata that lacks some languages,
is enriched by the sources of the graph: labels and descriptions in nine languages, each time in a
process of its own. A first run has an empty cache of fitted values, a second run that of the first.
Taken is the time from the start of `make_sources` until every source has answered one request for
each language and kind, and the processor seconds until then. First and second runs take turns;
prints JSON with the median of each and of their ratio.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from kgenrich.harvest.document import Reader
from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.settings import DEFAULT_PROPERTIES, Settings
from kgenrich.sources.fit_cache import FitCache
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store

LANGUAGES = ("it", "fr", "es", "de", "nl", "ru", "ja", "zh", "ar")
OTHERS = ("en", "pt", "sv", "pl", "uk", "ca", "fi", "cs", "ko", "tr", "hu", "da", "fa", "vi", "he")
SOURCES = ("names", "description-composer", "description-memory")


def items(count: int) -> Iterator[Entity]:
    """Real items again and again, each time without other languages."""
    data = Path(os.environ["KGENRICH_SHARED_DATA"]) / "wikidata_entities" / "entities.ndjson.gz"
    reader = Reader((*LANGUAGES, *OTHERS), DEFAULT_PROPERTIES)
    with gzip.open(data) as lines:
        real = [entity for line in lines for entity in reader.read(line)]
    draw = random.Random(1)
    for number in range(count):
        entity = real[number % len(real)]
        lacking = set(draw.sample(LANGUAGES, draw.randrange(len(LANGUAGES))))
        yield replace(
            entity,
            id=entity.id if number < len(real) else f"Q{10**9 + number}",
            labels={c: t for c, t in entity.labels.items() if c not in lacking},
            descriptions={c: t for c, t in entity.descriptions.items() if c not in lacking},
        )


def ask(url: str, cache: Path) -> dict[str, float]:
    """One run in this process, until each source has answered."""
    from kgenrich.verbs.assembly import make_sources

    graph = StoreGraph(open_store(url))
    entity = next(graph.entities())
    kinds = (TermKind.LABEL, TermKind.DESCRIPTION)
    requests = [TermRequest(entity, code, kind) for code in LANGUAGES for kind in kinds]
    began, used = time.perf_counter(), time.process_time()
    for source in make_sources(Settings(), graph, LANGUAGES, SOURCES, fits=FitCache(cache))[0]:
        for _ in source.propose(source.prepare(requests)):
            pass
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}


def main(count: int, rounds: int) -> None:
    """Take turns, and print."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db"
        store, rest = open_store(url, create=True), items(count)
        while batch := list(islice(rest, 1_000)):
            load_entities(store, batch)
        first, second = [], []
        for turn in range(rounds):
            cache = Path(folder) / f"cache{turn}"
            for runs in (first, second):
                command = [sys.executable, __file__, url, str(cache)]
                said = subprocess.run(command, check=True, capture_output=True).stdout
                runs.append(json.loads(said))
            size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
        report = {
            "items": count,
            "first": {name: median(run[name] for run in first) for name in first[0]},
            "second": {name: median(run[name] for run in second) for name in second[0]},
            "ratio": median(a["cpu"] / b["cpu"] for a, b in zip(first, second, strict=True)),
            "cache_mib": size / 2**20,
        }
        print(json.dumps(report, indent=2))


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].startswith("sqlite"):
        print(json.dumps(ask(sys.argv[1], Path(sys.argv[2]))))
    else:
        given = [int(value) for value in islice(sys.argv, 1, None)]
        main(*given, *(20_000, 3)[len(given) :])
