"""Compressed streams of bytes, unpacked in bounded steps; their first bytes tell by what."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, cast

PACKED = 1 << 15
"""Compressed bytes that are taken at once."""

_WINDOW = 31
"""Base 2 logarithm of the most bytes that an unpacker may look back (``zstd --long=31``)."""

Read = Callable[[int], bytes]
"""Gives at most so many bytes, none at the end."""


def zstandard() -> Any:
    """The module of Zstandard, which is in the standard library since Python 3.14."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _gzip() -> Any:
    from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor

    return IgzipDecompressor(flag=DECOMP_GZIP)


def _bzip2() -> Any:
    from bz2 import BZ2Decompressor

    return BZ2Decompressor()


def _zstandard() -> Any:
    zstd = zstandard()
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW})


def _xz() -> Any:
    from lzma import LZMADecompressor

    return LZMADecompressor(memlimit=1 << _WINDOW)


PACKINGS: dict[str, tuple[re.Pattern[bytes], Callable[[], Any]]] = {
    ".gz": (re.compile(rb"\x1f\x8b"), _gzip),
    ".bz2": (re.compile(rb"BZh[1-9]"), _bzip2),
    # Parallel packers begin with a frame that is to be skipped.
    ".zst": (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), _zstandard),
    ".xz": (re.compile(rb"\xfd7zXZ\x00"), _xz),
}
"""By the usual ending of a name: how such a file begins, and what unpacks a frame of it."""


def damages() -> tuple[type[Exception], ...]:
    """The errors of all that unpacks, but for `EOFError` at a cut."""
    from lzma import LZMAError

    from isal.igzip_lib import IsalError

    return (OSError, LZMAError, cast(type[Exception], IsalError), zstandard().ZstdError)


class Stream:
    """Bytes whose beginning can be looked at before they are read.

    An error on the way is raised when everything before it has been read.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._ahead = b""
        self._fault: Exception | None = None

    def look(self, size: int) -> bytes:
        """What the next reads will give: so many bytes, or less at the end."""
        try:
            while len(self._ahead) < size and (more := self._read(size - len(self._ahead))):
                self._ahead += more
        except Exception as error:
            self._fault = error
        return self._ahead

    def replace(self, start: int, end: int, data: bytes) -> None:
        """Put ``data`` in the place of some bytes that were looked at."""
        self._ahead = self._ahead[:start] + data + self._ahead[end:]

    def skip(self, size: int) -> None:
        """Leave out bytes that were looked at."""
        self._ahead = self._ahead[size:]

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, none at the end."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        if self._fault is not None:
            raise self._fault
        return self._read(size)


def unpacked(stream: Stream) -> Stream | None:
    """What is packed in a stream; None where its bytes stand as they are."""
    for starts, new in PACKINGS.values():
        if starts.match(stream.look(6)):
            return Stream(_Frames(stream.read, new).read)
    return None


class _Frames:
    """Compressed frames, one after the other.

    The libraries' own file objects lose what they have when the last frame is cut off.
    """

    def __init__(self, read: Read, new: Callable[[], Any]) -> None:
        self._read = read
        self._new = new
        self._frame = new()
        self._begun = False

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes. Raises `EOFError` where the last frame has no end."""
        while True:
            packed = b""
            if self._frame.eof:
                packed = self._frame.unused_data
                self._frame, self._begun = self._new(), False
            if not self._begun:
                # Tapes and some downloaders fill up the last block with zeros.
                while not (packed := packed.lstrip(b"\0")):
                    if not (packed := self._read(PACKED)):
                        return b""
                self._begun = True
            elif self._frame.needs_input and not (packed := self._read(PACKED)):
                raise EOFError
            if data := self._frame.decompress(packed, size):
                return bytes(data)
