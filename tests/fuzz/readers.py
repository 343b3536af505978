"""Every reader of what others write, each with a real document of which one part is made odd.

An attempt gives back what the neighbours of the odd part said, what was read of them, and the
sentence with which the reader refused, if it did. Anything else that is raised is a fault.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph

import kgenrich
from kgenrich.corpus import pages
from kgenrich.errors import InputError, KgenrichError
from kgenrich.harvest.sparql import select_ids
from kgenrich.net.sparql import Endpoint
from kgenrich.packing import zstandard
from kgenrich.pairs import read_pairs
from kgenrich.resources import resource
from kgenrich.settings import Network, load_settings
from kgenrich.store.facts.graph import find_entities
from tests.fuzz.mutations import mutate_bytes, mutate_json, mutate_line, storable
from tests.server import Reply, Server

BASE = "http://www.wikidata.org/entity/"
XSD = "http://www.w3.org/2001/XMLSchema#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


class Attempt(NamedTuple):
    """What the neighbours of the odd part said, what was read of them, why it was refused."""

    said: Mapping[str, str]
    read: Mapping[str, str]
    refused: str = ""

    @property
    def lost(self) -> list[str]:
        """The neighbours that were not read as they are."""
        return [name for name, text in self.said.items() if self.read.get(name) != text]


Try = Callable[[random.Random, Path], Attempt]
READERS: dict[str, Try] = {}


def reader(name: str) -> Callable[[Try], Try]:
    """Registers an attempt under a name."""

    def register(attempt: Try) -> Try:
        READERS[name] = attempt
        return attempt

    return register


@cache
def items() -> list[dict[str, Any]]:
    """Small real items, each with an English label."""
    lines = gzip.decompress(resource("config/demo/items.json.gz").read_bytes()).splitlines()
    documents = (json.loads(line.rstrip(b",")) for line in lines if len(line) > 2)
    named = [document for document in documents if "en" in document["labels"]]
    return sorted(named, key=lambda document: len(json.dumps(document)))[:60]


def _english(documents: list[dict[str, Any]]) -> dict[str, str]:
    return {document["id"]: document["labels"]["en"]["value"] for document in documents}


def _harvested(file: Path, names: Mapping[str, str], verb: str) -> tuple[dict[str, str], str]:
    """The English labels in a new store after a harvest of a file, and why it was refused."""
    refused = ""
    with kgenrich.open(f"sqlite:///{file}.db") as graph:
        try:
            getattr(graph, verb)(str(file))
        except InputError as error:
            refused = str(error)
        found = find_entities(graph.make_store(), names)
    Path(f"{file}.db").unlink()
    return {name: entity.labels.get("en", "") for name, entity in found.items()}, refused


def _dump(shape: Callable[[list[bytes]], bytes], packed: Callable[[bytes], bytes] = bytes) -> Try:
    def attempt(chance: random.Random, folder: Path) -> Attempt:
        chosen = chance.sample(items(), 5)
        odd = chance.randrange(5)
        told = mutate_json(chosen[odd], chance)
        # It may have become another of them, as far as anybody can tell.
        lines = [storable(json.dumps(told if n == odd else d)) for n, d in enumerate(chosen)]
        said = _english(chosen[:odd] + chosen[odd + 1 :])
        file = folder / "dump"
        file.write_bytes(packed(shape(lines)))
        return Attempt(said, *_harvested(file, said, "harvest_dump"))

    return attempt


READERS["dump, a document a line"] = _dump(lambda lines: b"\n".join(lines) + b"\n")
READERS["dump, an array"] = _dump(lambda lines: b"[\n" + b",\n".join(lines) + b"\n]\n")
READERS["dump, an array on one line"] = _dump(lambda lines: b"[" + b", ".join(lines) + b"]")
READERS["dump, spread over lines"] = _dump(
    lambda lines: json.dumps([json.loads(line) for line in lines], indent=1).encode()
)
READERS["dump, gzip"] = _dump(lambda lines: b"[\n" + b",\n".join(lines) + b"\n]\n", gzip.compress)


@reader("dump, a damaged line")
def _damaged_line(chance: random.Random, folder: Path) -> Attempt:
    chosen = chance.sample(items(), 5)
    odd = chance.randrange(5)
    lines = [json.dumps(document).encode() for document in chosen]
    lines[odd] = mutate_bytes(lines[odd], chance).replace(b"\n", b" ")
    said = _english(chosen[:odd] + chosen[odd + 1 :])
    file = folder / "dump"
    file.write_bytes(b"[\n" + b",\n".join(lines) + b"\n]\n")
    return Attempt(said, *_harvested(file, said, "harvest_dump"))


@reader("dump, damaged while packed")
def _damaged_pack(chance: random.Random, folder: Path) -> Attempt:
    text = b"\n".join(json.dumps(document).encode() for document in chance.sample(items(), 5))
    pack = chance.choice([gzip.compress, bz2.compress, lzma.compress, zstandard().compress])
    file = folder / "dump"
    file.write_bytes(mutate_bytes(pack(text), chance))
    return Attempt({}, *_harvested(file, {}, "harvest_dump"))


def _rdf(form: pyoxigraph.RdfFormat, ending: str, *, keeps_all: bool) -> Try:
    """A file in which one line is odd. A grammar in which statements span lines keeps at least
    what stands before it."""

    def attempt(chance: random.Random, folder: Path) -> Attempt:
        names = {f"Q{n}": f"Name {n} é" for n in range(1, 9)}
        quads = [
            pyoxigraph.Quad(
                pyoxigraph.NamedNode(BASE + name),
                pyoxigraph.NamedNode(predicate),
                pyoxigraph.Literal(text, language=language),
            )
            for name, text in names.items()
            for predicate, language in ((LABEL, "en"), (LABEL, "de"), ("http://e.test/p", "fr"))
        ]
        lines = (pyoxigraph.serialize(quads, format=form) or b"").decode().split("\n")
        about = [n for n, line in enumerate(lines) if "Name" in line]
        odd = chance.choice(about)
        entity = next(name for name, text in names.items() if text in lines[odd])
        lines[odd] = mutate_line(lines[odd], chance)
        file = folder / f"graph.{ending}"
        file.write_bytes(storable("\n".join(lines)))
        before = int(entity[1:])
        said = {
            name: text
            for name, text in names.items()
            if name != entity and (keeps_all or int(name[1:]) < before)
        }
        return Attempt(said, *_harvested(file, said, "harvest_rdf"))

    return attempt


READERS["RDF, N-Triples"] = _rdf(pyoxigraph.RdfFormat.N_TRIPLES, "nt", keeps_all=True)
READERS["RDF, N-Quads"] = _rdf(pyoxigraph.RdfFormat.N_QUADS, "nq", keeps_all=True)
READERS["RDF, Turtle"] = _rdf(pyoxigraph.RdfFormat.TURTLE, "ttl", keeps_all=False)
READERS["RDF, TriG"] = _rdf(pyoxigraph.RdfFormat.TRIG, "trig", keeps_all=False)
READERS["RDF, RDF/XML"] = _rdf(pyoxigraph.RdfFormat.RDF_XML, "rdf", keeps_all=False)


@reader("RDF, JSON-LD")
def _json_ld(chance: random.Random, folder: Path) -> Attempt:
    nodes = [
        {"@id": f"{BASE}Q{n}", LABEL: [{"@language": "en", "@value": f"Name {n}"}]}
        for n in range(1, 6)
    ]
    nodes[2] = mutate_json(nodes[2], chance)
    file = folder / "graph.jsonld"
    file.write_bytes(storable(json.dumps(nodes)))
    said = {f"Q{n}": f"Name {n}" for n in (1, 2)}
    return Attempt(said, *_harvested(file, said, "harvest_rdf"))


def _obo_frame(name: str, n: int) -> list[str]:
    return [
        "[Term]",
        f"id: {name}",
        f'name: Name {n} é {{xml:lang="en"}}',
        'def: "A \\"thing\\"." [PMID:1, url:http\\://e.test "a"] {xml:lang="en", source="A:1"}',
        'synonym: "Ding" EXACT lay [] {xml:lang="de"}',
        'property_value: IAO:0000118 "ding" xsd:string {xml:lang="de"}',
        "is_a: wd:Q1 ! one",
        "intersection_of: part_of wd:Q2",
        'relationship: part_of wd:Q2 {cardinality="1"} ! two',
        "creation_date: 2020-01-01T00:00:00Z",
        "",
    ]


@reader("OBO")
def _obo(chance: random.Random, folder: Path) -> Attempt:
    frames = [_obo_frame(f"wd:Q{n}", n) for n in range(1, 7)]
    odd = chance.randrange(6)
    line = chance.randrange(2, len(frames[odd]))
    frames[odd][line] = mutate_line(frames[odd][line], chance)
    header = ["format-version: 1.4", "ontology: e", f"idspace: wd {BASE}", ""]
    typedef = ["[Typedef]", "id: part_of", 'name: part of {xml:lang="en"}', "xref: BFO:0000050"]
    if chance.random() < 0.3:
        header[1], typedef[2] = mutate_line(header[1], chance), mutate_line(typedef[2], chance)
    file = folder / "graph.obo"
    lines = [*header, *(line for frame in frames for line in frame), *typedef]
    file.write_bytes(storable("\n".join(lines)))
    said = {f"Q{n}": f"Name {n} é" for n in range(1, 7) if n != odd + 1}
    return Attempt(said, *_harvested(file, said, "harvest_rdf"))


@reader("OBO Graphs")
def _obo_graphs(chance: random.Random, folder: Path) -> Attempt:
    nodes: list[Any] = [
        {
            "id": f"{BASE}Q{n}",
            "type": "CLASS",
            "meta": {
                "basicPropertyValues": [{"pred": LABEL, "val": f"Name {n}", "lang": "en"}],
                "definition": {"val": "A thing.", "xrefs": ["PMID:1"]},
                "synonyms": [{"pred": "hasExactSynonym", "val": "Ding", "xrefs": []}],
            },
        }
        for n in range(1, 6)
    ]
    edges: list[Any] = [{"sub": f"{BASE}Q1", "pred": "is_a", "obj": f"{BASE}Q2"}]
    if chance.random() < 0.8:
        nodes[2] = mutate_json(nodes[2], chance)
    else:
        edges[0] = mutate_json(edges[0], chance)
    file = folder / "graph.json"
    file.write_bytes(storable(json.dumps({"graphs": [{"nodes": nodes, "edges": edges}]})))
    said = {f"Q{n}": f"Name {n}" for n in (1, 2, 4, 5)}
    return Attempt(said, *_harvested(file, said, "harvest_rdf"))


@reader("API answer (wbgetentities)")
def _api(chance: random.Random, folder: Path) -> Attempt:
    chosen = chance.sample(items(), 4)
    odd = chance.randrange(4)
    entities = {document["id"]: document for document in chosen}
    name = chosen[odd]["id"]
    body = {"entities": {**entities, name: mutate_json(chosen[odd], chance)}, "success": 1}
    said = _english(chosen[:odd] + chosen[odd + 1 :])
    if chance.random() < 0.2:
        # Any of them may be the odd one then.
        body, said = mutate_json({"entities": entities, "success": 1}, chance), {}
    dump = folder / "dump"
    dump.write_text("\n".join(map(json.dumps, chosen)))
    refused = ""
    with Server([Reply(storable(json.dumps(body)), type="application/json")]) as server:
        network = Network(contact="t@example.org", retries=0, requests_per_minute=1e6)
        with kgenrich.open(f"sqlite:///{dump}.db") as graph:
            graph.settings = graph.settings.model_copy(update={"network": network})
            graph.harvest_dump(str(dump))
            try:
                graph.harvest_ids(*entities, api=f"{server.url}/api.php")
            except KgenrichError as error:
                refused = str(error)
            found = find_entities(graph.make_store(), entities)
    assert not any(entity.deleted for entity in found.values()), "no word of the server deletes"
    Path(f"{dump}.db").unlink()
    return Attempt(said, {n: e.labels.get("en", "") for n, e in found.items()}, refused)


@reader("SPARQL answer")
def _sparql(chance: random.Random, folder: Path) -> Attempt:
    rows: list[Any] = [
        {
            "item": {"type": "uri", "value": f"{BASE}Q{n}"},
            "n": {"type": "literal", "datatype": f"{XSD}int", "value": "1"},
        }
        for n in range(1, 6)
    ]  # fmt: skip
    rows[2] = mutate_json(rows[2], chance)
    body = {"head": {"vars": ["item", "n"]}, "results": {"bindings": rows}}
    with Server([Reply(storable(json.dumps(body)))]) as server:
        network = Network(contact="t@example.org", retries=0, requests_per_minute=1e6)
        ids = select_ids(Endpoint(network, server.url), "SELECT ?item ?n { ?item ?p ?n }", BASE)
        said = {f"Q{n}": "" for n in (1, 2, 4, 5)}
        try:
            return Attempt(said, dict.fromkeys(ids, ""))
        except KgenrichError as error:
            return Attempt({}, {}, str(error))


@reader("corpus")
def _corpus(chance: random.Random, folder: Path) -> Attempt:
    told: list[Any] = [
        {"qid": f"Q{n}", "title": f"Page {n}", "language": "en", "text": "A text."}
        for n in range(5)
    ]
    told[2] = mutate_json(told[2], chance)
    file = folder / "corpus.jsonl"
    file.write_bytes(b"\n".join(storable(json.dumps(page)) for page in told))
    try:
        return Attempt({}, {page.qid: page.title for page in pages(file)})
    except InputError as error:
        return Attempt({}, {}, str(error))


@reader("known pairs")
def _pairs(chance: random.Random, folder: Path) -> Attempt:
    lines = ["# a: <http://a.test/>", "subject_id\tpredicate_id\tobject_id"]
    lines += [f"http://a.test/{n}\towl:sameAs\thttp://b.test/{n}" for n in range(1, 6)]
    lines[4] = mutate_line(lines[4], chance)
    file = folder / "pairs.tsv"
    file.write_bytes(storable("\n".join(lines)))
    said = {f"http://a.test/{n}": f"http://b.test/{n}" for n in (1, 2, 4, 5)}
    try:
        return Attempt(said, {pair.left: pair.right for pair in read_pairs(file)})
    except InputError as error:
        # A line that is not in UTF-8 may be one of many.
        return Attempt({}, {}, str(error))


@reader("settings")
def _settings(chance: random.Random, folder: Path) -> Attempt:
    lines = [
        'store = "kg.db"',
        'languages = ["de", "fr"]',
        "[network]",
        'contact = "me@example.org"',
        "requests_per_minute = 60",
        "[sources.openai]",
        'url = "http://127.0.0.1:1"',
        'model = "m"',
    ]
    odd = chance.randrange(len(lines))
    lines[odd] = mutate_line(lines[odd], chance)
    file = folder / "kgenrich.toml"
    file.write_bytes(storable("\n".join(lines)))
    try:
        load_settings(file)
        return Attempt({}, {})
    except KgenrichError as error:
        return Attempt({}, {}, str(error))
