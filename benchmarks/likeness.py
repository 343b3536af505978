"""What the name encoder adds to the ranker: coverage F1 on WikiKGE-10 by grouped folds, with its
columns and without, on all entities and on those that have names in other languages.

    python benchmarks/likeness.py FOLDER NAMES.tsv.gz ENCODER.safetensors [SEEDS]

ENCODER should not have seen the entities (`adapters/names/blind.toml`). NAMES (qid, lang, kind,
text) gives names in other languages: the benchmark itself has them for a hundred entities.
*rivals* keeps the columns that compare candidates with each other alone.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from statistics import mean

import numpy as np

from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.consensus.candidate_features import Row
from kgenrich.consensus.decision_trees import Matrix, fit
from kgenrich.consensus.name_likeness import COLUMNS, NONE
from kgenrich.consensus.ranker_training import COVERAGE, FOLDS, TrainingData, fold, read
from kgenrich.evaluate.reliability import f1_cut
from kgenrich.evaluate.wikikge.benchmark import Item, coverage
from kgenrich.evaluate.wikikge.benchmark_folder import load
from kgenrich.evaluate.wikikge.systems import describe

FOREIGN = sum(name.startswith("foreign") for name in COLUMNS)


Described = Mapping[str, Sequence[Sequence[Row]]]


def main() -> None:
    folder, names, weights = map(Path, sys.argv[1:4])
    encoder = NameEncoder.load(weights)
    by_language = load(folder, names)
    data = read([item.lesson for items in by_language.values() for item in items], encoder)
    described = {c: describe(items, encoder).candidates for c, items in by_language.items()}
    seeds = int(sys.argv[4]) if len(sys.argv) > 4 else COVERAGE["seeds"]
    known = {(i.language, i.id) for items in by_language.values() for i in items if i.foreign}
    print(f"{len(known)} items have names in other languages")
    for title, hidden in (("with", 0), ("rivals", FOREIGN), ("without", len(COLUMNS))):
        rows = data.candidates.rows.copy()
        rows[:, rows.shape[1] - hidden :] = NONE
        every, some = by_folds(rows, data, by_language, described, known, seeds)
        print(f"{title:8} all {every:.2f}   with names in other languages {some:.2f}")


def by_folds(
    rows: Matrix,
    data: TrainingData,
    by_language: Mapping[str, Sequence[Item]],
    described: Described,
    chosen: Set[tuple[str, str]],
    seeds: int,
) -> tuple[float, float]:
    """Mean coverage F1 over the languages with these rows, entities not seen: of all items, and of
    the chosen ones (language, id)."""
    right = data.candidates.right
    parts = np.array([fold(entity) for entity in data.candidates.ids])
    reach = float(right.sum()) / sum(count for _, count in data.gold)
    probability = np.zeros(len(rows))
    for part in range(FOLDS):
        trees = fit(rows[parts != part], right[parts != part], **COVERAGE | {"seeds": seeds})
        probability[parts == part] = trees.probability(rows[parts == part])
    every, some = [], []
    start = 0
    for code, items in by_language.items():
        size = sum(map(len, described[code]))
        own = probability[start : start + size]
        start += size
        cut, chances = f1_cut(own, reach), iter(own)
        proposed = [
            [row.text for row in found if next(chances) >= cut] for found in described[code]
        ]
        every.append(coverage(items, proposed).f1)
        places = [i for i, item in enumerate(items) if (code, item.id) in chosen]
        some.append(coverage([items[i] for i in places], [proposed[i] for i in places]).f1)
    return mean(every), mean(some)


if __name__ == "__main__":
    main()
