"""What a nightly run costs beside the first one, and how many events a second are looked through.

    KGENRICH_SHARED_DATA=../shared/data python benchmarks/following.py [ITEMS] [EVENTS]

A store of ITEMS items (100,000 by default), each a real one of Wikidata that lacks some languages,
is harvested from a dump, enriched in three languages by the sources that need no network, and its
accepted and asserted terms in them are exported. Then one item of a hundred is edited on a wiki
that a process of its own plays, and the night is run: `harvest changes`, `enrich`, `export`; then
again when nothing was changed. Each command is a process of its own; all share a new cache of what
sources learned. Taken are the processor seconds of all processes of a night, start-up
included, and the most memory of any; prints JSON with them and their shares of the first run's.

Last, EVENTS events (50,000), of which one of ten is about items of the store, are read from a local
stream to the list of items to fetch.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from kgenrich.harvest.changes import Follower, Known, Place
from kgenrich.harvest.feeds import End, stream
from kgenrich.settings import Network
from kgenrich.store.facts.graph import ids_after, revisions
from kgenrich.store.opening import open_store

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.changing_wiki import ChangingWiki
from tests.server import Asked, Reply, Server

LANGUAGES = ("it", "es", "ja")
KEPT = (*LANGUAGES, "en", "de", "fr", "nl", "ru", "zh", "ar", "pt", "sv", "mul")
SHARE = 100
Document = dict[str, Any]


def documents(count: int) -> Iterator[Document]:
    """Real items again and again, each time without other languages."""
    data = Path(os.environ["KGENRICH_SHARED_DATA"]) / "wikidata_entities" / "entities.ndjson.gz"
    with gzip.open(data) as lines:
        real = [json.loads(line) for line in lines]
    draw = random.Random(1)
    for number in range(count):
        document = real[number % len(real)]
        lacking = set(draw.sample(LANGUAGES, draw.randrange(len(LANGUAGES) + 1)))
        parts = {
            part: {
                c: t for c, t in document.get(part, {}).items() if c in KEPT and c not in lacking
            }
            for part in ("labels", "descriptions", "aliases")
        }
        id = document["id"] if number < len(real) else f"Q{10**9 + number}"
        yield {**document, **parts, "id": id, "lastrevid": number + 1}


def play(ready: Any, changed: list[Document], stop: Any) -> None:
    """A wiki on which these items were edited, until it is to stop."""
    wiki = ChangingWiki({document["id"]: document for document in changed})
    for document in changed:
        wiki.label(document["id"], "en", "Another name")
    with Server(wiki.answer) as server:
        ready.put(server.url)
        stop.wait()
        wiki.closed.set()


def tell(ready: Any, ids: list[str], count: int, stop: Any) -> None:
    """A stream of events of Wikimedia's shape, of which each tenth is of one of the ids."""
    draw = random.Random(2)

    def event(number: int) -> bytes:
        is_ours = number % 10 == 0
        told = {
            "$schema": "/mediawiki/recentchange/1.0.0",
            "meta": {"dt": "2026-11-28T00:00:00Z", "domain": "x", "id": "f" * 36},
            "type": "edit",
            "namespace": 0,
            "title": draw.choice(ids) if is_ours else "Some page",
            "comment": "/* wbsetlabel-add:1|it */ " + "c" * 200,
            "timestamp": 1_700_000_000 + number // 1000,
            "user": "Somebody",
            "revision": {"old": 1, "new": 10**10 + number},
            "server_name": "www.wikidata.org" if is_ours else "en.wikipedia.org",
            "parsedcomment": "p" * 600,
        }
        mark = json.dumps([{"topic": "recentchange", "partition": 0, "offset": number}])
        return f"event: message\nid: {mark}\ndata: {json.dumps(told)}\n\n".encode()

    parts = [b"".join(map(event, range(at, min(at + 100, count)))) for at in range(0, count, 100)]

    def answer(asked: Asked) -> Reply:
        return Reply(stream=iter(parts), type="text/event-stream")

    with Server(answer) as server:
        ready.put(server.url)
        stop.wait()


