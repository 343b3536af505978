"""The names of an index as rows of three files that are only added to, mapped into memory: they
cost as much of it as is looked at."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

_NAMES, _ENDS, _OWNERS = "names.utf8", "ends.i64", "owners.i64"
_OWNER = np.dtype([("key", np.int64), ("links", np.int64)])


class NameRow(NamedTuple):
    """A name and its forms (`kgenrich.matching.name_forms`), the key of the entity that has it and
    how many sitelinks that has."""

    key: int
    links: int
    text: str
    words: str
    sounds: str


class NameRows:
    """The first ``number`` rows in a folder."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        if not number:
            return
        self._owners: NDArray[np.void] = np.memmap(folder / _OWNERS, _OWNER, "r", 0, (number,))
        self._ends: NDArray[np.int64] = np.memmap(folder / _ENDS, np.int64, "r", 0, (number,))
        with (folder / _NAMES).open("rb") as names:
            self._names = mmap.mmap(names.fileno(), 0, access=mmap.ACCESS_READ)

    def read(self, rows: Sequence[int]) -> list[NameRow]:
        """The rows of these numbers."""
        if not rows:
            return []
        chosen = np.asarray(rows)
        owners = self._owners[chosen].tolist()
        ends = self._ends[chosen].tolist()
        starts = np.where(chosen > 0, self._ends[np.maximum(chosen - 1, 0)], 0).tolist()
        found = []
        for (key, links), start, end in zip(owners, starts, ends, strict=True):
            text, words, sounds = self._names[start:end].decode().split("\0")
            found.append(NameRow(key, links, text, words, sounds))
        return found


class NameRowsWriter:
    """Adds rows after the first ``number`` in a folder; what stands after these is cut off, for it
    belongs to a change that was not finished. A context manager."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        files = [
            (folder / name).open("r+b" if (folder / name).exists() else "w+b")
            for name in (_NAMES, _ENDS, _OWNERS)
        ]
        self._names, self._ends, self._owners = files
        self._end = 0
        if number:
            self._ends.seek(8 * (number - 1))
            self._end = int.from_bytes(self._ends.read(8), "little")
        for file, size in zip(files, (self._end, 8 * number, 16 * number), strict=True):
            file.truncate(size)
            file.seek(size)

    def add(self, row: NameRow) -> int:
        """Add a row; its number."""
        data = f"{row.text}\0{row.words}\0{row.sounds}".encode("utf-8", "replace")
        self._end += len(data)
        self._names.write(data)
        self._ends.write(self._end.to_bytes(8, "little"))
        self._owners.write(np.array([(row.key, row.links)], _OWNER).tobytes())
        self.number += 1
        return self.number - 1

    def __enter__(self) -> NameRowsWriter:
        return self

    def __exit__(self, *error: object) -> None:
        files: list[BinaryIO] = [self._names, self._ends, self._owners]
        for file in files:
            file.close()
