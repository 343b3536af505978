"""Excel workbooks (Office Open XML, ECMA-376), written by XlsxWriter and read by Calamine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgenrich.errors import UsageError
from kgenrich.exchange.formats import Header
from kgenrich.exchange.unit import Unit, UnitAnswer

_MISSING = "Workbooks need XlsxWriter and python-calamine: pip install 'kgenrich[exchange]'."


def write(units: Iterable[Unit], header: Header) -> Iterator[bytes]:
    """A workbook with a sheet for each language. Raises `UsageError` where the extra is missing,
    and for a text that no cell can hold."""
    try:
        from kgenrich.exchange.tables import workbook
    except ImportError as error:
        raise UsageError(_MISSING) from error
    yield from workbook.write(units)


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers in a workbook. Raises `UsageError` where the extra is missing."""
    try:
        from kgenrich.exchange.tables import workbook_reading
    except ImportError as error:
        raise UsageError(_MISSING) from error
    yield from workbook_reading.read(path)
