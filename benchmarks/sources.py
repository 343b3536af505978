"""Called sources against a local echo server: do they keep its pace, and is memory flat?

    python benchmarks/sources.py [REQUESTS] [SOURCE ...]

For each kind of HTTP source: the pace of the server is measured with a bare client at the same
concurrency; then `kgenrich.enrich` asks for REQUESTS terms (10,000 by default) through the source
and stores every call; then it does so again, which must make no call. The server waits 50 ms
before each answer, as a quick service does. Prints requests a second, the share of the server's
pace, and the resident memory after a quarter of the requests and at the end.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.enrich.run import enrich
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.progress import SILENT, Progress
from kgenrich.settings import Settings
from kgenrich.sources.base import SourceContext, build
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store

DELAY = 0.05
CONCURRENCY = 8
LANGUAGES = ("it", "fr", "es", "de", "pt")

_CHAT = {
    "model": "echo",
    "choices": [
        {
            "message": {
                "content": json.dumps({"known": True, "answers": [{"text": "Nome", "quote": ""}]})
            },
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 500, "completion_tokens": 20},
}
_HIT = {"title": "Nome", "content": "Nome", "description": "<b>Nome</b>", "url": "http://x.test"}
ANSWERS: dict[str, Any] = {
    "libretranslate": {"translatedText": "[Nome] è un umano."},
    "deepl": {"translations": [{"text": "Nome"}]},
    "azure": [{"translations": [{"text": "[Nome] è un umano."}]}],
    "google": {"data": {"translations": [{"translatedText": "[Nome] è un umano."}]}},
    "searxng": {"results": [_HIT] * 10},
    "brave": {"web": {"results": [_HIT] * 10}},
    "mediawiki": {"query": {"search": [{"title": "x", "snippet": "<b>Nome</b>"}] * 10}},
    "openai": _CHAT,
}
CALLS = {"mediawiki": 2}
"""Requests that one question takes, where it is not one."""
KEYS = ("DEEPL_AUTH_KEY", "AZURE_TRANSLATOR_KEY", "GOOGLE_TRANSLATE_KEY", "BRAVE_API_KEY")


def serve(answer: bytes, port: Any, counted: Any) -> None:
    """An HTTP server that answers everything alike; runs in a process of its own."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n"
    whole = head.encode() + b"\r\n" + answer

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in asked.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line[15:])
                await reader.readexactly(length)
                counted.value += 1
                await asyncio.sleep(DELAY)
                writer.write(whole)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(run())


def pace(port: int, requests: int) -> float:
    """Requests a second of a bare client with as many connections."""

    def one(count: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(count):
            connection.request("POST", "/", b"{}" * 200, {"Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()

    began = time.monotonic()
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        list(pool.map(one, [requests // CONCURRENCY] * CONCURRENCY))
    return requests / (time.monotonic() - began)


def memory() -> float:
    """Resident memory now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(name: str, requests: int) -> tuple[float, float, float, float, int, int]:
    """The server's pace, ours, memory at a quarter and at the end, calls of each run."""
    port, counted = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    answer = json.dumps(ANSWERS[name]).encode()
    server = multiprocessing.Process(target=serve, args=(answer, port, counted), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.01)
    own = pace(port.value, max(CONCURRENCY * 50, requests // 10))
    counted.value = 0
    options = {"url": f"http://127.0.0.1:{port.value}", "concurrency": CONCURRENCY}
    options |= {"requests_per_minute": 1e6, "retries": 0}
    options |= {"model": "echo"} if name == "openai" else {"price": 1.0}
    settings = Settings(network={"contact": "benchmark@example.org"})  # type: ignore[arg-type]
    marks: list[float] = []

    class Quarter(Progress):
        def update(self, done: int | None = None, note: str = "") -> None:
            if (done or 0) * len(LANGUAGES) >= requests / 4 and not marks:
                marks.append(memory())

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db", create=True)
        load_entities(
            store,
            [
                Entity(f"Q{n}", labels={"en": f"Name {n}"}, classes=("Q5",))
                for n in range(10, requests // len(LANGUAGES) + 10)
            ],
        )

        def run(progress: Progress) -> float:
            context = SourceContext(StoreGraph(store), LANGUAGES, settings, options)
            source = build(name, context)
            began = time.monotonic()
            consensus = Consensus(PoolRanker(), lambda request, text: ())
            wanted = Scope(LANGUAGES, (TermKind.LABEL,))
            enrich(store, [source], consensus, wanted, "benchmark", progress=progress)
            return requests * CALLS.get(name, 1) / (time.monotonic() - began)

        ours = run(Quarter())
        end = memory()
        first = counted.value
        # The machine may be busier than it was: the bare client runs before and after.
        own = (own + pace(port.value, requests // 10)) / 2
        counted.value = first
        run(SILENT)
        second = counted.value - first
        store.close()
    server.terminate()
    return own, ours, marks[0], end, first, second


def main() -> None:
    """Measure every kind and print a table."""
    arguments = sys.argv[1:]
    requests = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 10_000
    for variable in KEYS:
        os.environ[variable] = "benchmark"
    print(f"{requests:,} requests, {CONCURRENCY} at once, {1000 * DELAY:.0f} ms each")
    print("source          server/s   ours/s   share   MiB at 1/4   MiB at end   calls   again")
    for name in arguments or list(ANSWERS):
        own, ours, quarter, end, first, second = measure(name, requests)
        print(
            f"{name:14}  {own:8.1f} {ours:8.1f}  {ours / own:5.1%}  {quarter:11.0f}  {end:11.0f}"
            f"  {first:6}  {second:6}",
            flush=True,
        )


if __name__ == "__main__":
    main()
