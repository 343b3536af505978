"""Known pairs of two graphs, from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.files import read_lines
from kgenrich.errors import InputError


def read_pairs(path: Path, left: Graph, right: Graph) -> Ints:
    """The pairs in a TSV of two ids as indices, int64 (s, 2); bare ids may stand for IRIs that end
    in them.

    Raises `InputError` when it cannot be read, and at the first line that is no such pair.
    """
    sides = [_index(left), _index(right)]
    pairs = []
    for number, line in enumerate(read_lines(path, "The pairs in "), 1):
        ids = line.split("\t")
        if len(ids) < 2 or ids[0] not in sides[0] or ids[1] not in sides[1]:
            raise InputError(f"Line {number} of {path} is no pair of entities of these graphs.")
        pairs.append((sides[0][ids[0]], sides[1][ids[1]]))
    return np.array(pairs, np.int64).reshape(-1, 2)


def _index(graph: Graph) -> dict[str, int]:
    short = {id.rsplit("/", 1)[-1]: place for place, id in enumerate(graph.ids)}
    return short | {id: place for place, id in enumerate(graph.ids)}
