"""Held-out names to retrieve: by a name in one language, the entity's name in another."""

from __future__ import annotations

import numpy as np

from kgenrich.adapters.encoder.name_tables import HUB, Ints, NameTable, names_by_entity


def retrieval_sets(
    names: NameTable, folds: range, pool: int = 2000, fewest: int = 40, seed: int = 0
) -> dict[str, tuple[Ints, Ints]]:
    """For each language the texts (by index) of queries (q,) and candidates (c,).

    Query ``i`` is a random name in that language of the entity whose English label (or, where
    no label is known, a random English name) is candidate ``i``. Further English names of the
    held-out part fill the candidates up to ``pool``.
    """
    rng = np.random.default_rng(seed)
    hub = names_by_entity(names, HUB, folds)
    if not len(hub.entity):
        return {}
    everyone = np.arange(len(hub.entity))
    target = hub.pick(everyone, rng)
    for place in everyone:
        rows = hub.rows[hub.start[place] :][: hub.count[place]]
        labels = rows[names.label[rows]]
        if len(labels):
            target[place] = labels[0]
    sets = {}
    for language in names.languages:
        of_language = names_by_entity(names, language, folds)
        _, here, there = np.intersect1d(
            of_language.entity, hub.entity, assume_unique=True, return_indices=True
        )
        if language == HUB or language.startswith(HUB + "-") or len(here) < fewest:
            continue
        chosen = rng.permutation(len(here))[:pool]
        rest = rng.permutation(np.setdiff1d(everyone, there[chosen]))[: pool - len(chosen)]
        queries = of_language.pick(here[chosen], rng)
        candidates = target[np.concatenate([there[chosen], rest])]
        sets[language] = names.text[queries], names.text[candidates]
    return sets
