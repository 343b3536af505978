"""Fit the weights of ``kgenrich/consensus/label_faults/judgement.py``, and measure them.

    python benchmarks/label_faults.py [TERMS]

On the shipped items, and on those of a TSV file (entity, language, kind, text, source) where an
entity has one name in the language. Labels are broken on purpose; weights are fitted on one half of
the entities, by hash, and measured on the other: the share called doubtful of right labels and of
each kind of broken ones. Each kind counts as much as the others.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kgenrich.adapters.encoder.name_tables import read_terms
from kgenrich.adapters.training.logistic_regression import fit, probability
from kgenrich.consensus.label_faults.breaking import BREAKS, broken, material
from kgenrich.consensus.label_faults.facts import learn
from kgenrich.consensus.label_faults.signs import SIGNS, signs
from kgenrich.consensus.name_judgement import FIND
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import Entity, content_id
from kgenrich.resources import resource

OF_ITEMS = ["it", "cs", "pl", "eu", "gl", "oc", "de", "es", "fr", "ru", "ar", "he", "ja", "ko"]
OF_TERMS = ["es", "fr", "tr", "hu", "ru", "he", "el", "ko", "ja", "zh", "de"]
TERMS, LABELS = 6_000, 120
"""Entities of the file, and labels of a language in it, that are used."""
HELD = 0.04
"""What is held of a label before it is seen."""
FREE = {"titled", "title", "shared"}
"""Signs that may speak for a label."""
GIVEN = {"titled": 0.25, "mixed": 3.5}
"""What is not learned from these labels: few have letters of two scripts, and that the page has
another title may be usual on other graphs."""

Row = tuple[str, bool, str, tuple[float, ...]]
"""Language, whether it is of the half to fit on, how it was broken (empty: right), signs."""


def shipped() -> list[Entity]:
    with Input(str(resource("config/demo/items.json.gz"))) as file:
        return [entity for batch in read_dump(file, Reader()) for entity in batch.entities]


def of_terms(path: Path) -> list[Entity]:
    names: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for entity, language, kind, text in read_terms(path):
        if kind.is_name:
            names[entity][language][text] = None
    several = (entity for entity, by_language in names.items() if len(by_language) >= 4)
    chosen = sorted(several, key=lambda entity: content_id("sample", entity))[:TERMS]
    return [
        Entity(
            entity,
            labels={code: next(iter(of)) for code, of in names[entity].items() if len(of) == 1},
            aliases={code: tuple(of) for code, of in names[entity].items() if len(of) > 1},
        )
        for entity in chosen
    ]


def rows_of(entities: Sequence[Entity], languages: Sequence[str], most: int) -> list[Row]:
    facts = learn(entities, languages)
    rows = []
    for language in languages:
        named = [one for one in entities if language in one.labels]
        using = material(named, language)
        for entity in sorted(named, key=lambda one: content_id("check", one.id))[:most]:
            is_first = int(content_id("label faults", entity.id)[:8], 16) % 2 == 0
            texts = {"": entity.labels[language]}
            texts |= {kind: broken(entity, language, kind, using) for kind in BREAKS}
            rows += [
                (language, is_first, kind, signs(facts, entity, language, text).values)
                for kind, text in texts.items()
                if text
            ]
    return rows


def main() -> None:
    rows = rows_of(shipped(), OF_ITEMS, 250)
    if len(sys.argv) > 1:
        rows += rows_of(of_terms(Path(sys.argv[1])), OF_TERMS, LABELS)
    x = np.array([(1.0, *row[3]) for row in rows])
    kinds, first = np.array([row[2] for row in rows]), np.array([row[1] for row in rows])
    wrong = (kinds != "").astype(float)
    weights = np.ones(len(rows))
    for kind in BREAKS:
        mine = kinds == kind
        weights[mine] = (first & (kinds == "")).sum() / max(1, (first & mine).sum()) / len(BREAKS)
    lowest = np.array([-np.inf, *(-np.inf if name in FREE else 0.0 for name in SIGNS)])
    ridge = np.array([0.01, *(400.0 if name in GIVEN else 1.0 for name in SIGNS)])
    start = np.array([0.0, *(GIVEN.get(name, 0.0) for name in SIGNS)])
    found = fit(x[first], wrong[first], weights[first], ridge, start, lowest)
    found[0] += np.log(HELD / (1 - HELD)) - np.log(0.03 / 0.97)
    print("\n".join(f"{n:15} {w:6.2f}" for n, w in zip(("constant", *SIGNS), found, strict=True)))
    found[0] += np.log(0.03 / 0.97)
    doubtful = probability(x, found) >= FIND
    languages = np.array([row[0] for row in rows])
    print("language  right   " + "  ".join(BREAKS))
    for name in (*sorted(set(languages)), "all"):
        mine = ~first & ((languages == name) | (name == "all"))
        cells = [doubtful[mine & (kinds == kind)] for kind in ("", *BREAKS)]
        print(f"{name:8}", "  ".join(f"{c.mean():.3f}" if c.size else "-" for c in cells))


if __name__ == "__main__":
    main()
