"""How fast RDF files are read: against pyoxigraph alone, and against another build.

    python benchmarks/rdf_harvest.py [OTHER] [--entities N] [--rounds N] [--store]

The shipped items become concepts in each format, half of the triples with predicates that are not
read, and are read by ``harvest rdf --dry-run``, with ``--store`` into a new store. They take turns
with pyoxigraph, which makes a list of the triples, and with OTHER, a checkout of another build,
each in a process of its own; the figures are the medians of the ratios within a round of the CPU
time, with the lowest and the highest.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource as usage
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import pyoxigraph as ox

from kgenrich.harvest.document import Reader
from kgenrich.languages import bcp47
from kgenrich.resources import resource

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
FORMATS = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "ttl": ox.RdfFormat.TURTLE,
    "rdf": ox.RdfFormat.RDF_XML,
}
HERE = Path(__file__).parent.parent


def triples(entities: int) -> list[ox.Quad]:
    lines = gzip.decompress(resource("config/demo/items.json.gz").read_bytes()).splitlines()
    reader = Reader()
    items = [entity for line in lines[1:-1] for entity in reader.read(line.rstrip(b","))]
    label, other = ox.NamedNode(f"{RDFS}label"), ox.NamedNode("http://example.org/other")
    found = []
    for number, entity in enumerate(islice(cycle(items), entities)):
        subject = ox.NamedNode(f"http://example.org/concept/{number + 1}")
        for code, text in entity.labels.items():
            found.append(ox.Quad(subject, label, ox.Literal(text, language=bcp47(code))))
            found.append(ox.Quad(subject, other, ox.NamedNode(f"http://example.org/{number}")))
    return found


def seconds(command: list[str], build: Path = HERE) -> float:
    """The CPU time of a process."""
    before = usage.getrusage(usage.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(build)}
    subprocess.run(
        [sys.executable, "-c", *command], env=environment, check=True, capture_output=True
    )
    after = usage.getrusage(usage.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def harvest(file: Path, store: Path | None) -> list[str]:
    """The command of one harvest."""
    command = ["from kgenrich.cli.main import main; main()"]
    if store is None:
        return [*command, "harvest", "rdf", str(file), "--dry-run"]
    for each in store.parent.glob(f"{store.name}*"):
        each.unlink()
    return [*command, "--store", str(store), "harvest", "rdf", str(file)]


def against(name: str, rounds: list[tuple[float, float]]) -> str:
    ratios = sorted(here / other for here, other in rounds)
    return f"{name} {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, nargs="?")
    parser.add_argument("--entities", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--store", action="store_true")
    options = parser.parse_args()
    quads = triples(options.entities)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.db" if options.store else None
        for ending, form in FORMATS.items():
            file = Path(folder) / f"graph.{ending}"
            file.write_bytes(ox.serialize(quads, format=form))
            alone = f"import pyoxigraph as ox; list(ox.parse(path={str(file)!r}))"
            parsed, others = [], []
            for _ in range(options.rounds):
                here = seconds(harvest(file, store))
                parsed.append((here, seconds([alone])))
                if options.other is not None:
                    others.append((here, seconds(harvest(file, store), options.other)))
            size = file.stat().st_size / 1e6
            told = [against("pyoxigraph", parsed)]
            told += [against("the other build", others)] if others else []
            here = median(here for here, _ in parsed)
            print(f"{ending}: {size:.0f} MB, {here:.2f} s CPU; {', '.join(told)}")


if __name__ == "__main__":
    main()
