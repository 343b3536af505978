"""Excel workbooks on the way back, as Excel, LibreOffice and others save them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from msgspec.structs import replace
from python_calamine import CalamineError, CalamineWorkbook

from kgenrich.errors import InputError
from kgenrich.exchange.tables.columns import NO_HEADER, DateText, Row, answers, header_in
from kgenrich.exchange.unit import UnitAnswer

LARGEST = 2 << 30
"""Bytes that a workbook may have when it is unpacked."""
_HEAD = 4096
_DEFINITIONS = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers on every sheet whose columns have names; others are passed over.

    Raises `InputError` for what is no workbook, is too large or brings definitions of its own, and
    where no sheet has the columns.
    """
    is_ours = False
    for title, rows in _sheets(path):
        if header := header_in(rows):
            is_ours = True
            for one in answers(rows, header):
                problem = one.problem and f"on the sheet {title!r}: {one.problem}"
                yield replace(one, problem=problem)
    if not is_ours:
        raise InputError(f"{path} {NO_HEADER}.")


def _sheets(path: str) -> Iterator[tuple[str, Iterator[Row]]]:
    """The names and the rows of the sheets."""
    with _opened(path) as file:
        try:
            _check(path, file)
            with CalamineWorkbook.from_filelike(file) as book:
                for name in book.sheet_names:
                    yield name, _rows(book.get_sheet_by_name(name))
        except (CalamineError, BadZipFile, EOFError) as error:
            raise InputError(f"{path} is no workbook that can be read: {error}.") from error


def _opened(path: str) -> IO[bytes]:
    try:
        return BytesIO(sys.stdin.buffer.read()) if path == "-" else Path(path).open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _check(path: str, file: IO[bytes]) -> None:
    """Refuse what unpacks to too much, and XML that defines anything."""
    with ZipFile(file) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST:
            raise InputError(
                f"{path} would be larger than {LARGEST >> 30} GiB when it is unpacked."
            )
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as content:
                    # Of an encoding with two bytes a character, too.
                    head = content.read(_HEAD).replace(b"\0", b"")
                if _DEFINITIONS.search(head):
                    raise InputError(f"{path} has definitions in its XML ({part.filename[:100]}).")
    file.seek(0)


def _rows(sheet: Any) -> Iterator[Row]:
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [value if isinstance(value, str) else _text(value) for value in row]


def _text(value: Any) -> str:
    """A cell that holds no text as people see it."""
    match value:
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case date() | time() | timedelta():
            return DateText(value)
    return str(value)
