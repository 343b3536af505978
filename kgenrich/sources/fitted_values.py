"""What sources learn from the graph: fitted once, and kept as long as the graph stays the same.

A source that learns says how in a function of the graph that gives a value: a msgspec struct, in
which there may be numpy arrays. The value is made when it is first needed, once for all sources
that share it, and kept as msgpack, never as pickle, under the digest of all that it was learned
from. A file that is broken or is another's is made anew.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import msgspec
import numpy as np

from kgenrich import __version__
from kgenrich.model import content_id
from kgenrich.sources.base import Graph, SourceContext
from kgenrich.text import UNICODE

FORMAT = "1"
"""Of the files; another one leaves all of them aside."""

MOST_KEPT = 4
"""Files of one source that are kept, those last used."""

F = TypeVar("F")


@runtime_checkable
class DigestedGraph(Protocol):
    """A graph that can tell cheaply whether it is what it was."""

    def digest(self, first: int | None = None) -> str:
        """The content of the ``first`` entities, of all for None, as one digest."""
        ...


@dataclass
class Fitting(Generic[F]):
    """A value of the type ``kind`` that ``learn`` makes from the graph of a context.

    ``name`` is that of the source, ``basis`` everything besides the graph that the value hangs on:
    its version, options, languages. ``first`` bounds the entities that are read, None where all
    of the graph may be.
    """

    context: SourceContext
    name: str
    kind: type[F]
    learn: Callable[[Graph], F]
    basis: object
    first: int | None = None

    @cached_property
    def value(self) -> F:
        """The value: that of another source of the run, a kept one, or a new one."""
        basis = msgspec.json.encode(self.basis).decode()
        key = content_id(FORMAT, __version__, UNICODE, self.name, basis)
        if key not in self.context.fitted:
            self.context.fitted[key] = self._kept_or_new(key)
        value: F = self.context.fitted[key]
        return value

    def _kept_or_new(self, key: str) -> F:
        graph, cache = self.context.graph, self.context.cache
        if cache is None or not isinstance(graph, DigestedGraph):
            return self.learn(graph)
        digest = graph.digest(self.first)
        path = cache / self.name / content_id(key, digest)
        with suppress(OSError, ValueError, msgspec.MsgspecError):
            value = decode(path.read_bytes(), self.kind)
            with suppress(OSError):
                os.utime(path)
            return value
        value = self.learn(graph)
        # Of a graph that changed meanwhile nobody knows what was read.
        if graph.digest(self.first) == digest:
            with suppress(OSError, ValueError, OverflowError, NotImplementedError):
                _keep(path, encode(value))
        return value


def encode(value: object) -> bytes:
    """A fitted value as bytes: a checksum (BLAKE2b, 16 bytes), then msgpack."""
    data = msgspec.msgpack.encode(value, enc_hook=_from_array)
    return blake2b(data, digest_size=16).digest() + data


def decode(data: bytes, kind: type[F]) -> F:
    """What `encode` was given. Raises ``ValueError`` (`msgspec.MsgspecError` is none) for bytes
    that are broken, and `msgspec.MsgspecError` for those of another type."""
    if blake2b(data[16:], digest_size=16).digest() != data[:16]:
        raise ValueError("The checksum is not that of the value.")
    return msgspec.msgpack.decode(memoryview(data)[16:], type=kind, dec_hook=_to_array)


def _from_array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    raise NotImplementedError(f"{type(value).__name__} cannot be kept.")


def _to_array(kind: Any, kept: Any) -> Any:
    dtype, shape, data = kept
    return np.frombuffer(data, dtype).reshape(shape)


def _keep(path: Path, data: bytes) -> None:
    """Written beside and renamed, so that nobody reads half of it; the files of the source that
    were not used for longest go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(beside, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    by_use = sorted(path.parent.iterdir(), key=lambda file: -file.stat().st_mtime)
    for old in by_use[MOST_KEPT:]:
        old.unlink(missing_ok=True)
