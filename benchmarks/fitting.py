"""How soon a run over a graph that changed little or not asks its sources, beside the first run.

    KGENRICH_SHARED_DATA=../shared/data python benchmarks/fitting.py [ITEMS] [ROUNDS]

A store of ITEMS items (20,000 by default), each a real one of Wikidata that lacks some languages,
is enriched by the sources of the graph: labels and descriptions in nine languages, each time in a
process of its own. A first run has an empty cache of fitted values, a second run that of the first,
and so has a third, before which one item of a hundred gets another label.
Taken is the time from the start of `make_sources` until every source has answered one request for
each language and kind, and the processor seconds until then. The runs take turns; prints JSON
with the median of each, and of what share of the first run's processor time it takes.
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
from typing import Any

from msgspec.structs import replace

from kgenrich.harvest.document import Reader
from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.settings import DEFAULT_PROPERTIES, Settings
from kgenrich.sources.fit_cache import FitCache
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from kgenrich.store.keys import chunks
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
    settings = Settings()
    fits = FitCache(cache, settings.refit_after)
    for source in make_sources(settings, graph, LANGUAGES, SOURCES, fits=fits)[0]:
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
        runs: dict[str, list[dict[str, float]]] = {"first": [], "unchanged": [], "changed": []}
        for turn in range(rounds):
            cache = Path(folder) / f"cache{turn}"
            for name, some in runs.items():
                if name == "changed":
                    change(store, turn)
                command = [sys.executable, __file__, url, str(cache)]
                said = subprocess.run(command, check=True, capture_output=True).stdout
                some.append(json.loads(said))
            size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
        report: dict[str, Any] = {"items": count, "cache_mib": size / 2**20}
        for name, some in runs.items():
            pairs = zip(some, runs["first"], strict=True)
            report[name] = {key: median(run[key] for run in some) for key in some[0]}
            report[name]["share"] = median(run["cpu"] / first["cpu"] for run, first in pairs)
        print(json.dumps(report, indent=2))


def change(store: Store, turn: int) -> None:
    """Another label for each hundredth item, others in each turn."""
    for some in chunks(islice(StoreGraph(store).entities(), turn, None, 100), 1_000):
        new = {"en": f"Another {turn}"}
        load_entities(
            store,
            [replace(e, labels={**e.labels, **new}, revision=e.revision + 1) for e in some],
        )


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].startswith("sqlite"):
        print(json.dumps(ask(sys.argv[1], Path(sys.argv[2]))))
    else:
        given = [int(value) for value in islice(sys.argv, 1, None)]
        main(*given, *(20_000, 3)[len(given) :])
