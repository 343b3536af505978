"""Excel workbooks on the way out: a sheet a language, in which only what people fill in can be
written, with lists to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from kgenrich.errors import UsageError
from kgenrich.exchange.tables.columns import COLUMNS, FILLED_IN, cells
from kgenrich.exchange.tables.excel_limits import LONGEST_CELL, MOST_ROWS, SheetNames, cut, fits
from kgenrich.exchange.unit import Unit
from kgenrich.languages import direction
from kgenrich.languages import name as language_name
from kgenrich.model import RejectReason

_CHUNK = 1 << 20
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_WIDTHS = {
    "source text": 40,
    "proposal": 40,
    "verdict": 10,
    "text": 40,
    "reason": 14,
    "comment": 28,
    "context": 48,
    "others": 30,
    "entity": 16,
    "author": 14,
    "at": 12,
}
_OTHER_WIDTH = 11
_HIDDEN = ("id", "basis", "sent")
_CUT = ("context", "others")
"""What is for people alone, and may be cut short."""
_IN_TARGET = ("proposal", "text", "others")
_ABOUT = (
    "A row is a term. “text” is what would stand; “proposal” is what was proposed.",
    "Write accept or reject under “verdict”. To change the wording, write another “text”.",
    "A row whose verdict is empty and whose text is as it was is left as it is.",
    "“others” were proposed too; how probable each is stands behind it.",
    "Only verdict, text, reason and comment can be written in. To sort, take the protection of the "
    "sheet away first (it has no password); rows may be in any order, and hidden by a filter.",
    "Reasons for what is rejected:",
    *(f"{reason}: {reason.meaning}" for reason in RejectReason),
)


def write(units: Iterable[Unit]) -> Iterator[bytes]:
    """The bytes of a workbook, the same ones for the same units.

    Raises `UsageError` for a text that no cell can hold.
    """
    with TemporaryFile() as file:
        with Workbook(file, _OPTIONS) as book:
            book.set_properties({"created": datetime(1980, 1, 1), "author": "kgenrich"})
            _fill(book, units)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _fill(book: Workbook, units: Iterable[Unit]) -> None:
    names = SheetNames()
    about = book.add_worksheet(names.name("about"))
    about.set_column(0, 0, 100, book.add_format({"text_wrap": True}))
    for place, line in enumerate(_ABOUT):
        about.write_string(place, 0, line)
    sheets: dict[str, _Sheet] = {}
    for unit in units:
        sheet = sheets.get(unit.language)
        if sheet is None or sheet.rows >= MOST_ROWS:
            if sheet is not None:
                sheet.finish()
            sheet = sheets[unit.language] = _Sheet(
                book, names.name(unit.language), unit.language, is_first=not sheets
            )
        sheet.add(unit)
    for sheet in sheets.values() or [_Sheet(book, names.name("terms"), "", is_first=True)]:
        sheet.finish()


class _Sheet:
    """The rows of one language."""

    def __init__(self, book: Workbook, name: str, language: str, *, is_first: bool) -> None:
        self.rows = 1
        self._book, self._language = book, language
        self._formats: dict[tuple[str, str], Any] = {}
        sheet = self._sheet = book.add_worksheet(name)
        if is_first:
            sheet.activate()
        if direction(language) == "rtl":
            sheet.right_to_left()
        sheet.freeze_panes(1, 0)
        head = book.add_format({"bold": True, "bg_color": "#DDDDDD", "text_wrap": True})
        for place, column in enumerate(COLUMNS):
            width = _WIDTHS.get(column, _OTHER_WIDTH)
            sheet.set_column(place, place, width, None, {"hidden": column in _HIDDEN})
            sheet.write_string(0, place, column, head)

    def add(self, unit: Unit) -> None:
        """A row."""
        for place, (column, value) in enumerate(zip(COLUMNS, cells(unit), strict=True)):
            shape = self._format(column, unit.source_language)
            if not isinstance(value, str):
                self._sheet.write_number(self.rows, place, value, shape)
            elif value:
                text = cut(value) if column in _CUT else value
                if not fits(text):
                    raise UsageError(
                        f"A {column} in {self._language} has {len(text):,} characters, a cell of "
                        f"Excel holds {LONGEST_CELL:,}: leave its kind out, or choose tsv."
                    )
                self._sheet.write_string(self.rows, place, text, shape)
            elif column in FILLED_IN:
                self._sheet.write_blank(self.rows, place, None, shape)
        self.rows += 1

    def _format(self, column: str, source: str) -> Any:
        """How the cells of a column look."""
        language = self._language if column in _IN_TARGET else source
        key = (column, language)
        if key not in self._formats:
            shape = {
                "valign": "top",
                "text_wrap": True,
                "reading_order": 2 if direction(language) == "rtl" else 1,
                "locked": column not in FILLED_IN,
            }
            if column in FILLED_IN:
                shape["bg_color"] = "#FFFBE6"
            if column == "probability":
                shape["num_format"] = "0.00"
            else:
                shape |= {"num_format": "@", "quote_prefix": True}
            self._formats[key] = self._book.add_format(shape)
        return self._formats[key]

    def finish(self) -> None:
        """What is said of all rows: the filter, the protection and the lists."""
        sheet, last = self._sheet, max(self.rows - 1, 1)
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
        allowed = ("autofilter", "format_columns", "format_rows", "sort")
        sheet.protect("", dict.fromkeys(allowed, True))
        told = {"error_title": language_name(self._language)[:32], "ignore_blank": True}
        text, maximum = (xl_col_to_name(COLUMNS.index(name)) for name in ("text", "maximum"))
        choices: dict[str, tuple[list[str], str]] = {
            "verdict": (["accept", "edit", "reject"], "Choose accept, edit or reject, or none."),
            "reason": ([*map(str, RejectReason)], "The reasons are on the sheet “about”."),
        }
        for column, (source, error) in choices.items():
            place = COLUMNS.index(column)
            listed = {"validate": "list", "source": source, "error_message": error}
            sheet.data_validation(1, place, last, place, told | listed)
        place = COLUMNS.index("text")
        length = {
            "validate": "custom",
            "value": f'=OR(${maximum}2="",LEN(${text}2)<=${maximum}2)',
            "error_type": "warning",
            "error_message": "It is longer than the target takes (see “maximum”).",
        }
        sheet.data_validation(1, place, last, place, told | length)
