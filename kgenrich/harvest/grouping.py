"""Grouping by key what is spread over a file of any size, in bounded memory.

Facts are gathered until they fill a buffer, which is sorted and written to a temporary file (a
run); at the end all runs are merged (external merge sort: Knuth, volume 3, 5.4). A small file
never touches the disk.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from operator import itemgetter
from typing import IO, Generic, TypeVar

import msgspec

BUFFER = 12 << 20
"""Roughly the bytes of one run in memory."""

FAN = 64
"""Runs that are merged at once, each an open file."""

MOST = 20_000
"""Facts of one key; more than that is no entity but an attack or an accident."""

_OVERHEAD = 300

T = TypeVar("T")


class Groups(Generic[T]):
    """Facts by key. ``kind`` is the type of a fact, which must survive MessagePack."""

    def __init__(self, kind: type[T]) -> None:
        self._buffer: list[tuple[str, T]] = []
        self._size = 0
        self._runs: list[IO[bytes]] = []
        self._files = ExitStack()
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(tuple[str, kind]).decode  # type: ignore[valid-type]

    def add(self, key: str, fact: T, size: int) -> None:
        """Keep a fact of about ``size`` characters."""
        self._buffer.append((key, fact))
        self._size += size + _OVERHEAD
        if self._size > BUFFER:
            self._write(self._sorted())
            self._buffer, self._size = [], 0
            if len(self._runs) >= FAN:
                runs, self._runs = self._runs, []
                self._write(heapq.merge(*map(self._read, runs), key=itemgetter(0)))
                for run in runs:
                    run.close()

    def __iter__(self) -> Iterator[tuple[str, list[T]]]:
        """Every key, in order, with its facts in the order in which they came."""
        merged = heapq.merge(*map(self._read, self._runs), self._sorted(), key=itemgetter(0))
        for key, facts in groupby(merged, key=itemgetter(0)):
            yield key, [fact for _, fact in islice(facts, MOST)]

    def close(self) -> None:
        """Remove the temporary files."""
        self._files.close()

    def _sorted(self) -> list[tuple[str, T]]:
        return sorted(self._buffer, key=itemgetter(0))

    def _write(self, facts: Iterable[tuple[str, T]]) -> None:
        run: IO[bytes] = tempfile.TemporaryFile(prefix="kgenrich-")  # noqa: SIM115
        self._files.enter_context(run)
        for fact in facts:
            data = self._encode(fact)
            run.write(len(data).to_bytes(4, "big"))
            run.write(data)
        self._runs.append(run)

    def _read(self, run: IO[bytes]) -> Iterator[tuple[str, T]]:
        run.seek(0)
        while head := run.read(4):
            yield self._decode(run.read(int.from_bytes(head, "big")))
