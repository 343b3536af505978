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
from kgenrich.errors import InputError
from kgenrich.resources import resource

Vectors = NDArray[np.float32]

_BLOCK = 2048
_CACHED = 64
"""Names whose rows of the table fit in the processor's cache."""

_FORMAT = "kgenrich-names-1"


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
        self.spec = spec
        self.name = name
        self._table = table
        self._inner = inner
        self._outer = outer

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._table.shape[1])

    @classmethod
    def load(cls, path: Path | None = None) -> NameEncoder:
        """Read an encoder; without a path the one that is shipped.

        Raises `InputError` when the file is no encoder of this kind.
        """
        from safetensors import SafetensorError, safe_open

        path = resource("adapters/names/model.safetensors") if path is None else path
        try:
            with safe_open(path, framework="numpy") as file:
                card = msgspec.json.decode((file.metadata() or {})["card"], type=_Card)
                parts = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            table = parts["table"].astype(np.float32)
            table *= parts["scale"].astype(np.float32)[:, None]
            inner, outer = (
                (parts[f"{layer}.weight"], parts[f"{layer}.bias"]) for layer in ("inner", "outer")
            )
        except (SafetensorError, OSError, KeyError, msgspec.MsgspecError) as error:
            raise InputError(f"The name encoder {path} cannot be read: {error}.") from error
        if card.format != _FORMAT:
            raise InputError(f"{path} is not a name encoder of this version.")
        return cls(card.spec, table, inner, outer, name=card.name)

    def save(self, path: Path) -> None:
        """Write the encoder with an 8-bit table, beside the target and then in its place."""
        from safetensors.numpy import save_file

        scale = np.maximum(np.abs(self._table).max(axis=1), 1e-8) / 127
        tensors: dict[str, NDArray[Any]] = {
            "table": np.round(self._table / scale[:, None]).astype(np.int8),
            "scale": scale.astype(np.float16),
            "inner.weight": self._inner[0],
            "inner.bias": self._inner[1],
            "outer.weight": self._outer[0],
            "outer.bias": self._outer[1],
        }
        # One entry alone: safetensors writes several in any order, and equal weights should be
        # equal bytes.
        card = msgspec.json.encode(_Card(_FORMAT, self.name, self.spec)).decode()
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".part")
        save_file(tensors, beside, {"card": card})
        beside.chmod(0o644)
        beside.replace(path)

    def weights(self) -> tuple[Vectors, tuple[Vectors, Vectors], tuple[Vectors, Vectors]]:
        """Table, inner and outer layer, as they were given."""
        return self._table, self._inner, self._outer

    def changed(self, rows: NDArray[Any], change: NDArray[Any]) -> NameEncoder:
        """An encoder with something added to these rows of the table (an adapter)."""
        table = self._table.copy()
        table[rows] += change.astype(np.float32)
        return NameEncoder(self.spec, table, self._inner, self._outer, f"{self.name}+adapter")

    def encode(self, names: Sequence[str]) -> Vectors:
        """float32 unit vectors, shape (len(names), dimension).

        A name without letters or digits (the empty one too) becomes the zero vector.
        """
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
            rows = np.take(self._table, indices[ends[0] : ends[-1]], axis=0)
            start = 0
            for place, count in enumerate(counts[first : first + _CACHED].tolist(), first):
                # A product with ones adds rows several times faster than np.add.reduceat.
                np.matmul(ones[:, :count], rows[start : start + count], out=bags[place, None])
                start += count
        bags /= np.sqrt(np.maximum(counts, 1)).astype(np.float32)[:, None]
        hidden = gelu(bags @ self._inner[0].T + self._inner[1])
        vectors = bags + hidden @ self._outer[0].T + self._outer[1]
        vectors[counts == 0] = 0
        return unit(vectors)


def gelu(x: Vectors) -> Vectors:
    """The Gaussian error linear unit in its tanh form (Hendrycks and Gimpel, 2016)."""
    cubic = np.tanh(0.7978845608 * (x + 0.044715 * x * x * x))
    result: Vectors = (0.5 * x * (1 + cubic)).astype(np.float32, copy=False)
    return result


def unit(vectors: Vectors) -> Vectors:
    """The vectors scaled to length 1; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
    result: Vectors = vectors / np.maximum(length, np.float32(1e-9))
    return result
