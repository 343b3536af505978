"""What tells a wrong name of the graph from a right one: its support, and its place among the
entity's other names."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from kgenrich.consensus.candidate_features import FEATURES, Row, candidate_rows
from kgenrich.consensus.entity_names import EntityNames, Name
from kgenrich.consensus.name_shape import bigrams, dice, shape
from kgenrich.consensus.spelling_variants import unaccented
from kgenrich.text import vote_key


class GraphRows(Struct, frozen=True):
    """The features of the names that the graph has for an entity in one language.

    ``values`` has a row a name. ``names`` are the candidates and, after them, the names of the
    graph that are none; ``rows`` are theirs, and ``place`` is where each name of the graph stands
    among them (-1 for one without letters and digits).
    """

    values: list[list[float]]
    names: list[Name]
    rows: list[Row]
    place: list[int]


COLUMNS = 37
"""How many numbers `graph_rows` adds to the candidate's own."""


def graph_rows(entity: EntityNames) -> GraphRows:
    """The features of each name of the graph, given what sources would call the entity."""
    graph, candidates, language = entity.graph, entity.candidates, entity.language
    if not graph:
        return GraphRows([], [], [], [])
    keys = [vote_key(name.text) for name in graph]
    known = {name.key: i for i, name in enumerate(candidates)}
    silent = dict.fromkeys(key for key in keys if key and key not in known)
    union = [*candidates]
    for key in silent:
        known[key] = len(union)
        union.append(Name(graph[keys.index(key)].text, key))
    described = candidate_rows(union, language, expand=False)
    blank = [0.0] * len(FEATURES)
    offered = Counter(name.text for name in candidates)
    label = next((i for i, name in enumerate(graph) if name.primary), 0)
    grams = [bigrams(key) for key in keys]
    words = [frozenset(key.split()) for key in keys]
    folded = [unaccented(name.text).lower() for name in graph]
    lowered = [name.text.lower() for name in graph]
    shapes = [shape(name.text, language) for name in graph]
    result = []
    for i, (name, key) in enumerate(zip(graph, keys, strict=True)):
        text, first = name.text, graph[label].text
        others = [j for j in range(len(graph)) if j != i]
        twins = [j for j in others if folded[j] == folded[i]]
        plain = unaccented(text) == text
        near = [dice(grams[i], grams[j]) for j in others]
        values = (
            name.primary, len(graph), i, i / len(graph),
            sum(keys[j] == key for j in others), sum(lowered[j] == lowered[i] for j in others),
            len(twins), plain and any(unaccented(graph[j].text) != graph[j].text for j in twins),
            keys[label] == key, max(near, default=0), dice(grams[i], grams[label]),
            key in keys[label], keys[label] in key,
            any(key != keys[j] and key in keys[j] for j in others),
            sum(key != keys[j] and keys[j] in key for j in others),
            len(text) / max(1, len(first)),
            len(words[i] - words[label]), len(words[label] - words[i]), len(text),
            text.count(" ") + 1, text[:1].isupper() - first[:1].isupper(),
            any(map(str.isdigit, text)) - any(map(str.isdigit, first)),
            text[:1].isupper() and any(text[1:] == graph[j].text[1:] for j in others),
            "_" in text, offered[text], key in known and known[key] < len(candidates),
            sum(map(str.isupper, text)) - sum(map(str.isupper, first)),
            *(shapes[i][k] for k in (0, 1, 2, 3, 4, 13, 14, 16)),
            shapes[label][14], shapes[label][16],
        )  # fmt: skip
        own = described[known[key]].values if key in known else blank
        result.append([*own, *map(float, values)])
    return GraphRows(result, union, described, [known.get(key, -1) for key in keys])
