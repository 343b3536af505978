"""CSV and TSV: written as spreadsheets open them, read as people and spreadsheets leave them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain, islice

from kgenrich.errors import InputError
from kgenrich.escaping import plain_cell, safe_cell
from kgenrich.exchange.tables.columns import COLUMNS, NO_HEADER, answers, cells, header_in
from kgenrich.exchange.unit import Unit, UnitAnswer
from kgenrich.inputs import Input

_BATCH = 1000
_SEPARATORS = "\t;,"
_LOOKED_AT = 50
_FEWEST = 2


def write(units: Iterable[Unit], separator: str) -> Iterator[bytes]:
    """A line for each unit, after one with the names of the columns. No cell is a formula."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerow(COLUMNS)
    rest = iter(units)
    while batch := list(islice(rest, _BATCH)):
        writer.writerows([safe_cell(cell) for cell in cells(unit)] for unit in batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def read(path: str) -> Iterator[UnitAnswer]:
    """The answers in a file that is separated by tabs, semicolons or commas. Rows are counted, as
    spreadsheets do, not lines."""
    with Input(path) as source:
        lines = source.lines()
        head = list(islice(lines, _LOOKED_AT))
        separator = _separator(head)
        reader = csv.reader((f"{line}\n" for line in chain(head, lines)), delimiter=separator)
        try:
            rows = ((number, [*map(plain_cell, row)]) for number, row in enumerate(reader, 1))
            header = header_in(rows)
            if not header:
                raise InputError(f"{source.name} {NO_HEADER}.")
            yield from answers(rows, header)
        except csv.Error as error:
            where = f"Line {reader.line_num} of {source.name}"
            raise InputError(f"{where} is no line of a table: {error}.") from error


def _separator(head: Iterable[str]) -> str:
    """What separates the names of the columns, or what Excel's own first line says."""
    for line in head:
        if line.lower().startswith("sep=") and line[4:5] in tuple(_SEPARATORS):
            return line[4]
        best = max(_SEPARATORS, key=line.count)
        if "text" in line.lower() and line.count(best) >= _FEWEST:
            return best
    return ","