def night(commands: list[list[str]], environment: dict[str, str]) -> dict[str, float]:
    """The processor seconds of some commands, and the memory of the largest in MB."""
    cpu, memory = 0.0, 0.0
    for command in commands:
        arguments = [sys.executable, "-m", "kgenrich.cli.main", *command]
        process = os.posix_spawn(sys.executable, arguments, environment)
        _, status, used = os.wait4(process, 0)
        assert status == 0, command
        cpu += used.ru_utime + used.ru_stime
        memory = max(memory, used.ru_maxrss / 1024)
    return {"cpu": cpu, "memory": memory}


def played(target: Any, *arguments: Any) -> tuple[str, Any]:
    """The address of a server in a process of its own, and what ends it."""
    ready, stop = multiprocessing.Queue(), multiprocessing.Event()
    multiprocessing.Process(target=target, args=(ready, *arguments, stop), daemon=True).start()
    return ready.get(), stop


def nights(folder: Path, count: int) -> dict[str, Any]:
    """The first run, a night with changes and one without."""
    dump, output = folder / "items.json.gz", str(folder / "terms.ttl.gz")
    changed: list[Document] = []
    with gzip.open(dump, "wt", compresslevel=1) as file:
        file.write("[\n")
        for number, document in enumerate(documents(count)):
            file.write(json.dumps(document) + ("\n" if number == count - 1 else ",\n"))
            if number % SHARE == SHARE // 2:
                changed.append(document)
        file.write("]\n")
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    address, stop = played(play, changed)
    environment = os.environ | {
        "KGENRICH_STORE": str(folder / "kg.db"),
        "KGENRICH_NETWORK__CONTACT": "me@example.org",
        "KGENRICH_NETWORK__REQUESTS_PER_MINUTE": "100000",
        "KGENRICH_NETWORK__TIMEOUT": "2",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    spoken = ["--languages", ",".join(LANGUAGES)]
    rest = [["enrich", *spoken], ["export", "rdf", *spoken, "--output", output, "--force"]]
    follow = ["harvest", "changes", *spoken, "--stream", f"{address}/stream"]
    follow += ["--api", f"{address}/w/api.php", "--since"]
    first = night([["harvest", "dump", *spoken, str(dump)], *rest], environment)
    some = night([[*follow, since], *rest], environment)
    none = night([[*follow, since], *rest], environment)
    stop.set()
    return {
        "items": count,
        "first": first,
        "changed": some | {"share": some["cpu"] / first["cpu"]},
        "unchanged": none | {"share": none["cpu"] / first["cpu"]},
    }


def events(folder: Path, count: int) -> dict[str, float]:
    """Events a second, by the clock and by the processor."""
    store = open_store(f"sqlite:///{folder / 'kg.db'}")
    ids = [id for id, _ in islice(ids_after(store, ""), 20_000)]
    address, stop = played(tell, ids, count)
    follower = Follower(
        Known(lambda ids: revisions(store, ids), lambda _: iter(())), None, ["item"]
    )
    end = End(1_700_000_000 + (count - 1) // 1000)
    begun, used = time.perf_counter(), time.process_time()
    feed = stream(Network(contact="me@example.org"), address, ["www.wikidata.org"], Place(), end)
    for _ in follower.follow(feed, Place()):
        pass
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    stop.set()
    store.close()
    # It ends with the first event of the last second.
    read = (count - 1) // 1000 * 1000 + 1
    told = {"events": read, "of_items": follower.tally.events, "listed": follower.tally.concerning}
    return told | {"a_second": read / seconds, "a_second_of_cpu": read / cpu}


def main(count: int = 100_000, told: int = 50_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(json.dumps(nights(folder, count) | {"stream": events(folder, told)}, indent=1))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
