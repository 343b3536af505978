"""How long the shipped ranker takes for 100,000 candidate sets, on one core.

    OMP_NUM_THREADS=1 python benchmarks/ranker.py [FOLDER OF WIKIKGE-10]

The sets are the recorded answers of the folder, taken again and again with a mark on every name,
so that no cache helps; every entity has ten names in other languages. CPU seconds of grouping,
features (the name encoder among them) and probabilities are printed apart.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time

from kgenrich.consensus.candidate_groups import EntityNames, ForeignName, group, name_of
from kgenrich.consensus.feature_tables import candidate_table
from kgenrich.consensus.learned_ranker import load_model
from kgenrich.evaluate.wikikge.benchmark_folder import load
from kgenrich.model import Candidate

SETS = 100_000
CHUNK = 5_000


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data/wikikge10")
    items = [item for found in load(folder).values() for item in found]
    answers = [(item.language, item.candidates()) for item in items]
    model = load_model()
    spent = {"grouping": 0.0, "features": 0.0, "probabilities": 0.0}
    names = judged = 0
    for start in range(0, SETS, CHUNK):
        chosen = [answers[i % len(answers)] for i in range(start, start + CHUNK)]
        mark = chr(ord("a") + start // len(answers))
        marked = [
            [Candidate(c.entity, c.language, c.kind, c.text + mark, c.evidence) for c in candidates]
            for _, candidates in chosen
        ]
        foreign = [
            [ForeignName(f"x{n}", c.text) for n, c in enumerate(candidates[:10])]
            for candidates in marked
        ]
        began = process_time()
        sets = [[name_of(found) for found in group(candidates)] for candidates in marked]
        grouped = process_time()
        entities = [
            EntityNames(code, of_set, foreign=others)
            for (code, _), of_set, others in zip(chosen, sets, foreign, strict=True)
        ]
        _, table = candidate_table(entities)
        described = process_time()
        model.coverage.probability(table)
        ended = process_time()
        spent["grouping"] += grouped - began
        spent["features"] += described - grouped
        spent["probabilities"] += ended - described
        names += sum(map(len, sets))
        judged += len(table)
    print(f"{SETS} sets, {names} names, {judged} judged with variants")
    for part, seconds in spent.items():
        print(f"{part:14} {seconds:6.1f} s of CPU")
    print(f"{'all':14} {sum(spent.values()):6.1f} s of CPU")


if __name__ == "__main__":
    main()
