"""Values that were learned from a graph, in memory for one run and in files from run to run.

A file says what its value was learned from: a number for each entity (`Graph.digests` of the
store). So it can be told whether the graph is still the same, and if not how much of it is another.
A file holds msgpack, never pickle; one that is broken or of another type is none.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec import Raw, Struct
from numpy.typing import NDArray

MOST_KEPT = 8
"""Files of one name that are kept, those last used."""

F = TypeVar("F")
Digests = NDArray[np.int64]


class Fit(Struct, frozen=True, omit_defaults=True):
    """What a value in use was learned from: the digest of a graph, how many entities that were,
    and the share of the present graph that is not as it was then."""

    graph: str
    entities: int
    changed: float = 0.0


class _Kept(Struct):
    """A file: the digests of the entities that were learned from, sorted, and the value."""

    digests: Digests
    value: Raw


class FitCache:
    """The values of one run, and the ``folder`` in which they are kept; None keeps none.

    A kept value is good until more than the share ``refit_after`` of the entities is not what it
    was learned from; with ``refit`` none is. ``tell`` is told, once, that a value of another graph
    is in use. ``fits`` says what each value in use was learned from, by its name.
    """

    def __init__(
        self,
        folder: Path | None = None,
        refit_after: float = 0.0,
        *,
        refit: bool = False,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.fits: dict[str, Fit] = {}
        self._values: dict[str, Any] = {}
        self._wanted: dict[str, list[Callable[[], object]]] = {}
        self._folder, self._refit_after, self._refit = folder, refit_after, refit
        self._tell = tell
        self._has_told = False

    def announce(self, name: str, value: Callable[[], object]) -> None:
        """Say how a value of that name is come by, if it is wanted."""
        self._wanted.setdefault(name, []).append(value)

    def learned_from(self, names: Collection[str]) -> dict[str, str]:
        """The digests of the graphs that the values of these names were learned from, by name;
        those that are not in use are now."""
        for name in names:
            for value in self._wanted.get(name, ()) if name not in self.fits else ():
                value()
        return {name: self.fits[name].graph for name in names if name in self.fits}

    def get(
        self,
        name: str,
        key: str,
        kind: type[F],
        learn: Callable[[], F],
        digests: Callable[[], Digests] | None,
    ) -> F:
        """The value of a ``key``, which is of the type ``kind`` and called ``name``: one of this
        run, a kept one, or what ``learn`` gives. ``digests`` tells the entities that it learns
        from; None where nobody knows, and nothing is kept."""
        if key not in self._values:
            if digests is None or self._folder is None:
                self._values[key] = learn()
            else:
                self._values[key] = self._kept_or_new(
                    self._folder / name, key, kind, learn, digests
                )
        value: F = self._values[key]
        return value

    def _kept_or_new(
        self,
        folder: Path,
        key: str,
        kind: type[F],
        learn: Callable[[], F],
        digests: Callable[[], Digests],
    ) -> F:
        present = np.sort(digests())
        graph = _digest(present)
        for path, changed in () if self._refit else self._good(folder, key, graph, present):
            with suppress(OSError, ValueError, msgspec.MsgspecError):
                kept = decode(path.read_bytes(), _Kept)
                value = _decode(kept.value, kind)
                self._use(folder.name, Fit(path.name.partition("-")[2], len(kept.digests), changed))
                with suppress(OSError):
                    os.utime(path)
                return value
        value = learn()
        self._use(folder.name, Fit(graph, len(present)))
        # Of a graph that changed meanwhile nobody knows what was read.
        if np.array_equal(np.sort(digests()), present):
            with suppress(OSError, ValueError, OverflowError, NotImplementedError):
                _keep(folder / f"{key}-{graph}", encode(_Kept(present, Raw(_encode(value)))))
        return value

    def _good(
        self, folder: Path, key: str, graph: str, present: Digests
    ) -> Iterator[tuple[Path, float]]:
        """The files of a key that are good enough with the share that has changed, the nearest
        first: that of the same graph without looking at others."""
        yield folder / f"{key}-{graph}", 0.0
        if not self._refit_after:
            return
        found = []
        for path in folder.glob(f"{key}-*"):
            with suppress(OSError, ValueError, msgspec.MsgspecError):
                changed = share_changed(decode(path.read_bytes(), _Kept).digests, present)
                if changed <= self._refit_after:
                    found.append((changed, path.name, path))
        for changed, _, path in sorted(found):
            yield path, changed

    def _use(self, name: str, fit: Fit) -> None:
        self.fits[name] = fit
        if fit.changed and not self._has_told:
            self._has_told = True
            self._tell(
                f"Sources know the graph as it was learned before: {fit.changed:.2%} of its "
                f"entities are others since (from {self._refit_after:.2%} on they learn anew; "
                "--refit does at once)."
            )


def share_changed(then: Digests, now: Digests) -> float:
    """The share of the larger of two graphs that is not in the other, by sorted digests.

    >>> share_changed(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 5, 6]))
    0.4
    """
    most = max(len(then), len(now))
    same = len(np.intersect1d(then, now))
    return (most - same) / most if most else 0.0


def encode(value: object) -> bytes:
    """A value as bytes: a checksum (BLAKE2b, 16 bytes), then msgpack."""
    data = _encode(value)
    return blake2b(data, digest_size=16).digest() + data


def decode(data: bytes, kind: type[F]) -> F:
    """What `encode` was given. Raises ``ValueError`` (`msgspec.MsgspecError` is none) for bytes
    that are broken, and `msgspec.MsgspecError` for those of another type."""
    content = memoryview(data)[16:]
    if blake2b(content, digest_size=16).digest() != data[:16]:
        raise ValueError("The checksum is not that of the value.")
    return _decode(content, kind)


def _encode(value: object) -> bytes:
    return msgspec.msgpack.encode(value, enc_hook=_from_array)


def _decode(data: memoryview | Raw, kind: type[F]) -> F:
    return msgspec.msgpack.decode(data, type=kind, dec_hook=_to_array)


def _from_array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    raise NotImplementedError(f"{type(value).__name__} cannot be kept.")


def _to_array(kind: Any, kept: Any) -> Any:
    dtype, shape, data = kept
    return np.frombuffer(data, dtype).reshape(shape)


def _digest(digests: Digests) -> str:
    return blake2b(digests.astype("<i8").tobytes(), digest_size=16).hexdigest()


def _keep(path: Path, data: bytes) -> None:
    """Written beside and renamed, so that nobody reads half of it; the files of the name that
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
