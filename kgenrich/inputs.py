"""Files as people have them, as one stream of bytes in UTF-8, or its lines.

The first bytes tell what a file is packed with and how its text is encoded: a byte order mark, or
the declaration of an XML document (XML 1.0, 4.3.3 and appendix F); else it is UTF-8.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import cast

from kgenrich.errors import InputError
from kgenrich.packing import Read, Stream, damages, unpacked

CHUNK = 1 << 20
LONGEST_LINE = 64 << 20
"""Bytes of a line; what is longer has no lines."""

_HEAD = 1024
_ARCHIVES = {
    "a ZIP archive": re.compile(rb"PK\x03\x04"),
    "a 7z archive": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "a tar archive": re.compile(rb"(?s).{257}ustar"),
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_UTF8 = ("utf-8", "ascii")
_WAY_OUT = "convert it to UTF-8 first, for example with iconv"


class Input:
    """A file (or ``-``, the standard input) that is read from the start to the end.

    ``size`` is that of the file in bytes, None where it has none. ``as_is``: it is unpacked, and
    keeps its encoding and its byte order mark. Raises `InputError` when it cannot be opened, is an
    archive, or declares an encoding that there is not.
    """

    def __init__(self, path: str | Path, *, as_is: bool = False) -> None:
        self.name = "standard input" if path == "-" else str(path)
        self.size: int | None = None
        try:
            raw = sys.stdin.buffer if path == "-" else Path(path).open("rb")  # noqa: SIM115
            self._raw = cast(BufferedReader, raw)
            if path != "-":
                self.size = os.fstat(raw.fileno()).st_size or None
            self.seekable = raw.seekable()
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror}.") from error
        self._begin = 0
        # `read` would lose what comes before the place where a file is cut off.
        stream = Stream(self._raw.read1)
        content = unpacked(stream)
        self._stream = content or stream
        self.seekable &= content is None
        try:
            self._refuse_archives()
            if not as_is:
                self._decode()
        except InputError:
            self.__exit__()
            raise

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, empty at the end.

        Raises `InputError` where the file ends in the middle or is damaged.
        """
        try:
            return self._stream.read(CHUNK if size < 0 else size)
        except EOFError as error:
            raise InputError(f"{self.name} is cut off: it ends in the middle.") from error
        except UnicodeDecodeError as error:
            why = f"is not in {error.encoding}, as it says itself"
            raise InputError(f"{self.name} {why}: {_WAY_OUT}.") from error
        except damages() as error:
            raise InputError(f"{self.name} is damaged: {_tidy(error)}.") from error

    def look(self, size: int = _HEAD) -> bytes:
        """What the next reads will give: so many bytes, or less at the end."""
        return self._stream.look(size)

    def skip(self, size: int) -> None:
        """Leave out bytes that were looked at."""
        self._stream.skip(size)

    def lines(self) -> Iterator[str]:
        """The lines without their ends, which are those of any system.

        Raises `InputError` where `read` does, and naming a line that is not in UTF-8.
        """
        number = 0
        rest = b""
        while chunk := self.read():
            *whole, rest = (rest + chunk).splitlines(keepends=True)
            if len(rest) > LONGEST_LINE:
                raise InputError(f"{self.name} has no lines.")
            for line in whole:
                number += 1
                yield self._text(line, number)
        if rest:
            yield self._text(rest, number + 1)

    def seek(self, offset: int) -> None:
        """Go on ``offset`` bytes from the start of what is read; call it before any `read`."""
        if self.seekable:
            self._raw.seek(self._begin + offset)
            self._stream = Stream(self._raw.read1)
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

    def _refuse_archives(self) -> None:
        head = self.look()
        if kind := next((kind for kind, start in _ARCHIVES.items() if start.match(head)), ""):
            raise InputError(f"{self.name} is {kind}: unpack it first.")

    def _decode(self) -> None:
        """Let the rest be read in UTF-8, whatever it is in."""
        head = self.look()
        start = next(filter(head.startswith, _MARKS), b"")
        if start == codecs.BOM_UTF8:
            self._begin = len(start)
            self._stream.replace(0, len(start), b"")
        elif start:
            self._recode(_MARKS[start])
        if declared := _DECLARED.match(self.look()):
            encoding = declared[1].decode()
            try:
                name = codecs.lookup(encoding).name
                " ".encode(name)
            except LookupError as error:
                why = f"says that it is in {encoding}, which is unknown"
                raise InputError(f"{self.name} {why}: {_WAY_OUT}.") from error
            if not start and name not in _UTF8:
                self._recode(name)
            if encoding.lower() != "utf-8":
                self.look()
                self._stream.replace(*declared.span(1), b"UTF-8")
                self.seekable = False

    def _recode(self, encoding: str) -> None:
        self._stream = Stream(_recoded(self._stream.read, encoding))
        self.seekable = False

    def _text(self, line: bytes, number: int) -> str:
        try:
            return line.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            why = f"Line {number} of {self.name} is not in UTF-8"
            raise InputError(f"{why}: {_WAY_OUT}.") from error


def read_lines(path: str | Path) -> Iterator[str]:
    """The lines of a file without their ends. Raises `InputError`."""
    with Input(path) as source:
        yield from source.lines()


def read_text(path: str | Path) -> str:
    """The text of a file, its lines ended by line feeds. Raises `InputError`."""
    return "\n".join(read_lines(path))


def _recoded(read: Read, encoding: str) -> Read:
    """The same text in UTF-8. A byte that means nothing in its encoding stays, for it is for the
    reader to say what it costs."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    pending = b""

    def recoded(size: int) -> bytes:
        nonlocal pending
        while not pending:
            data = read(size)
            text = decoder.decode(data, final=not data)
            pending = text.encode("utf-8", "surrogateescape")
            if not data:
                break
        piece, pending = pending[:size], pending[size:]
        return piece

    return recoded


def _tidy(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.rstrip(".")
