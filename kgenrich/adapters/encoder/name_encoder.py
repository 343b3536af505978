"""The shipped name encoder: names in any language and script to unit vectors, by numpy alone.

The bag of a name's hashed n-grams is summed, divided by the square root of its size, passed
through one residual layer and scaled to length 1. The weights are kept in safetensors with the
table in 8 bits and one scale a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from kgenrich.adapters.encoder.ngrams import NgramSpec, ngrams
from kgenrich.adapters.training.files import read_arrays, write_arrays
from kgenrich.errors import InputError
from kgenrich.resources import resource

Vectors = NDArray[np.float32]

_BLOCK = 2048
_CACHED = 64
"""Names whose rows of the table fit in the processor's cache."""

_FORMAT = "kgenrich-names-1"
_SHIPPED = "adapters/names/model.safetensors"


class Encoder(Protocol):
    """Anything that turns names into vectors: the shipped encoder, or a transformer."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    @property
    def name(self) -> str:
        """What is recorded where a result depends on the encoder."""

    def encode(self, names: Sequence[str]) -> Vectors:
        """float32 unit vectors, shape (len(names), dimension)."""


class _Card(msgspec.Struct, frozen=True):
    format: str
    name: str
    spec: NgramSpec


class NameEncoder:
    """Names to unit vectors.

    ``table`` is (buckets, dimension); ``inner`` and ``outer`` are the weights and biases of the
    residual layer: (hidden, dimension), (hidden,) and (dimension, hidden), (dimension,).
    """

    def __init__(
        self,
        spec: NgramSpec,
        table: Vectors,
        inner: tuple[Vectors, Vectors],
        outer: tuple[Vectors, Vectors],
        name: str = "names",
    ) -> None:
        self.spec, self.name = spec, name
        self.table, self.inner, self.outer = table, inner, outer

    @property
    def dimension(self) -> int:
        return int(self.table.shape[1])

    @classmethod
    def load(cls, path: Path | None = None) -> NameEncoder:
        """Read an encoder; without a path the one that is shipped.

        Raises `InputError` when the file is no encoder of this kind.
        """
        path = resource(_SHIPPED) if path is None else path
        card, arrays = read_arrays(path, _Card, "name encoder")
        if card.format != _FORMAT:
            raise InputError(f"{path} is not a name encoder of this version.")
        try:
            table = arrays["table"].astype(np.float32)
            table *= arrays["scale"].astype(np.float32)[:, None]
            inner, outer = (
                (arrays[f"{layer}.weight"], arrays[f"{layer}.bias"]) for layer in ("inner", "outer")
            )
        except KeyError as error:
            raise InputError(f"{path} is no name encoder: it has no {error}.") from error
        return cls(card.spec, table, inner, outer, name=card.name)

    def save(self, path: Path) -> None:
        """Write the encoder with an 8-bit table, beside the target and then in its place."""
        scale = np.maximum(np.abs(self.table).max(axis=1), 1e-8) / 127
        arrays = {
            "table": np.round(self.table / scale[:, None]).astype(np.int8),
            "scale": scale.astype(np.float16),
            "inner.weight": self.inner[0],
            "inner.bias": self.inner[1],
            "outer.weight": self.outer[0],
            "outer.bias": self.outer[1],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        write_arrays(path, _Card(_FORMAT, self.name, self.spec), arrays)

    def changed(self, rows: NDArray[Any], change: NDArray[Any]) -> NameEncoder:
        """An encoder with ``change`` (r, dimension) added to ``rows`` (r,) of the table.

        Raises `IndexError` where the table has no such rows, `ValueError` where the change has
        another dimension.
        """
        table = self.table.copy()
        table[rows] += change.astype(np.float32)
        return NameEncoder(self.spec, table, self.inner, self.outer, f"{self.name}+adapter")

    def encode(self, names: Sequence[str]) -> Vectors:
        """A name without letters or digits (the empty one too) becomes the zero vector."""
        out = np.empty((len(names), self.dimension), np.float32)
        for start in range(0, len(names), _BLOCK):
            out[start : start + _BLOCK] = self._encode(names[start : start + _BLOCK])
        return out

    def _encode(self, names: Sequence[str]) -> Vectors:
        indices, offsets = ngrams(names, self.spec)
        counts = np.diff(offsets)
        bags = np.zeros((len(names), self.dimension), np.float32)
        ones = np.ones((1, int(counts.max(initial=0))), np.float32)
        for first in range(0, len(names), _CACHED):
            ends = offsets[first : first + _CACHED + 1]
            rows = np.take(self.table, indices[ends[0] : ends[-1]], axis=0)
            start = 0
            for place, count in enumerate(counts[first : first + _CACHED].tolist(), first):
                # A product with ones adds rows several times faster than np.add.reduceat.
                np.matmul(ones[:, :count], rows[start : start + count], out=bags[place, None])
                start += count
        bags /= np.sqrt(np.maximum(counts, 1)).astype(np.float32)[:, None]
        hidden = gelu(bags @ self.inner[0].T + self.inner[1])
        vectors = bags + hidden @ self.outer[0].T + self.outer[1]
        vectors[counts == 0] = 0
        return unit_vectors(vectors)


def encoder_files(name: str | None = None) -> list[Path]:
    """The file or folder that an encoder is read from; none for what the hub has."""
    if name in (None, "names"):
        return [resource(_SHIPPED)]
    return [path] if (path := Path(str(name))).exists() else []


def gelu(x: Vectors) -> Vectors:
    """The Gaussian error linear unit in its tanh form (Hendrycks and Gimpel, 2016) of an array."""
    cubic = np.tanh(0.7978845608 * (x + 0.044715 * x * x * x))
    result: Vectors = (0.5 * x * (1 + cubic)).astype(np.float32, copy=False)
    return result


def unit_vectors(vectors: Vectors) -> Vectors:
    """The vectors (n, d) scaled to length 1; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
    result: Vectors = vectors / np.maximum(length, np.float32(1e-9))
    return result
