"""Files as streams of bytes, whatever they are compressed with; the first bytes tell with what."""

from __future__ import annotations

import bz2
import io
import lzma
import os
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from isal import isal_zlib
from zstandard import ZstdDecompressor, ZstdError

from kgenrich.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import Buffer

CHUNK = 1 << 20
PACKED = 1 << 15
"""Compressed bytes that are unpacked at once: few, as they may become a thousand times more."""

_ISAL = cast(type[Exception], isal_zlib.error)
_DAMAGE = (OSError, zlib.error, _ISAL, lzma.LZMAError, ZstdError)

PACKINGS: dict[str, tuple[bytes, Callable[[], Any]]] = {
    ".gz": (b"\x1f\x8b", lambda: isal_zlib.decompressobj(31)),
    ".bz2": (b"BZh", bz2.BZ2Decompressor),
    ".zst": (b"\x28\xb5\x2f\xfd", lambda: ZstdDecompressor(max_window_size=2**31).decompressobj()),
    ".xz": (b"\xfd7zXZ", lzma.LZMADecompressor),
}
"""By the ending of a name: how such a file begins, and what unpacks a frame of it."""


class Input:
    """A file (or ``-``, the standard input) that is read from the start to the end.

    ``size`` is that of the file in bytes, None where it has none. Raises `InputError` when it
    cannot be opened, or is not what its name says.
    """

    def __init__(self, path: str) -> None:
        self.name = "standard input" if path == "-" else path
        try:
            raw = sys.stdin.buffer if path == "-" else Path(path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror}.") from error
        self._raw = cast(io.BufferedReader, raw)
        try:
            stat = os.fstat(self._raw.fileno())
            self.size = stat.st_size if path != "-" and stat.st_size else None
            packed = self._packing(path)
        except OSError as error:
            self._raw.close()
            raise InputError(f"{self.name} cannot be read: {error.strerror}.") from error
        self.seekable = not packed and self._raw.seekable()
        self._stream = self._raw
        if packed:
            frames = _Frames(self._raw, PACKINGS[packed][1])
            self._stream = io.BufferedReader(frames, CHUNK)

    def _packing(self, path: str) -> str:
        start = self._raw.peek(6)[:6]
        packed = next(
            (name for name, (magic, _) in PACKINGS.items() if start.startswith(magic)), ""
        )
        ending = Path(path).suffix
        if ending.lower() in PACKINGS and start and ending.lower() != packed:
            raise InputError(f"{self.name} is called {ending} but holds something else.")
        return packed

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, empty at the end.

        Raises `InputError` where the file ends in the middle or is damaged.
        """
        try:
            # `read` would lose what comes before the place where a file is cut off.
            return self._stream.read1(CHUNK if size < 0 else size)
        except EOFError as error:
            raise InputError(f"{self.name} is cut off: it ends in the middle.") from error
        except _DAMAGE as error:
            raise InputError(f"{self.name} is damaged: {_tidy(error)}.") from error

    def seek(self, offset: int) -> None:
        """Go on ``offset`` bytes from the start of what is read; call it before any `read`."""
        if self.seekable:
            self._raw.seek(offset)
            return
        while offset > 0:
            skipped = len(self.read(min(CHUNK, offset)))
            if not skipped:
                return
            offset -= skipped

    def tell(self) -> int:
        """How much of the file itself has been read, in bytes."""
        return self._raw.tell() if self.size is not None else 0

    def __enter__(self) -> Input:
        return self

    def __exit__(self, *error: object) -> None:
        if self._raw is not sys.stdin.buffer:
            self._raw.close()


class _Frames(io.RawIOBase):
    """Compressed frames, one after the other.

    The libraries' own file objects lose what they have when the last frame is cut off, or (that
    of zstandard) do not even notice.
    """

    def __init__(self, raw: io.BufferedReader, new: Callable[[], Any]) -> None:
        self._raw = raw
        self._new = new
        self._frame = new()
        self._begun = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._ready:
            packed = b""
            if self._frame.eof:
                # Tapes and some downloaders fill up the last block with zeros.
                packed = self._frame.unused_data.lstrip(b"\0")
                self._frame, self._begun = self._new(), False
            packed = packed or self._raw.read(PACKED)
            if not packed:
                if self._begun:
                    raise EOFError
                return 0
            if not self._begun:
                packed = packed.lstrip(b"\0")
            if packed:
                self._begun = True
                self._ready = memoryview(self._frame.decompress(packed))
        view = memoryview(buffer)
        size = min(len(self._ready), len(view))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def _tidy(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.rstrip(".")
