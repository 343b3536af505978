"""What local search finds, and how sure it is, on 2,600 items and 10,100 lead paragraphs.

    python benchmarks/local_search.py DATA [--without-ids] [--encoder FILE | --blind]

Items are the classes of CoDEx with their labels in six languages, the corpus the paragraphs of
Wikipedia about them. Labels of each fifth of the items are hidden in turn. ``--without-ids`` takes
the items' ids out of the corpus, so that a page must be found by its names. ``--blind`` asks an
encoder to which no names are alike. The last row of the languages is of the items that the shipped
encoder was not trained on.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from kgenrich.adapters.encoder.name_encoder import Vectors
from kgenrich.adapters.likeness import Likeness
from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.evaluate.heldout.outcomes import Outcome, run
from kgenrich.evaluate.heldout.report import score
from kgenrich.model import Entity, Scope, TermKind
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.candidate_collector import CandidateCollector, discard, forget
from kgenrich.sources.search import local

LANGUAGES = ("ar", "de", "es", "ru", "zh")


HELD_OUT = 5
"""Of a hundred parts of the items those that the shipped encoder was not trained on."""


class Blind:
    """An encoder that sees nothing."""

    dimension = 1
    name = "blind"

    def encode(self, names: Sequence[str]) -> Vectors:
        """All zero."""
        return np.zeros((len(names), 1), np.float32)


def items(data: Path) -> list[Entity]:
    """The classes of CoDEx with their labels."""
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted((data / "codex/types").glob("??.types.json.gz")):
        with gzip.open(path) as file:
            for qid, row in json.load(file).items():
                if row["label"]:
                    labels[qid][path.name[:2]] = row["label"]
    return [Entity(qid, labels=labels[qid]) for qid in sorted(labels) if len(labels[qid]) > 1]


def write_corpus(data: Path, path: Path, *, ids: bool) -> None:
    """The paragraphs in the layout of a corpus."""
    with (
        gzip.open(data / "wikipedia_extracts/codex_type_extracts.jsonl.gz") as lines,
        path.open("w", encoding="utf-8") as out,
    ):
        for line in lines:
            row = json.loads(line)
            page = {
                "title": unquote(row["url"].rsplit("/", 1)[1]).replace("_", " "),
                "language": row["lang"],
                "text": row["text"],
            }
            out.write(json.dumps(page | ({"qid": row["qid"]} if ids else {})) + "\n")


def show(name: str, outcomes: Iterable[Outcome]) -> None:
    """Answered and right from two probabilities, and the calibration error."""
    chosen = list(outcomes)
    cells = []
    for minimum in (0.9, 0.5):
        at = score(chosen, minimum)
        cells.append(f"{at.answered:6}, {at.precision:.3f}")
    print(f"{name:4} {len(chosen):6} {cells[0]} {cells[1]}   {score(chosen, 0).ece:.3f}")


def measure(entities: Sequence[Entity], corpus: Path, settings: Settings) -> None:
    """Hide, ask local search alone, print by language."""

    def make_collector(graph: MemoryGraph) -> CandidateCollector:
        options = {"corpus": str(corpus), "cache": str(corpus.parent / "cache")}
        context = SourceContext(graph, LANGUAGES, settings, options)
        return CandidateCollector([local.factory(context)], discard, forget)

    began = time.process_time()
    outcomes = run(
        entities,
        Scope(LANGUAGES, (TermKind.LABEL,)),
        make_collector,
        Consensus(PoolRanker(), lambda request, text: ()),
        unit="item",
        parts=range(5),
    )
    print("     asked  at 0.9: n, right  at 0.5: n, right   ECE")
    for language in LANGUAGES:
        show(language, (o for o in outcomes if o.language == language))
    show("all", outcomes)
    show("new", (o for o in outcomes if zlib.crc32(o.entity.encode()) % 100 < HELD_OUT))
    print(f"{time.process_time() - began:.1f} CPU-seconds")


def main() -> None:
    """Read the arguments, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--without-ids", action="store_true")
    parser.add_argument("--encoder", default="")
    parser.add_argument("--blind", action="store_true")
    asked = parser.parse_args()
    if asked.blind:
        local.likeness = lambda name: Likeness(Blind())
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        write_corpus(asked.data, corpus, ids=not asked.without_ids)
        measure(items(asked.data), corpus, Settings(encoder=asked.encoder))


if __name__ == "__main__":
    main()
