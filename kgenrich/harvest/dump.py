"""Entity dumps: one JSON document a line, in the array of the official dumps or without it."""

from __future__ import annotations

from collections.abc import Iterator

from kgenrich.errors import InputError
from kgenrich.harvest.batch import EXCERPT, Batch, excerpt
from kgenrich.harvest.document import Reader
from kgenrich.inputs import CHUNK, Input
from kgenrich.model import Reject

BATCH = 500
LONGEST_LINE = 64 << 20
HOPELESS = 1_000
"""Broken lines at the start after which a file is taken for something else."""

_AROUND = b"[], \t\r\0\xef\xbb\xbf"
"""What may stand around a document in its line: the array of a dump, a byte order mark."""


def read_dump(
    source: Input, reader: Reader, *, start: str = "", size: int = BATCH
) -> Iterator[Batch]:
    """The entities of a dump, about ``size`` to a batch.

    Positions are offsets, in bytes, into the uncompressed file; ``start`` is one of them. A
    compressed file is unpacked up to there again, which takes a fraction of the time of reading
    it. A line that holds no entity is reported as broken. Raises `InputError`, after everything
    before has been yielded, when the file is damaged, cut off or no dump at all.
    """
    begin = int(start or 0)
    source.seek(begin)
    batch = Batch(position=str(begin))
    is_dump = begin > 0
    stopped: InputError | None = None
    try:
        for offset, line, after in _lines(source, begin):
            batch.read += 1
            batch.position = str(after)
            try:
                batch.entities.extend(reader.read(line))
                is_dump = True
            except InputError as error:
                batch.rejects.append(
                    Reject(source.name, offset, str(error), excerpt(bytes(line[:EXCERPT])))
                )
            if is_dump and batch.read >= size:
                batch.done = source.tell()
                yield batch
                batch = Batch(position=batch.position)
            elif not is_dump and batch.read >= HOPELESS:
                break
    except InputError as error:
        stopped = error
    if is_dump and batch.read:
        batch.done = source.tell()
        yield batch
    if stopped:
        raise stopped
    if not is_dump:
        why = f"its first line: {batch.rejects[0].reason}" if batch.rejects else "it is empty."
        raise InputError(f"{source.name} is no entity dump; {why}")


def _lines(source: Input, offset: int) -> Iterator[tuple[int, bytes | memoryview, int]]:
    """Every document with the offsets of its line's start and of the next one's, without a copy
    where that is possible.

    A last line without its end is given too, unless the file is cut off there. Of a line that is
    longer than any document only the beginning is kept. Lines without a document are left out.
    """
    parts: list[bytes] = []
    length = size = 0
    while chunk := source.read(CHUNK):
        view = memoryview(chunk)
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            after = offset + length + end - start + 1
            if parts:
                line = b"".join((*parts, chunk[start:end])).strip(_AROUND)
                if line:
                    yield offset, line, after
                parts.clear()
            else:
                first, last = start, end
                while last > first and chunk[last - 1] in _AROUND:
                    last -= 1
                while first < last and chunk[first] in _AROUND:
                    first += 1
                if first < last:
                    yield offset, view[first:last], after
            offset, length, size = after, 0, 0
            start = end + 1
        if start < len(chunk):
            rest = chunk[start:]
            length += len(rest)
            if size < LONGEST_LINE:
                parts.append(rest)
                size += len(rest)
    if parts and (line := b"".join(parts).strip(_AROUND)):
        yield offset, line, offset + length
