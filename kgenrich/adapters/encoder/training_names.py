"""Which names an encoder was trained on, as hashes: a test can then tell the rest apart."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.encoder.ngrams import normal_form
from kgenrich.errors import InputError
from kgenrich.resources import resource


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
