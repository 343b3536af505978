"""The folder layout of DBP-5L (Chen et al., 2020): the one place that reads it.

``entity/<language>.tsv`` has a URI a line, ``relations.txt`` a relation a line, and
``kg/<language>-{train,val,test}.tsv`` triples of line numbers; each plain or ``.gz``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgenrich.adapters.alignment.dbp15k import local_name
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.adapters.training.files import find_file
from kgenrich.errors import InputError
from kgenrich.inputs import read_lines


@dataclass(frozen=True)
class LanguageGraph:
    """The graph of one language: names of its entities, triples (head, relation, tail), (m, 3)."""

    language: str
    names: list[str]
    train: Ints
    development: Ints
    test: Ints


def graph_files(folder: Path) -> list[Path]:
    """The files and folders that there are to be read."""
    return [*sorted(folder.glob("relations.txt*")), folder / "entity", folder / "kg"]


def read_relations(folder: Path) -> list[str]:
    """The names of relations: the ends of their URIs, with spaces before capitals.

    Raises `InputError` when they cannot be read.
    """
    return [
        "".join(f" {c.lower()}" if c.isupper() else c for c in local_name(line)).strip()
        for line in _lines(folder / "relations.txt")
    ]


def languages(folder: Path) -> list[str]:
    """The languages that have triples to be tested. Raises `InputError` when there are none."""
    codes = {path.name.split("-")[0] for path in (folder / "kg").glob("*-test.tsv*")}
    if not codes:
        raise InputError(f"{folder} has no kg/<language>-test.tsv.")
    return sorted(codes)


def read_language(folder: Path, language: str, relations: int) -> LanguageGraph:
    """The graph of one language, with so many ``relations``; a development part may be
    missing. Raises `InputError` naming the file that is wrong."""
    names = [local_name(line) for line in _lines(folder / "entity" / f"{language}.tsv")]
    parts = []
    for part in ("train", "val", "test"):
        path = folder / "kg" / f"{language}-{part}.tsv"
        missing = part == "val" and find_file(path.parent, path.name) is None
        given = () if missing else _lines(path)
        lines = [line.split("\t")[:3] for line in given if line.strip()]
        if not lines and part != "val":
            raise InputError(f"{path} has no triples.")
        try:
            rows = [[int(float(cell)) for cell in line] for line in lines]
            parts.append(np.array(rows, np.int64).reshape(-1, 3))
        except ValueError as error:
            raise InputError(f"{path} has a line that is no triple.") from error
        low, high = parts[-1].min(axis=0, initial=0), parts[-1].max(axis=0, initial=-1)
        if low.min() < 0 or max(high[0], high[2]) >= len(names):
            raise InputError(f"{path} has an entity that {language}.tsv does not name.")
        if high[1] >= relations:
            raise InputError(f"{path} has a relation that relations.txt does not name.")
    return LanguageGraph(language, names, *parts)


def _lines(path: Path) -> Iterator[str]:
    return read_lines(find_file(path.parent, path.name) or path)
