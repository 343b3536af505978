"""Files that appear whole or not at all, plain or compressed, with the hash of what was written."""

from __future__ import annotations

import csv
import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from glob import escape
from hashlib import file_digest, sha256
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from msgspec import Struct

from kgenrich.errors import InputError, UsageError
from kgenrich.packing import zstandard

COMPRESSIONS = ("none", "gz", "zst")
STDOUT = "-"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
T = TypeVar("T")


class Written(Struct, frozen=True):
    """A finished file: its size in bytes and the SHA-256 of its bytes, both as they lie on disk."""

    path: str
    bytes: int
    sha256: str


def split_name(name: str) -> tuple[str, str]:
    """The format and the compression that a file name asks for, each empty if it says nothing.

    >>> split_name("out/terms.nq.gz"), split_name("a.b/dump"), split_name("-")
    (('nq', 'gz'), ('', ''), ('', ''))
    """
    path = Path(name)
    compression = path.suffix[1:].lower()
    if compression in COMPRESSIONS[1:]:
        path = path.with_suffix("")
    else:
        compression = ""
    return path.suffix[1:].lower(), compression


def marked(name: str, mark: str) -> str:
    """The name with a mark before its endings.

    >>> marked("out/edits.csv.gz", "Lfr"), marked("edits", "Lfr")
    ('out/edits.Lfr.csv.gz', 'edits.Lfr')
    """
    path, packed = Path(name), ""
    if split_name(name)[1]:
        path, packed = path.with_suffix(""), path.suffix
    return str(path.with_name(f"{path.stem}.{mark}{path.suffix}{packed}"))


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of so many, the last one shorter."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch


def csv_lines(rows: Iterable[Iterable[Any]], **dialect: Any) -> str:
    """The rows as lines of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, **dialect).writerows(rows)
    return buffer.getvalue()


def joined(pieces: Iterable[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    """The same bytes in pieces of at least so many, but for the last."""
    buffer: list[bytes] = []
    length = 0
    for piece in pieces:
        buffer.append(piece)
        length += len(piece)
        if length > size:
            yield b"".join(buffer)
            buffer.clear()
            length = 0
    yield b"".join(buffer)


def write(
    name: str,
    pieces: Iterable[bytes],
    compression: str = "",
    note: Callable[[Written], None] = lambda written: None,
) -> Written:
    """Write the pieces to a file, or to the standard output for ``-``.

    The file is written beside its place and renamed when it is whole; a reader never sees a part,
    and whatever goes wrong leaves an older file of that name as it was. ``note`` is told of it
    before it is renamed, so that whoever finds it can know it. Compressed bytes depend on the
    content alone, not on the clock or the name. Raises `UsageError` for a folder and `InputError`
    where there is none to write into.
    """
    with place(name) as out:
        hashed = _Hashed(out)
        with _compressed(hashed, compression) as sink:
            for chunk in joined(pieces):
                sink.write(chunk)
        out.flush()
        written = Written(name, hashed.size, hashed.digest.hexdigest())
        note(written)
    return written


def digest_of(name: str) -> str:
    """The SHA-256 of a file; empty where there is none, or a pipe or a device in its place."""
    path = Path(name)
    if name == STDOUT or not path.is_file():
        return ""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@contextmanager
def place(name: str) -> Iterator[BinaryIO]:
    """Where a file is written; what is given, by its ``name``, lies beside that place until the
    block ends well."""
    if name == STDOUT:
        yield sys.stdout.buffer
        return
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{name} is a folder: name a file in it.")
    if path.exists() and not path.is_file():
        # A pipe or a device cannot be replaced.
        with path.open("wb") as out:
            yield out
        return
    target = Path(os.path.realpath(name))
    if not target.parent.is_dir():
        raise InputError(f"There is no folder {target.parent}.")
    _clear(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as out:
            _lock(out)
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except OSError as error:
        why = "the disk is full" if error.errno in _FULL else error.strerror
        raise InputError(
            f"{name} cannot be written: {why}. Nothing was changed; an older file is as it was."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _clear(target: Path) -> None:
    """Take away what killed writers left: one that lives has a lock on its part."""
    for part in target.parent.glob(f".{escape(target.name)}.*.part"):
        with suppress(OSError), part.open("r+b") as left:
            if _lock(left):
                part.unlink()


def _lock(part: BinaryIO) -> bool:
    """Take the lock on a part, which ends with its writer; False where there is none to have."""
    from filelock import lock_descriptor

    with suppress(OSError):
        return lock_descriptor(part.fileno(), blocking=False)
    return False


class _Hashed:
    """A writer that counts and hashes what passes."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.size = 0
        self.digest = sha256()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.digest.update(data)
        return self.out.write(data)

    def flush(self) -> None:
        self.out.flush()


def _compressed(out: Any, compression: str) -> Any:
    if compression == "gz":
        from isal import igzip

        opened: Any = igzip.IGzipFile
        return opened(fileobj=out, mode="wb", compresslevel=2, filename="", mtime=0)
    if compression == "zst":
        return zstandard().ZstdFile(out, "wb", level=3)
    return nullcontext(out)
