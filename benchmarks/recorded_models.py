"""The whole engine on real model output: the answers of three language models recorded with
WikiKGE-10 are three sources of `kgenrich enrich`, and what it proposes is scored officially.

    python benchmarks/recorded_models.py WIKIKGE10_FOLDER

Entities are stored without any name in the language asked for (names of the graph would be the
answer). Prints coverage F1 by language for each model alone, for the vote of the three as
published, and for the pool, whose threshold is fixed beforehand at 0.5; also the seconds, and that
a second run proposes nothing new.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kgenrich.evaluate.wikikge.benchmark import Item, Score, coverage
from kgenrich.evaluate.wikikge.benchmark_folder import MODELS, load
from kgenrich.model import Entity, Scope
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.proposals import proposals

THRESHOLD = 0.5


def config(folder: Path, store: Path, gpt: Path) -> Path:
    """The settings: three sources made by one adapter."""
    lines = [f'store = "{store}"']
    for model in MODELS:
        lines += [
            f'[sources."{model}"]',
            'use = "llm-file"',
            f'folder = "{gpt}"',
            f'model = "{model}"',
            'licence = "CC-BY-SA-4.0"',
        ]
    path = folder / "kgenrich.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def enrich(settings: Path, language: str) -> dict[str, object]:
    """One run of the command; its counts."""
    command = [sys.executable, "-m", "kgenrich.cli.main", "--quiet", "--config", str(settings)]
    command += ["enrich", "-l", language, "-k", "label", "--minimum", "0", "--json"]
    command += ["-s", ",".join(MODELS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    counts: dict[str, object] = json.loads(done.stdout)
    return counts


def scored(store: Store, items: list[Item], language: str) -> dict[str, Score]:
    """Coverage of each model alone, of the vote and of the pool."""
    vote: dict[str, list[str]] = {}
    pool: dict[str, list[str]] = {}
    for stored in proposals(store, Scope((language,))):
        proposal = stored.proposal
        entity, text = proposal.candidate.entity, proposal.candidate.text
        if proposal.score >= 2:
            vote.setdefault(entity, []).append(text)
        if proposal.probability >= THRESHOLD:
            pool.setdefault(entity, []).append(text)
    result = {
        model: coverage(items, [item.models.get(model, ()) for item in items]) for model in MODELS
    }
    result["vote of 3"] = coverage(items, [vote.get(item.id, ()) for item in items])
    result["pool"] = coverage(items, [pool.get(item.id, ()) for item in items])
    return result


def main() -> None:
    """Run it and print the table."""
    data = Path(sys.argv[1]).resolve()
    benchmark = {k: v for k, v in load(data).items() if any(item.models for item in v)}
    columns = [*MODELS, "vote of 3", "pool"]
    total = dict.fromkeys(columns, 0.0)
    print("language  requests  seconds  again new  " + "  ".join(f"{c:>9}" for c in columns))
    for language, items in benchmark.items():
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            url = f"sqlite:///{place / 'store.db'}"
            with_store = open_store(url, create=True)
            load_entities(with_store, [Entity(item.id, classes=("Q35120",)) for item in items])
            with_store.close()
            settings = config(place, place / "store.db", data / "gpt")
            began = time.monotonic()
            counts = enrich(settings, language)
            seconds = time.monotonic() - began
            again = enrich(settings, language)
            store = open_store(url)
            scores = scored(store, items, language)
            store.close()
        for column in columns:
            total[column] += scores[column].f1 / len(benchmark)
        figures = "  ".join(f"{scores[c].f1:9.1f}" for c in columns)
        print(f"{language:8}  {counts['requests']:8}  {seconds:7.1f}  {again['new']:9}  {figures}")
    print(f"{'mean':8}  {'':8}  {'':7}  {'':9}  " + "  ".join(f"{total[c]:9.1f}" for c in columns))


if __name__ == "__main__":
    main()
