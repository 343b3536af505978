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

from kgenrich.adapters.encoder.ngrams import normal_form
from kgenrich.errors import InputError
from kgenrich.inputs import read_lines, read_text
from kgenrich.model import TermKind
from kgenrich.resources import resource

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
    """The names in one language of the entities whose parts are in ``folds``."""
    is_wanted = (table.fold >= folds.start) & (table.fold < folds.stop)
    place = table.languages.index(language) if language in table.languages else -1
    rows = np.flatnonzero((table.language == place) & is_wanted[table.entity])
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
        if not kind.is_name or len(text) > _LONGEST or not any(map(str.isalnum, text)):
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
    lines = read_lines(path)
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
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            ids.update(_ITEM.findall(read_text(file)))
    return frozenset(ids)


class TrainingNames:
    """The CRC-32 of the normal forms of names, (n,) and in order; one in some thousand others looks
    like one of them.
    """

    def __init__(self, hashes: NDArray[np.uint32]) -> None:
        self._hashes = hashes

    @classmethod
    def of(cls, names: Sequence[str]) -> TrainingNames:
        """Remember these names."""
        return cls(np.unique(_hashes(names)))

    @classmethod
    def load(cls, path: Path | None = None) -> TrainingNames:
        """Read a file of hashes; without a path that of the shipped encoder.

        Raises `InputError` when it cannot be read.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = resource("adapters/names/seen.safetensors") if path is None else path
        try:
            return cls(load_file(path)["seen"])
        except (SafetensorError, OSError, KeyError) as error:
            raise InputError(f"The list of names {path} cannot be read: {error}.") from error

    def save(self, path: Path) -> None:
        """Write the hashes."""
        from safetensors.numpy import save_file

        save_file({"seen": self._hashes}, path)
        path.chmod(0o644)

    def __call__(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Whether each name was trained on: (len(names),)."""
        hashes = _hashes(names)
        if not len(self._hashes):
            return np.zeros(len(names), np.bool_)
        # A search in what is in order is faster than np.isin.
        place = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return np.asarray(self._hashes[place] == hashes)


def _hashes(names: Sequence[str]) -> NDArray[np.uint32]:
    return np.array([zlib.crc32(normal_form(name).encode()) for name in names], np.uint32)


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
