"""How fast a packed dump is read, against unpacking alone and against gzip with json.

    python benchmarks/harvest.py [DUMP.json.gz] [--rounds 5]

Without a dump, one is made in the official format: of whole real items where the shared data is
(KGENRICH_SHARED_DATA), else of the shipped ones, which are nearly all terms. The contestants take
turns, each in a process of its own, and ratios are taken within a round, so that a busy machine
disturbs all of them alike. CPU time counts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kgenrich.resources import resource

SIZE = 150_000_000
LANGUAGES = ["en", "de", "fr", "it", "ja", "zh", "es", "ru", "ar", "ko"]


def unpack(path: str) -> int:
    """isal alone: the limit for any reader."""
    from isal import igzip

    size = 0
    with igzip.open(path) as file:
        while chunk := file.read(1 << 20):
            size += len(chunk)
    return size


def read(path: str, languages: list[str], properties: tuple[str, ...]) -> int:
    from kgenrich.harvest.document import Reader
    from kgenrich.harvest.dump import read_dump
    from kgenrich.inputs import Input

    with Input(path) as source:
        for batch in read_dump(source, Reader(languages, properties)):
            position = batch.position
    return int(position)


def read_everything(path: str) -> int:
    """All terms, sitelinks and the default properties, as `kgenrich harvest dump` reads them."""
    from kgenrich.settings import DEFAULT_PROPERTIES

    return read(path, [], DEFAULT_PROPERTIES)


def read_ten(path: str) -> int:
    """Terms in ten languages, sitelinks and classes."""
    return read(path, LANGUAGES, ())


def plain_json(path: str) -> int:
    """The same ten languages with the standard library."""
    size = 0
    wanted = set(LANGUAGES)
    with gzip.open(path) as file:
        for line in file:
            size += len(line)
            if len(line) < 3:
                continue
            document = json.loads(line.rstrip(b",\n"))
            for part in ("labels", "descriptions"):
                _ = {
                    code: term["value"]
                    for code, term in (document.get(part) or {}).items()
                    if code in wanted
                }
    return size


CONTESTANTS: dict[str, Callable[[str], int]] = {
    "isal alone": unpack,
    "everything": read_everything,
    "ten languages": read_ten,
    "gzip + json": plain_json,
}


def make(path: Path) -> None:
    """A dump in the official format: escapes, commas, the items again and again as new ones."""
    shared = os.environ.get("KGENRICH_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")
    items = Path(shared) / "wikidata_entities" / "entities.ndjson.gz"
    if not items.is_file():
        items = resource("config/demo/items.json.gz")
    lines = gzip.decompress(items.read_bytes()).splitlines()
    documents = [json.loads(line.rstrip(b",")) for line in lines if len(line) > 2]
    texts = [(d["id"], json.dumps(d, separators=(",", ":")).replace("/", "\\/")) for d in documents]
    whole = sum(len(text) for _, text in texts)
    print(f"{items.name}: {len(texts)} items of {whole / len(texts) / 1000:.1f} kB on average")
    with gzip.open(path, "wb", 6) as file:
        file.write(b"[\n")
        for copy in range(SIZE // whole + 1):
            for name, text in texts:
                file.write(text.replace(f'"{name}"', f'"{name}{copy:02}"').encode() + b",\n")
        file.write(b"]\n")


def one(name: str, path: str) -> None:
    begun = time.process_time()
    size = CONTESTANTS[name](path)
    seconds = time.process_time() - begun
    print(json.dumps([size / seconds / 1e6, peak()]))


def peak() -> float:
    """Peak memory of this process in MB; `getrusage` would count that of its parent as well."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dump", nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=CONTESTANTS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one, arguments.dump)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.dump
        if path is None:
            path = f"{folder}/dump.json.gz"
            make(Path(path))
        rounds: list[dict[str, list[float]]] = []
        for _ in range(arguments.rounds):
            found = {}
            for name in CONTESTANTS:
                command = [sys.executable, __file__, path, "--one", name]
                done = subprocess.run(command, check=True, capture_output=True)
                found[name] = json.loads(done.stdout)
            rounds.append(found)
    print(f"{'':16}{'MB/CPU s':>10}{'x isal':>8}{'x json':>8}{'peak MB':>9}")
    for name in CONTESTANTS:
        speed = statistics.median(found[name][0] for found in rounds)
        isal = statistics.median(found[name][0] / found["isal alone"][0] for found in rounds)
        other = statistics.median(found[name][0] / found["gzip + json"][0] for found in rounds)
        peak = max(found[name][1] for found in rounds)
        print(f"{name:16}{speed:10.0f}{isal:8.2f}{other:8.1f}{peak:9.0f}")


if __name__ == "__main__":
    main()
