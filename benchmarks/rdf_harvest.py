"""How fast RDF files are read, by this build and by another.

    python benchmarks/rdf_harvest.py OTHER [--entities N] [--rounds N]

OTHER is a checkout of the build to compare with. The shipped items are written under new ids in
each format, half of the triples with predicates that are not read, and read by
``harvest rdf --dry-run``. The builds take turns, each in a process of its own; the figure is the
median of the ratios within a round of the CPU time, with the lowest and the highest.
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
        subject = ox.NamedNode(f"http://www.wikidata.org/entity/Q{number + 1}")
        for code, text in entity.labels.items():
            found.append(ox.Quad(subject, label, ox.Literal(text, language=bcp47(code))))
            found.append(ox.Quad(subject, other, ox.NamedNode(f"http://example.org/{number}")))
    return found


def seconds(build: Path, file: Path) -> float:
    """The CPU time of one harvest."""
    before = usage.getrusage(usage.RUSAGE_CHILDREN)
    code = "from kgenrich.cli.main import main; main()"
    command = [sys.executable, "-c", code, "harvest", "rdf", str(file), "--dry-run"]
    environment = {**os.environ, "PYTHONPATH": str(build)}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = usage.getrusage(usage.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path)
    parser.add_argument("--entities", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    quads = triples(options.entities)
    with tempfile.TemporaryDirectory() as folder:
        for ending, form in FORMATS.items():
            file = Path(folder) / f"graph.{ending}"
            file.write_bytes(ox.serialize(quads, format=form))
            rounds = []
            for _ in range(options.rounds):
                other = seconds(options.other, file)
                rounds.append((seconds(HERE, file), other))
            ratios = sorted(here / other for here, other in rounds)
            size = file.stat().st_size / 1e6
            print(
                f"{ending}: {size:.0f} MB, {median(here for here, _ in rounds):.2f} s CPU here, "
                f"{median(other for _, other in rounds):.2f} s there, ratio {median(ratios):.3f} "
                f"({ratios[0]:.3f} to {ratios[-1]:.3f})"
            )


if __name__ == "__main__":
    main()
