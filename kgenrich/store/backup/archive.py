"""The file of a backup: a Zstandard stream of messages in MessagePack, each after its length.

The first message is a `Header`. Then come the tables one after the other, each as `Block` after
`Block` of complete rows. The last is a `Footer`, which says how many rows each table has and the
digest of its blocks. Equal stores give equal bytes, whatever database they are in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Raw, Struct

from kgenrich.errors import InputError
from kgenrich.packing import zstandard

Row = tuple[Any, ...]
Told = Callable[[int], None]
"""Hears how much is done."""

FORMAT = 1
_LENGTH = 4
"""Bytes of the length of a message, high ones first."""
_BLOCK = 1 << 20
"""Bytes of rows from which a block is closed."""
_LONGEST = 1 << 30
"""Bytes of one message; PostgreSQL has no longer values either."""
_MANY = b"\xdd"
"""Begins an array of up to 2**32 values in MessagePack."""


class Header(Struct, frozen=True, tag="kgenrich backup"):
    """Of a store in the migration state ``revision`` whose bare ids belong to ``base``."""

    revision: str
    base: str
    made_by: str
    format: int = FORMAT


class Block(Struct, frozen=True, tag="rows"):
    """Some rows of a table: an array of arrays."""

    table: str
    rows: Raw


class Content(Struct, frozen=True):
    """How many ``rows`` a table has, and the BLAKE2b ``digest`` of its blocks."""

    rows: int
    digest: str


class Footer(Struct, frozen=True, tag="end"):
    """The content of every table, of empty ones too."""

    tables: dict[str, Content]


Message = Header | Block | Footer

_decoder = msgspec.msgpack.Decoder(Message)
_encoder = msgspec.msgpack.Encoder()


def write(
    out: BinaryIO, header: Header, tables: Iterable[tuple[str, Iterable[Row]]], told: Told
) -> Footer:
    """Write a backup; ``told`` hears of the rows written so far."""
    zstd = zstandard()
    options = {zstd.CompressionParameter.checksum_flag: 1}
    tallies: dict[str, _Tally] = {}
    with zstd.ZstdFile(out, "wb", options=options) as packed:
        _put(packed, header)
        for table, rows in tables:
            tally = tallies[table] = _Tally()
            for block in blocks(rows):
                _put(packed, Block(table, block))
                tally.add(block)
                told(sum(one.rows for one in tallies.values()))
        footer = Footer({table: tally.content for table, tally in tallies.items()})
        _put(packed, footer)
    return footer


def read(path: Path, told: Told = lambda size: None) -> Iterator[Message]:
    """The messages of a backup; ``told`` hears of the bytes of the file read so far.

    Raises `InputError` for a file that is none, of a later format, damaged or cut off. What does
    not agree with the footer shows at the end: whoever must know before reads it twice.
    """
    tallies: dict[str, _Tally] = {}
    place = -1
    try:
        with path.open("rb") as file, zstandard().ZstdFile(file, "rb") as packed:
            for place, message in enumerate(_messages(packed)):
                if isinstance(message, Header) != (place == 0):
                    raise ValueError("a message in the wrong place")
                if isinstance(message, Header) and message.format > FORMAT:
                    raise InputError(
                        f"The backup {path} was made by a newer kgenrich ({message.made_by}): "
                        "update kgenrich."
                    )
                if isinstance(message, Block):
                    tallies.setdefault(message.table, _Tally()).add(message.rows)
                if isinstance(message, Footer):
                    found = {table: tally.content for table, tally in tallies.items()}
                    if {
                        **dict.fromkeys(message.tables, _Tally().content),
                        **found,
                    } != message.tables:
                        raise ValueError("not what was written")
                told(file.tell())
                yield message
    except EOFError as error:
        raise InputError(f"The backup {path} is cut off: take another one.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (zstandard().ZstdError, msgspec.DecodeError, ValueError) as error:
        if place < 0:
            raise InputError(f"{path} is no backup of kgenrich, or damaged.") from error
        raise InputError(f"The backup {path} is damaged: take another one.") from error


def verified(path: Path, told: Told = lambda size: None) -> tuple[Header, Footer]:
    """How a backup begins and ends, once all of it was read."""
    messages = read(path, told)
    header, (footer,) = next(messages), deque(messages, 1)
    if isinstance(header, Header) and isinstance(footer, Footer):
        return header, footer
    raise AssertionError


def blocks(rows: Iterable[Row]) -> Iterator[Raw]:
    """Rows as blocks of about a mebibyte. How they are divided depends on the rows alone."""
    buffer, count = bytearray(), 0
    for row in rows:
        _encoder.encode_into(row, buffer, -1)
        count += 1
        if len(buffer) >= _BLOCK:
            yield _block(buffer, count)
            buffer, count = bytearray(), 0
    if count:
        yield _block(buffer, count)


def content(rows: Iterable[Row]) -> Content:
    """The content of a table with these rows."""
    tally = _Tally()
    for block in blocks(rows):
        tally.add(block)
    return tally.content


class _Tally:
    def __init__(self) -> None:
        self.rows = 0
        self._digest = blake2b(digest_size=16)

    def add(self, block: Raw) -> None:
        data = memoryview(block)
        self.rows += int.from_bytes(data[1:5], "big")
        self._digest.update(data)

    @property
    def content(self) -> Content:
        return Content(self.rows, self._digest.hexdigest())


def _block(rows: bytearray, count: int) -> Raw:
    return Raw(_MANY + count.to_bytes(4, "big") + rows)


def _put(out: Any, message: Message) -> None:
    data = _encoder.encode(message)
    out.write(len(data).to_bytes(_LENGTH, "big"))
    out.write(data)


def _messages(packed: Any) -> Iterator[Message]:
    """What is packed, up to the footer. Raises ``EOFError`` where it ends before."""
    message: Message | None = None
    while not isinstance(message, Footer):
        length = int.from_bytes(_exactly(packed, _LENGTH), "big")
        if length > _LONGEST:
            raise ValueError("too long")
        message = _decoder.decode(_exactly(packed, length))
        yield message
    if packed.read(1):
        raise ValueError("more than there should be")


def _exactly(packed: Any, size: int) -> bytes:
    parts = []
    while size:
        part = packed.read(min(size, _BLOCK))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
