"""Files as training reads and writes them: plain or packed text, whole results or none."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from kgenrich.errors import InputError


def find_file(folder: Path, *names: str) -> Path | None:
    """The first file of these names that the folder has, plain or ``.gz``."""
    paths = (folder / (name + suffix) for name in names for suffix in ("", ".gz"))
    return next((path for path in paths if path.is_file()), None)


def read_lines(path: Path, what: str = "") -> Iterator[str]:
    """The lines of a text in UTF-8, plain or ``.gz``, without their ends.

    Raises `InputError` when it cannot be read, which begins with ``what`` and the path.
    """
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="\n") as lines:
            for line in lines:
                yield line.rstrip("\r\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{what}{path} cannot be read: {error}.") from error


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file beside the target, which then takes its place."""
    beside = path.with_name(path.name + ".part")
    write(beside)
    beside.chmod(0o644)
    beside.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON that people can read."""
    text = msgspec.json.format(msgspec.json.encode(value))
    write_whole(path, lambda beside: beside.write_bytes(text))
