"""Names of entities in many languages as arrays: what the name encoder is trained and tested on.

Entities, never single names, are held out, and by a hash of their id: the same ones in every
run and whatever else is in the file.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.training.files import read_lines
from kgenrich.errors import InputError
from kgenrich.model import TermKind

Ints = NDArray[np.int64]
Row = tuple[str, str, TermKind, str]
"""(entity, language, kind, text)."""

_LONGEST = 80
_ITEM = re.compile(r"\bQ[1-9]\d*\b")
HUB = "en"
"""The language that most names can be compared with."""


@dataclass(frozen=True)
class NameTable:
    """One row a name: which text, of which entity, in which language, and if it is a label.

    ``text``, ``entity`` and ``language`` (names,) are indices into ``texts``, ``entities`` and
    ``languages``; the rows are in the order of entity, then language.
    """

    texts: Sequence[str]
    entities: Sequence[str]
    languages: Sequence[str]
    text: Ints
    entity: Ints
    language: Ints
    label: NDArray[np.bool_]

    @cached_property
    def fold(self) -> Ints:
        """The part, of a hundred, that each entity belongs to: (entities,)."""
        return np.array([zlib.crc32(e.encode()) % 100 for e in self.entities], np.int64)

    def rows(self, language: str, folds: range) -> Ints:
        """The rows (n,) of one language whose entities are in these parts."""
        if language not in self.languages:
            return np.zeros(0, np.int64)
        wanted = self.language == self.languages.index(language)
        fold = self.fold[self.entity]
        return np.flatnonzero(wanted & (fold >= folds.start) & (fold < folds.stop))


@dataclass(frozen=True)
class NamesByEntity:
    """The rows of one language by entity: ``entity[i]`` has ``rows[start[i]:][:count[i]]``.

    ``entity``, ``start`` and ``count`` are (entities,), ``rows`` is (names,).
    """

    entity: Ints
    start: Ints
    count: Ints
    rows: Ints

    def pick(self, where: Ints, rng: np.random.Generator) -> Ints:
        """One random row for each of the entities at the positions ``where`` (n,): (n,)."""
        count = self.count[where]
        return self.rows[self.start[where] + (rng.random(len(where)) * count).astype(np.int64)]


def names_by_entity(table: NameTable, language: str, folds: range) -> NamesByEntity:
    """The names in one language of the entities in these parts."""
    rows = table.rows(language, folds)
    entity, start, count = np.unique(table.entity[rows], return_index=True, return_counts=True)
    return NamesByEntity(entity, start, count, rows)


def build_table(rows: Iterable[Row]) -> NameTable:
    """A table of the labels and aliases among the rows, each (entity, language, text) once.

    Raises `InputError` when there are none.
    """
    texts: dict[str, int] = {}
    entities: dict[str, int] = {}
    languages: dict[str, int] = {}
    is_label: dict[tuple[int, int, int], bool] = {}
    for entity, language, kind, text in rows:
        text = text.strip()
        if kind is TermKind.DESCRIPTION or not 0 < len(text) <= _LONGEST:
            continue
        if not any(c.isalnum() for c in text):
            continue
        key = (
            entities.setdefault(entity, len(entities)),
            languages.setdefault(language, len(languages)),
            texts.setdefault(text, len(texts)),
        )
        is_label[key] = is_label.get(key, False) or kind is TermKind.LABEL
    if not is_label:
        raise InputError("There are no names to work with.")
    keys = np.array(list(is_label), np.int64)
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    label = np.fromiter(is_label.values(), bool, len(is_label))[order]
    entity, language, text = keys[order].T
    return NameTable(list(texts), list(entities), list(languages), text, entity, language, label)


def read_terms(path: Path) -> Iterator[Row]:
    """The rows of a TSV file ``qid lang kind text ...`` with a header, plain or gzip.

    Raises `InputError` when it cannot be read, and at the first row that is none.
    """
    lines = read_lines(path, "The terms in ")
    next(lines, None)
    for number, line in enumerate(lines, 2):
        cells = line.split("\t")
        try:
            yield cells[0], cells[1], TermKind(cells[2]), cells[3]
        except (IndexError, ValueError) as error:
            raise InputError(f"Line {number} of {path} is no term: {line[:80]!r}.") from error


def item_ids_in(paths: Iterable[Path]) -> frozenset[str]:
    """The ids of items (``Q42``) that stand in text files, or in those of folders.

    Raises `InputError` for what cannot be read.
    """
    ids: set[str] = set()
    for path in paths:
        try:
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            for file in files:
                ids.update(_ITEM.findall(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The ids in {path} cannot be read: {error}.") from error
    return frozenset(ids)
