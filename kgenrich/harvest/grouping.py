"""Grouping by key what is spread over a file of any size, in bounded memory.

Facts are numbers with texts. Those of a key that come together stay so, packed, until they fill a
buffer, which is sorted and written to a temporary file (a run); at the end all runs are merged
(external merge sort: Knuth, volume 3, 5.4). A small file never touches the disk.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from typing import IO, Any

import msgspec

BUFFER = 24 << 20
"""Roughly the bytes of one run in memory."""

FAN = 64
"""Runs that are merged at once, each an open file."""

MOST = 20_000
"""Facts of one key that are kept; more than that is no entity but an attack or an accident."""

_OVERHEAD = 200

Facts = tuple[list[int], list[str]]
"""Numbers, and as many texts."""

_Packed = tuple[str, bytes]


class Groups:
    """Facts by key, in the ``order`` of what is made of the keys. Of those that are ``cut`` there
    are more than are kept."""

    def __init__(self, order: Callable[[str], Any] = str) -> None:
        self._order: Callable[[_Packed], Any] = lambda packed: (order(packed[0]), packed[0])
        self.cut: set[str] = set()
        self._buffer: list[_Packed] = []
        self._size = 0
        self._runs: list[IO[bytes]] = []
        self._files = ExitStack()
        self._pack = msgspec.msgpack.Encoder().encode
        self._unpack = msgspec.msgpack.Decoder(Facts).decode
        self._unpack_record = msgspec.msgpack.Decoder(_Packed).decode

    def add(self, key: str, facts: Facts) -> None:
        """Keep facts that came together."""
        data = self._pack(facts)
        self._buffer.append((key, data))
        self._size += len(key) + len(data) + _OVERHEAD
        if self._size > BUFFER:
            self._write(self._sorted())
            self._buffer, self._size = [], 0
            if len(self._runs) >= FAN:
                runs, self._runs = self._runs, []
                self._write(heapq.merge(*map(self._read, runs), key=self._order))
                for run in runs:
                    run.close()

    def __iter__(self) -> Iterator[tuple[str, Facts]]:
        """Every key, in order, with its facts in the order in which they came."""
        unpack = self._unpack
        merged = heapq.merge(*map(self._read, self._runs), self._sorted(), key=self._order)
        for key, packed in groupby(merged if self._runs else self._sorted(), key=itemgetter(0)):
            first, *others = packed
            numbers, texts = unpack(first[1])
            for _, more in others:
                if len(numbers) >= MOST:
                    self.cut.add(key)
                    break
                further = unpack(more)
                numbers += further[0]
                texts += further[1]
            yield key, (numbers, texts)

    def close(self) -> None:
        """Remove the temporary files."""
        self._files.close()

    def _sorted(self) -> list[_Packed]:
        self._buffer.sort(key=self._order)
        return self._buffer

    def _write(self, facts: Iterable[_Packed]) -> None:
        run: IO[bytes] = tempfile.TemporaryFile(prefix="kgenrich-")  # noqa: SIM115
        self._files.enter_context(run)
        for fact in facts:
            data = self._pack(fact)
            run.write(len(data).to_bytes(4, "big"))
            run.write(data)
        self._runs.append(run)

    def _read(self, run: IO[bytes]) -> Iterator[_Packed]:
        run.seek(0)
        while head := run.read(4):
            yield self._unpack_record(run.read(int.from_bytes(head, "big")))
