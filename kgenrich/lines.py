"""Lines of files that are not always in UTF-8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kgenrich.errors import InputError
from kgenrich.inputs import LONGEST_LINE, Input

_HEAD = 1 << 12
_LOST = "\N{REPLACEMENT CHARACTER}"


def raw_lines(source: Input) -> Iterator[bytes]:
    """The lines without the blanks around them. Raises `InputError` for what has none."""
    rest = b""
    while chunk := source.read():
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise InputError(f"{source.name} has no lines.")
        yield from map(bytes.strip, whole)
    if rest:
        yield rest.strip()


def likely_encoding(source: Input, encodings: Sequence[str]) -> str:
    """The first of the encodings in which the beginning has least that cannot be read."""
    head = source.look(_HEAD)
    return min(encodings, key=lambda encoding: head.decode(encoding, "replace").count(_LOST))


def decoded(line: bytes, encoding: str) -> str:
    """The text of a line, with a mark in place of what is not in the encoding."""
    return line.decode(encoding, "replace")
