"""What a dead source beside a live one adds to a run, with the default retries.

    python benchmarks/dead_source.py [ENTITIES]

`kgenrich.enrich` asks a local echo server for the Italian name of ENTITIES entities (200 by
default), alone and beside a second source whose server refuses connections, hangs up on each, or is
silent; runs are interleaved, each over a new store. Prints the seconds that the dead one adds.
"""

from __future__ import annotations

import json
import multiprocessing
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress

from sources import ANSWERS, serve

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.enrich.run import enrich
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.settings import Settings
from kgenrich.sources.base import SourceContext, build
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store

ROUNDS = 3
TIMEOUT = 2.0
"""Seconds that the silent source is given, which are what it costs; by default they are 60."""


def run(ports: list[int], entities: int) -> float:
    """Seconds of a run over sources at these ports, the live one last."""
    settings = Settings(network={"contact": "benchmark@example.org"})  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db", create=True)
        names = [Entity(f"Q{n}", labels={"en": f"Name {n}"}) for n in range(1, entities + 1)]
        load_entities(store, names)
        sources = []
        for port in ports:
            options = {"use": "libretranslate", "url": f"http://127.0.0.1:{port}"}
            own = options | {"timeout": TIMEOUT}
            context = SourceContext(StoreGraph(store), ("it",), settings, own)
            sources.append(build(f"source-{port}", context))
        consensus = Consensus(PoolRanker(), lambda request, text: ())
        began = time.monotonic()
        enrich(store, sources, consensus, Scope(("it",), (TermKind.LABEL,)), "benchmark")
        seconds = time.monotonic() - began
        store.close()
    return seconds


def hang_up(listener: socket.socket) -> None:
    """Close every connection at once."""
    with suppress(OSError):
        while True:
            listener.accept()[0].close()


def main() -> None:
    """Measure every way of being dead and print a table."""
    entities = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    port, counted = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    answer = json.dumps(ANSWERS["libretranslate"]).encode()
    server = multiprocessing.Process(target=serve, args=(answer, port, counted), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.01)
    refused, hangs_up, silent = (socket.create_server(("127.0.0.1", 0)) for _ in range(3))
    dead = {
        "refused": refused.getsockname()[1],
        "hung up on": hangs_up.getsockname()[1],
        f"silent for {TIMEOUT:g} s": silent.getsockname()[1],
    }
    refused.close()
    threading.Thread(target=hang_up, args=(hangs_up,), daemon=True).start()
    print(f"{entities} entities     seconds alone   beside a dead one   added")
    for name, gone in dead.items():
        pairs = [(run([port.value], entities), run([gone, port.value], entities))
                 for _ in range(ROUNDS)]  # fmt: skip
        alone, beside = sorted(pairs, key=lambda pair: pair[1] - pair[0])[ROUNDS // 2]
        print(f"{name:18}  {alone:13.1f}   {beside:17.1f}   {beside - alone:5.1f}", flush=True)
    server.terminate()


if __name__ == "__main__":
    main()
