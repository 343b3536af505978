"""What the name encoder adds to the ranker: coverage F1 on WikiKGE-10 by grouped folds, with its
columns and without, on all entities and on those that have names in other languages.

    python benchmarks/likeness.py FOLDER NAMES.tsv.gz ENCODER.safetensors [SEEDS]

ENCODER should not have seen the entities (`adapters/names/blind.toml`). NAMES (qid, lang, kind,
text) gives names in other languages: the benchmark itself has them for a hundred entities.
*rivals* keeps the columns that compare candidates with each other alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import mean

import numpy as np

from kgenrich.adapters.encoder import NameEncoder
from kgenrich.consensus.alike import ALIKE, NONE
from kgenrich.consensus.calibration import f1_cut
from kgenrich.consensus.trees import fit
from kgenrich.evaluate.wikikge import Item, coverage, load
from kgenrich.evaluate.wikikge_systems import describe
from kgenrich.evaluate.wikikge_train import COVERAGE, FOLDS, fold, read

FOREIGN = sum(name.startswith("foreign") for name in ALIKE)


def main() -> None:
    folder, names, weights = map(Path, sys.argv[1:4])
    encoder = NameEncoder.load(weights)
    by_language = load(folder, names)
    data = read([item for items in by_language.values() for item in items], encoder)
    described = {code: describe(items, encoder) for code, items in by_language.items()}
    size = COVERAGE | {"seeds": int(sys.argv[4]) if len(sys.argv) > 4 else COVERAGE["seeds"]}
    parts = np.array([fold(entity) for entity in data.candidates.ids])
    reach = float(data.candidates.right.sum()) / sum(count for _, _, count in data.gold)
    known = sum(bool(item.foreign) for items in by_language.values() for item in items)
    print(f"{known} of {sum(map(len, by_language.values()))} items have names in other languages")
    for title, hidden in (("with", 0), ("rivals", FOREIGN), ("without", len(ALIKE))):
        rows = data.candidates.rows.copy()
        rows[:, rows.shape[1] - hidden :] = NONE
        probability = np.zeros(len(rows))
        for part in range(FOLDS):
            trees = fit(rows[parts != part], data.candidates.right[parts != part], **size)
            probability[parts == part] = trees.probability(rows[parts == part])
        every, some = [], []
        start = 0
        for code, items in by_language.items():
            proposed = []
            sizes = [len(found) for found in described[code].candidates]
            own = probability[start : start + sum(sizes)]
            start += sum(sizes)
            cut = f1_cut(own, reach)
            place = 0
            for found in described[code].candidates:
                chances = own[place : place + len(found)]
                place += len(found)
                proposed.append([r.text for r, p in zip(found, chances, strict=True) if p >= cut])
            every.append(coverage(items, proposed).f1)
            some.append(_of_known(items, proposed))
        print(f"{title:8} all {mean(every):.2f}   with names in other languages {mean(some):.2f}")


def _of_known(items: list[Item], proposed: list[list[str]]) -> float:
    chosen = [i for i, item in enumerate(items) if item.foreign]
    return coverage([items[i] for i in chosen], [proposed[i] for i in chosen]).f1


if __name__ == "__main__":
    main()
