"""The commands that write, in the order of the work, and the files that they read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from kgenrich.resources import resource
from tests.harvest.test_wikibase import DOCUMENTS

DUMPED, FETCHED, WRITTEN, NIGHTLY = 200, 60, 300, 60
"""Entities of the dump, of the API, of the RDF file and of the dump of the job."""
JOB = "nightly.toml"

Ask = Callable[..., str]
"""Runs a command to its end and gives what it prints."""


class Command(Struct, frozen=True):
    """``arguments`` are words, or made from what the store has by then. ``pays`` for calls;
    ``opens`` says whether the store can be opened by everybody afterwards, ``ends`` with which
    codes it ends by itself."""

    name: str
    arguments: Sequence[str] | Callable[[Ask], list[str]]
    pays: bool = False
    opens: bool = True
    ends: tuple[int, ...] = (0,)


def prepare(folder: Path, url: str) -> Path:
    """The inputs and the settings of the commands; gives the settings."""
    folder.mkdir()
    documents = list(DOCUMENTS.values())
    lines = [json.dumps(one) for one in documents[:DUMPED]]
    # What cannot be read is kept aside, once.
    lines[DUMPED // 2 : DUMPED // 2] = ['{"type": "item", "id": "Q1"', '{"id": "nothing"}']
    (folder / "items.json").write_text("\n".join(lines), encoding="utf-8")
    chosen = documents[DUMPED : DUMPED + FETCHED]
    nightly = documents[DUMPED + FETCHED :][:NIGHTLY]
    lines = [json.dumps(one) for one in nightly]
    (folder / "nightly.json").write_text("\n".join(lines), encoding="utf-8")
    (folder / JOB).write_text(NIGHTLY_JOB.format(dump=folder / "nightly.json"), encoding="utf-8")
    (folder / "ids.txt").write_text("\n".join(one["id"] for one in chosen), encoding="utf-8")
    triples = (
        f'<http://x.test/{n}> <http://www.w3.org/2000/01/rdf-schema#label> "Thing {n}"@{tag} .\n'
        for n in range(WRITTEN)
        for tag in ("en", "it")
    )
    (folder / "things.nt").write_text("".join(triples), encoding="utf-8")
    names = (
        f"Q{n}\t{language}\tlabel\t{'ai'[n % 2]}{'bdgklm'[n % 6]}o {n} {mark}\n"
        for n in range(400)
        for language, mark in (("en", "rose"), ("ru", "роза"))
    )
    (folder / "terms.tsv").write_text("".join(names), encoding="utf-8")
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    settings = folder / "kgenrich.toml"
    corpus = resource("config/demo/corpus.jsonl.gz")
    settings.write_text(SETTINGS.format(url=url, corpus=corpus), encoding="utf-8")
    return settings


SETTINGS = """
[network]
contact = "t@example.org"
api = "{url}/api.php"
requests_per_minute = 1000000.0
[sources.local-search]
corpus = "{corpus}"
[sources.tiny]
use = "openai"
url = "{url}"
model = "m"
price_in = 10.0
concurrency = 4
"""

NIGHTLY_JOB = """
languages = ["nl"]
kinds = ["label"]
sources = ["tiny"]
[harvest]
dump = "{dump}"
[enrich]
batch = 10
limit = 60
[check]
batch = 4
limit = 8
[accept]
over = 0.5
[[export]]
format = "terms"
output = "nightly.csv"
keep = 2
[[export]]
format = "quickstatements"
output = "nightly.tsv"
"""

RECIPE = """
kind = "names"
name = "names"
terms = "terms.tsv"
[model]
dimension = 16
hidden = 16
batch = 64
fewest = 50
test = 20
development = 20
[model.ngrams]
buckets = 4096
[train]
steps = 60
checkpoint = 10
check = 30
threads = 1
"""


def _proposed(verdict: str, place: int, count: int, *more: str) -> Callable[[Ask], list[str]]:
    """A decision on some of the queue, from one place of it on."""

    def words(ask: Ask) -> list[str]:
        rows = json.loads(ask("decide", "list", "--limit", "40", "--json"))
        chosen = [row["candidate"] for row in rows if not row["replaces"]][place:][:count]
        return ["decide", verdict, *chosen, *more, "--author", "t"]

    return words


def commands(inputs: Path) -> list[Command]:
    """Every command that writes."""
    graph = "names,description-memory,description-composer,local-search"
    labels = ["--kinds", "label", "-l", "it,en,ja"]
    return [
        Command("db upgrade", ["db", "upgrade"]),
        Command("harvest dump", ["harvest", "dump", str(inputs / "items.json")]),
        Command("harvest rdf", ["harvest", "rdf", str(inputs / "things.nt")]),
        Command("harvest ids", ["harvest", "ids", "--file", str(inputs / "ids.txt")]),
        Command("db downgrade", ["db", "downgrade", "0002", "--yes"], opens=False),
        Command("db upgrade, migrating", ["db", "upgrade"]),
        Command(
            "enrich, graph and search",
            ["enrich", "-l", "it,ja", "-s", graph, "--batch", "20"],
        ),
        Command(
            "enrich, a model",
            ["enrich", "-l", "it", "-k", "label", "-s", "tiny", "--limit", "60", "--batch", "20"],
            pays=True,
        ),
        Command("check", ["check", "-l", "de", "-s", "names,tiny", "--limit", "8"], pays=True),
        Command("decide accept, by ids", _proposed("accept", 0, 5)),
        Command("decide reject", _proposed("reject", 5, 5)),
        Command("decide edit", _proposed("edit", 10, 1, "In other words")),
        Command("decide accept", ["decide", "accept", "--over", "0.6", "--author", "t"]),
        Command("export rdf, nt", ["export", "rdf", "-o", "terms.nt", *labels]),
        Command("export rdf, ttl.gz", ["export", "rdf", "-o", "terms.ttl.gz", "--void"]),
        Command("export rdf, trig.zst", ["export", "rdf", "-o", "terms.trig.zst", "--graphs"]),
        Command("export provenance", ["export", "provenance", "-o", "story.nq"]),
        Command("export quickstatements, v1", ["export", "quickstatements", "-o", "edits.tsv"]),
        Command("export quickstatements, csv", ["export", "quickstatements", "-o", "edits.csv"]),
        Command("export terms, jsonl", ["export", "terms", "-o", "terms.jsonl.zst"]),
        Command("export terms, csv", ["export", "terms", "-o", "terms.csv"]),
        Command("export terms, parquet", ["export", "terms", "-o", "terms.parquet"]),
        Command("jobs run", ["jobs", "run", JOB], pays=True, ends=(0, 3)),
        Command("align", ["align", "terms.nt@it", "terms.nt@en", "-o", "pairs.sssom.tsv"]),
        Command(
            "adapters train",
            [
                "adapters",
                "train",
                str(inputs / "recipe.toml"),
                "--data",
                str(inputs),
                "-o",
                "model",
            ],
        ),
    ]
