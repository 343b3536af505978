"""Folders in the layout of DBP15K (Sun et al., 2017): the one place that reads them.

Files: ``ent_ids_1 ent_ids_2 triples_1 triples_2``, known pairs in ``sup_pairs`` or
``sup_ent_ids``, pairs to be found in ``ref_pairs`` or ``ref_ent_ids``; each plain or ``.gz``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.files import find_file
from kgenrich.errors import InputError
from kgenrich.inputs import read_lines
from kgenrich.pairs import read_pairs


@dataclass(frozen=True)
class PairedGraphs:
    """Two graphs with known pairs and pairs to be found, as indices, int64 (s, 2)."""

    left: Graph
    right: Graph
    seeds: Ints
    test: Ints


def is_folder(path: Path) -> bool:
    """Whether a path looks like such a folder."""
    return path.is_dir() and find_file(path, "ent_ids_1") is not None


def read_folder(
    folder: Path, *, translated: bool = False, names_only: bool = False
) -> PairedGraphs:
    """Read a folder. An entity's name is the end of its URI; with ``translated`` the names are
    those in ``translated_ent_name`` (URI, name), where it has one. Known pairs may be missing,
    with ``names_only`` the triples too; a pair that stands twice is one, and one that is to be
    found is not known.

    Raises `InputError` naming the file that is missing or wrong.
    """
    names: dict[str, str] = {}
    if translated:
        files = ("translated_ent_name.tsv", "translated_ent_name")
        names = dict(_rows(folder, *files, columns=2))
    left, left_index = _graph(folder, "1", names, names_only)
    right, right_index = _graph(folder, "2", names, names_only)
    indices = left_index, right_index
    test = _pairs(folder, ("ref_pairs", "ref_ent_ids"), *indices)
    seeds = _pairs(folder, ("sup_pairs", "sup_ent_ids"), *indices, optional=True)
    hidden = {*map(tuple, test.tolist())}
    fair = np.array([tuple(pair) not in hidden for pair in seeds.tolist()], dtype=bool)
    return PairedGraphs(left, right, seeds[fair], test)


def local_name(uri: str) -> str:
    """The end of a URI as a name.

    >>> local_name("http://dbpedia.org/resource/AC/DC_(album)")
    'AC/DC (album)'
    """
    _, resource, end = uri.partition("/resource/")
    return unquote(end if resource else re.split("[/#]", uri)[-1]).replace("_", " ")


def _rows(folder: Path, *names: str, columns: int, optional: bool = False) -> Iterator[list[str]]:
    path = find_file(folder, *names)
    if path is None:
        if optional:
            return
        raise InputError(f"{folder} has no file {' or '.join(names)}.")
    for line in read_lines(path):
        row = line.split("\t")
        if line.strip() and len(row) < columns:
            raise InputError(f"{path} has a line with too few columns: {row}.")
        if line.strip():
            yield row[:columns]


def _graph(
    folder: Path, side: str, translations: dict[str, str], names_only: bool
) -> tuple[Graph, dict[str, int]]:
    index: dict[str, int] = {}
    uris: list[str] = []
    for number, uri in _rows(folder, f"ent_ids_{side}", columns=2):
        # Some folders write pairs and triples by URI.
        index[number] = index[uri] = len(uris)
        uris.append(uri)
    names = [translations.get(uri) or local_name(uri) for uri in uris]
    relations: dict[str, int] = {}
    triples = []
    for head, relation, tail in _rows(folder, f"triples_{side}", columns=3, optional=names_only):
        if head not in index or tail not in index:
            raise _unknown(folder, (f"triples_{side}",), f"{head} {relation} {tail}")
        kind = relations.setdefault(relation, len(relations))
        triples.append((index[head], kind, index[tail]))
    return Graph(uris, names, np.array(triples, np.int64).reshape(-1, 3)), index


def _pairs(
    folder: Path,
    names: tuple[str, str],
    left: dict[str, int],
    right: dict[str, int],
    *,
    optional: bool = False,
) -> Ints:
    pairs = []
    path = find_file(folder, *names)
    if path is None and not optional:
        raise InputError(f"{folder} has no file {' or '.join(names)}.")
    for place, pair in enumerate(read_pairs(path) if path else ()):
        one, other = pair.left, pair.right
        # Either column may hold the first graph's ids: both orders are in use.
        if one in left and other in right:
            pairs.append((left[one], right[other]))
        elif other in left and one in right:
            pairs.append((left[other], right[one]))
        elif place or one in left or other in left or one in right or other in right:
            raise _unknown(folder, names, f"{one} {other}")
    return np.array(list(dict.fromkeys(pairs)), np.int64).reshape(-1, 2)


def _unknown(folder: Path, names: Sequence[str], row: str) -> InputError:
    return InputError(f"{find_file(folder, *names)} has an entity that ent_ids lacks: {row}.")
