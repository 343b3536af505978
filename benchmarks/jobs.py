"""What a job adds to its commands: the lock, the steps, the notes on how far they are, the look for
who asks it to stop.

    python benchmarks/jobs.py [DUMP] [ROUNDS]

The commands (harvest of DUMP, by default the shipped items, enrich, decide, two exports) are done
one by one, and by a job, each time over a store of their own in a process that has done both once
before. Both take turns. Prints JSON with the median processor seconds of each and, of each turn,
what the job takes more than the commands.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from kgenrich.jobs.reading import read_job
from kgenrich.jobs.run import run_job
from kgenrich.resources import resource
from kgenrich.settings import Settings
from kgenrich.verbs.knowledge_graph import KnowledgeGraph

LANGUAGES, KINDS = ["it", "fr", "ja", "ru"], ["label", "description"]
SOURCES = ["names", "description-memory", "cldr"]
JOB = """
languages = {languages}
kinds = {kinds}
sources = {sources}
[harvest]
dump = "{dump}"
[enrich]
[accept]
over = 0.9
[[export]]
format = "quickstatements"
output = "edits.tsv"
[[export]]
format = "rdf"
output = "terms.ttl.gz"
"""


def commands(folder: Path, dump: str) -> None:
    """Each by itself."""
    scope = {"languages": LANGUAGES, "kinds": KINDS}
    with KnowledgeGraph(Settings(store=str(folder / "kg.db"))) as graph:
        graph.harvest_dump(dump, languages=LANGUAGES)
        graph.enrich(**scope, sources=SOURCES)
        graph.accept(**scope, over=0.9)
        graph.export_quickstatements(str(folder / "edits.tsv"), **scope)
        graph.export_rdf(str(folder / "terms.ttl.gz"), **scope)


def job(folder: Path, dump: str) -> None:
    """All of them, by a job."""
    told = {"languages": LANGUAGES, "kinds": KINDS, "sources": SOURCES, "dump": dump}
    (folder / "job.toml").write_text(JOB.format(**told), encoding="utf-8")
    with KnowledgeGraph(Settings(store=str(folder / "kg.db"))) as graph:
        assert run_job(graph, read_job(folder / "job.toml")).status == "done"


def seconds(way: Callable[[Path, str], None], dump: str) -> float:
    """What one way takes of the processor."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        way(Path(folder), dump)
        return time.process_time() - begun


def main(dump: str, rounds: int) -> None:
    """Take turns, and print."""
    pairs = []
    for turn in range(rounds + 1):
        ways = (commands, job) if turn % 2 else (job, commands)
        taken = {way: seconds(way, dump) for way in ways}
        pairs.append((taken[commands], taken[job]))
    del pairs[0]
    report = {
        "commands": median(one for one, _ in pairs),
        "job": median(one for _, one in pairs),
        "more": sorted(round(b / a - 1, 4) for a, b in pairs),
        "median": round(median(b / a - 1 for a, b in pairs), 4),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    given = sys.argv[1:]
    main(given[0] if given else str(resource("config/demo/items.json.gz")), int([*given[1:], 5][0]))
