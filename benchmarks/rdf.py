"""How fast terms are written as RDF, side by side with pyoxigraph and rdflib.

    python benchmarks/rdf.py [--entities N] [--rounds N] [--memory N]

Real labels, descriptions and aliases of the shipped items, repeated under new ids. The writers
take turns in every round and only ratios within a round count: the figure is their median, with
the lowest and the highest. pyoxigraph and rdflib start from the same rows, as this tool does:
they make their terms, then serialise; ``serialize only`` leaves the making out. What each wrote is
read back by pyoxigraph and has to be the same triples.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from statistics import median

import pyoxigraph as ox
import rdflib

from kgenrich.export.rdf import RdfCounts, RdfOptions, graph_of, serialize
from kgenrich.languages import bcp47
from kgenrich.model import TermKind, TermRow
from kgenrich.resources import resource

BASE = "http://www.wikidata.org/entity/"
IRIS = {
    TermKind.LABEL: "http://www.w3.org/2000/01/rdf-schema#label",
    TermKind.ALIAS: "http://www.w3.org/2004/02/skos/core#altLabel",
    TermKind.DESCRIPTION: "http://schema.org/description",
}
FORMATS = {"nt": ox.RdfFormat.N_TRIPLES, "ttl": ox.RdfFormat.TURTLE}
RDFLIB = {"nt": "nt", "ttl": "turtle"}


@lru_cache(maxsize=1)
def shipped() -> list[list[tuple[str, TermKind, str]]]:
    """The terms of each shipped item."""
    with gzip.open(resource("config/demo/items.json.gz"), "rt", encoding="utf-8") as lines:
        items = [json.loads(line.rstrip(",\n")) for line in lines if line.startswith("{")]
    found = []
    for item in items:
        terms = []
        for field, kind in (("labels", TermKind.LABEL), ("descriptions", TermKind.DESCRIPTION)):
            terms += [(t["language"], kind, t["value"]) for t in item.get(field, {}).values()]
        for aliases in item.get("aliases", {}).values():
            terms += [(t["language"], TermKind.ALIAS, t["value"]) for t in aliases]
        found.append(terms)
    return found


def rows(entities: int) -> Iterator[TermRow]:
    """The rows of so many entities."""
    items = shipped()
    for number in range(1, entities + 1):
        for language, kind, text in items[number % len(items)]:
            yield TermRow(f"Q{number}", language, kind, text, "asserted")


def with_kgenrich(given: list[TermRow], form: str) -> bytes:
    options = RdfOptions(BASE, form)
    return b"".join(serialize([(graph_of("asserted", options), given)], options, RdfCounts()))


def oxigraph_terms(given: list[TermRow]) -> list[ox.Triple]:
    predicates = {kind: ox.NamedNode(iri) for kind, iri in IRIS.items()}
    return [
        ox.Triple(
            ox.NamedNode(BASE + row.entity),
            predicates[row.kind],
            ox.Literal(row.text, language=bcp47(row.language)),
        )
        for row in given
    ]


def with_oxigraph(triples: list[ox.Triple], form: str) -> bytes:
    prefixes = {"wd": BASE, "rdfs": str(rdflib.RDFS), "skos": str(rdflib.SKOS)}
    written = ox.serialize(triples, format=FORMATS[form], prefixes=prefixes)
    assert written is not None
    return written


def with_rdflib(given: list[TermRow], form: str) -> bytes:
    graph = rdflib.Graph()
    predicates = {kind: rdflib.URIRef(iri) for kind, iri in IRIS.items()}
    for row in given:
        graph.add(
            (
                rdflib.URIRef(BASE + row.entity),
                predicates[row.kind],
                rdflib.Literal(row.text, lang=bcp47(row.language)),
            )
        )
    return graph.serialize(format=RDFLIB[form], encoding="utf-8")


def triples_of(data: bytes, form: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(input=data, format=FORMATS[form])}


def compare(form: str, entities: int, rounds: int) -> None:
    """Print the speeds and the ratios for one format."""
    given = list(rows(entities))
    speeds: dict[str, list[float]] = {}
    written: dict[str, bytes] = {}

    def take(name: str, function: Callable[[], bytes]) -> None:
        before = time.process_time()
        written[name] = function()
        speeds.setdefault(name, []).append(len(given) / (time.process_time() - before))
        gc.collect()

    for _ in range(rounds):
        take("kgenrich", lambda: with_kgenrich(given, form))
        take("pyoxigraph", lambda: with_oxigraph(oxigraph_terms(given), form))
        made = oxigraph_terms(given)
        take("pyoxigraph, serialize only", partial(with_oxigraph, made, form))
        del made
        take("rdflib", lambda: with_rdflib(given, form))
    ours = written["kgenrich"]
    for name, theirs in written.items():
        assert triples_of(theirs, form) == triples_of(ours, form), name
    print(f"{form}: {len(given):,} triples, {len(ours) / 1e6:.0f} MB, {rounds} rounds")
    for name, found in speeds.items():
        ratios = [a / b for a, b in zip(speeds["kgenrich"], found, strict=True)]
        print(
            f"  {name:28} {median(found) / 1000:8.0f} thousand triples/s   "
            f"kgenrich is {median(ratios):5.1f} x ({min(ratios):.1f}-{max(ratios):.1f})"
        )


def memory(triples: int) -> None:
    """Print how far the memory in use rises while so many triples are written (Linux)."""
    options = RdfOptions(BASE, "nt")
    counts = RdfCounts()
    entities = triples * len(shipped()) // sum(map(len, shipped()))
    for _ in serialize([("", rows(2000))], options, RdfCounts()):
        pass
    gc.collect()
    before = most = resident()
    for number, _ in enumerate(serialize([("", rows(entities))], options, counts)):
        if number % 10_000 == 0:
            most = max(most, resident())
    grown = (most - before) / 2**20
    print(f"memory: {counts.triples:,} triples written, {grown:.1f} MB more in use at most")


def resident() -> int:
    """The bytes of memory that this process has now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--entities", type=int, default=4000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--memory", type=int, default=10_000_000, help="0 to leave it out")
    chosen = options.parse_args()
    if chosen.memory:
        memory(chosen.memory)
    for form in ("nt", "ttl"):
        compare(form, chosen.entities, chosen.rounds)


if __name__ == "__main__":
    main()
