"""What the names of an entity's class would add to the ranker: coverage F1 on WikiKGE-10 by grouped
folds, with and without columns that compare a candidate with how the class's names in the language
are written.

    python benchmarks/class_names.py DATA ENCODER.safetensors [SEEDS]

DATA has wikikge10/, terms/ and codex/. Classes are the types that CoDEx has of an entity, names
those of the terms; the most special class with 20 names counts, without the entity's own names.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from math import log1p
from pathlib import Path

import numpy as np
from likeness import by_folds

from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.encoder.name_tables import read_terms
from kgenrich.consensus.name_likeness import NONE
from kgenrich.consensus.ranker_training import read
from kgenrich.consensus.spelling import shape
from kgenrich.evaluate.wikikge.benchmark_folder import load
from kgenrich.evaluate.wikikge.systems import describe

FEWEST = 20
Names = Mapping[tuple[str, str], list[tuple[str, str]]]


def traits(text: str, language: str) -> tuple[object, ...]:
    """How a name is written: script, the whole shape, words, the first word, how it ends."""
    own, latin, *_ = marks = shape(text, language)
    words = text.split() or [""]
    whole = (round(own), round(latin), *map(bool, marks[2:10]), marks[12], marks[13])
    last = words[-1] if text.isascii() else text[-1:]
    return (round(own), round(latin)), (whole, min(len(words), 5)), len(words), words[0], last


def names_by_class(terms: Path, types: Mapping[str, list[str]], wanted: set[str]) -> Names:
    """The names (id, text) by language and class."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for id, code, kind, text in read_terms(terms):
        if kind in {"label", "alias"}:
            for type_ in wanted.intersection(types.get(id, ())):
                found.setdefault((code, type_), []).append((id, text))
    return {key: names for key, names in found.items() if len(names) >= FEWEST}


def shares(texts: Iterable[str], language: str, names: list[str]) -> list[list[float]]:
    """For each text the share of the names that have each trait of it, and how many there are."""
    counts = [Counter(column) for column in zip(*(traits(n, language) for n in names), strict=True)]
    return [
        [
            *(c[t] / len(names) for c, t in zip(counts, traits(text, language), strict=True)),
            log1p(len(names)),
        ]
        for text in texts
    ]


def main() -> None:
    folder, weights = map(Path, sys.argv[1:3])
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    terms = folder / "terms/terms.tsv.gz"
    by_language = load(folder / "wikikge10", terms)
    encoder = NameEncoder.load(weights)
    data = read([item.lesson for items in by_language.values() for item in items], encoder)
    described = {c: describe(items, encoder).candidates for c, items in by_language.items()}
    with gzip.open(folder / "codex/types/entity2types.json.gz") as file:
        types = json.load(file)
    ids = {item.id for items in by_language.values() for item in items}
    by_class = names_by_class(terms, types, {t for id in ids for t in types.get(id, ())})
    columns = np.full((len(data.candidates.right), 6), NONE, np.float32)
    known = set()
    start = 0
    for code, items in by_language.items():
        for item, found in zip(items, described[code], strict=True):
            classes = [by_class.get((code, type_), []) for type_ in types.get(item.id, ())]
            others = [[text for id, text in names if id != item.id] for names in classes]
            special = min((n for n in others if len(n) >= FEWEST), key=len, default=None)
            if special and found:
                known.add((code, item.id))
                texts = [row.text for row in found]
                columns[start : start + len(found)] = shares(texts, code, special)
            start += len(found)
    print(f"{len(known)} items have a class with names")
    rows = data.candidates.rows
    for title, table in (("without", rows), ("with", np.hstack([rows, columns]))):
        every, some = by_folds(table, data, by_language, described, known, seeds)
        print(f"{title:8} all {every:.2f}   with a class {some:.2f}")


if __name__ == "__main__":
    main()
