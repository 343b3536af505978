"""Entity dumps and other files of entity documents: one a line, or however else they are laid out,
in an array or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch, Notes, excerpt
from kgenrich.harvest.document import Reader
from kgenrich.harvest.id_set import IdSet, id_in_head
from kgenrich.harvest.splitting import Piece, split
from kgenrich.inputs import Input
from kgenrich.model import Reject

BATCH = 500
PASSED_OVER = 20_000
"""Documents after which the place is noted, where few of them are wanted."""

HOPELESS = 1_000
"""Broken lines at the start after which a file is taken for something else."""


LOOKED_AT = 2_000
"""Documents at the beginning that are shown to who wants to look at them first."""

Look = Callable[[Iterable[bytes | memoryview]], None]


def read_dump(
    source: Input,
    reader: Reader,
    *,
    start: str = "",
    size: int = BATCH,
    look: Look | None = None,
    only: IdSet | None = None,
) -> Iterator[Batch]:
    """The entities of a dump, about ``size`` to a batch. ``look`` is shown the first `LOOKED_AT`
    documents before any is read. Where ``only`` some ids are wanted, documents that begin with
    another are passed over without decoding them.

    Positions are offsets, in bytes, into the uncompressed file; ``start`` is one of them. A
    compressed file is unpacked up to there again, which takes a fraction of the time of reading
    it. A document that holds no entity is reported as broken. Raises `InputError`, after everything
    before has been yielded, when the file is damaged, cut off or no dump at all.
    """
    begin = int(start or 0)
    batch = Batch(position=str(begin))
    notes = Notes()
    is_dump = begin > 0
    most = size if only is None else max(size, PASSED_OVER)
    stopped: InputError | None = None
    try:
        pieces = split(source, begin)
        if look is not None and not begin:
            pieces = _shown(pieces, look)
        for offset, data, after in pieces:
            batch.read += 1
            batch.position = str(after)
            if only is not None and (id := id_in_head(data)) and not only.meet(id):
                is_dump = True
            else:
                try:
                    found = reader.read(data, notes)
                    batch.entities.extend(one for one in found if only is None or only.meet(one.id))
                    is_dump = is_dump or not notes.broken
                except InputError as error:
                    why = str(error)
                    batch.rejects.append(Reject(source.name, offset, why, excerpt(bytes(data))))
                if notes:
                    is_dump = is_dump or bool(batch.entities)
                    batch.note(notes, source.name, offset, bytes(data))
                    notes = Notes()
            is_full = batch.read >= most or len(batch.entities) + len(batch.rejects) >= size
            if is_dump and is_full:
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
        why = f"its first document: {batch.rejects[0].reason}" if batch.rejects else "it is empty."
        raise InputError(f"{source.name} is no entity dump; {why}")


def _shown(pieces: Iterator[Piece], look: Look) -> Iterator[Piece]:
    """The documents, of which the first have been looked at."""
    first: list[Piece] = []
    stopped: InputError | None = None
    try:
        first.extend(islice(pieces, LOOKED_AT))
    except InputError as error:
        stopped = error
    look(piece.data for piece in first)
    yield from first
    if stopped:
        raise stopped
    yield from pieces
