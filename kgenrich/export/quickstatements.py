"""Edits for QuickStatements: version 1 commands (tab-separated) and its CSV form.

Both forms are held to what the parsers in use make of them: those of QuickStatements 2 (PHP, and
its bot in Rust) and 3 (Python), of which the tests have models. No parser knows an escape, so what
one of them would read as something else goes into the other form, or nowhere.

Version 1: a text stands raw between quotes. Version 3 pairs quotes over line ends before it splits
lines (three together are a quote of their own, a backslash hides one), puts its mark for what is
quoted into the text, and takes curly quotes for straight ones. The bot takes ``||`` for a tab and
older parsers took every ``|``; a comment begins with ``/*``. The subject may be a property as well
as an item, in either form.

CSV: version 2 sets or empties what a cell stands for, so no cell is ever blank; for its reader a
backslash hides the quote after it. Version 3 takes a cell that looks like a value of a statement
(an id, a number, a date, a place, a quoted text) for one.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct, field

from kgenrich.errors import UsageError
from kgenrich.export.edits import Edit, edit_summary
from kgenrich.export.writing import batches
from kgenrich.text import clean

_NO_LANGUAGE = "not a language of QuickStatements"
_IN_NEITHER = "a text that QuickStatements would read as another in either format"
_LANGUAGE = re.compile(r"[a-z]+(?:-[a-z]+)*")
_CHUNK = 1000

_ODD = re.compile(r'["\\|\u201c\u201d]|/\*|___')
"""A text without any of these is read alike between quotes."""
_PAIRED = re.compile(r'(?:"(?!"")(?:\\.|[^"\\])*+"[^"]*+)*+')
_MARK = "___QSTS3_PLACEHOLDER___"
_CELL = re.compile(r'"(?:\\.|[^"\\]|"")*+"')
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_VALUE = re.compile(
    r"somevalue|novalue|LAST|[QMPL]\d+|L\d+-[FS]\d+"
    r'|(?:[a-z_-]+:)?["\u201c\u201d].*["\u201c\u201d]'
    r"|[+-]?\d+-\d\d-\d\dT\d\d:\d\d:\d\dZ(?:/\d+)?(?:/J|/C\d+)?"
    r"|@\s*[+-]?[0-9.]+\s*/\s*[+-]?[0-9.]+(?:/G\d+)?"
    rf"|{_NUMBER}(?:\[{_NUMBER},\s?{_NUMBER}\]|\s*~\s*{_NUMBER})?(?:U\d+)?"
)
"""What version 3 takes for the value of a statement."""


def summary(text: str = "", batch: str = "") -> str:
    """The edit summary of every command (`edit_summary`). Raises `UsageError` also for what would
    end the comment that it stands in."""
    text = clean(text)
    if "/*" in text or "*/" in text or "|" in text or _MARK in text:
        raise UsageError(f"An edit summary cannot hold '/*', '*/', '|' or {_MARK}.")
    if not _in_cell(text):
        raise UsageError("An edit summary cannot hold a backslash before a quotation mark.")
    return edit_summary(text, batch)


def version1(edits: Iterable[Edit], comment: str = "") -> Iterator[bytes]:
    """The edits as commands, one a line, each with the comment as its edit summary."""
    tail = f" /* {comment} */\n" if comment else "\n"
    for batch in batches(edits, _CHUNK):
        lines = [f'{edit.entity}\t{edit.command}\t"{edit.text}"{tail}' for edit in batch]
        yield "".join(lines).encode()


class Tables(Struct):
    """How edits go into CSV without a blank cell: how many there are of each command, and whether
    every item gets each of them once, so that one table holds them all."""

    edits: Counter[str] = field(default_factory=Counter)
    alike: bool = True

    @property
    def columns(self) -> list[list[str]]:
        """The columns of each table: labels first, then descriptions, then aliases."""
        columns = sorted(self.edits, key=lambda command: ("LDA".index(command[0]), command))
        return [columns] if self.alike else [[column] for column in columns]


def tables_of(edits: Iterable[Edit]) -> Tables:
    """The tables that the edits of items, one item after the other, need."""
    tables = Tables()
    first: list[str] = []
    for _, group in groupby(edits, lambda edit: edit.entity):
        commands = sorted(edit.command for edit in group)
        first = first or commands
        tables.alike &= commands == first and len(set(commands)) == len(commands)
        tables.edits.update(commands)
    return tables


def table(columns: Sequence[str], edits: Iterable[Edit], comment: str = "") -> Iterator[bytes]:
    """The edits of these commands as CSV: an item a line, or more where there is one command
    alone. A column ``#`` with the comment follows each.

    Raises `ValueError` where a cell would be blank (see `tables_of`).
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")

    def write(first: str, cells: Iterable[str], note: str) -> None:
        pairs = ((cell, note) if comment else (cell,) for cell in cells)
        writer.writerow([first, *(one for pair in pairs for one in pair)])

    write("qid", columns, "#")
    for item, group in groupby(edits, lambda edit: edit.entity):
        texts: dict[str, list[str]] = {command: [] for command in columns}
        for edit in group:
            texts[edit.command].append(edit.text)
        for cells in zip(*texts.values(), strict=True):
            write(item, cells, comment)
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def in_commands(text: str) -> bool:
    """Whether every parser reads the text between quotes in version 1 as it is."""
    if not _ODD.search(text):
        return True
    quoted = f'"{text}"'
    unlike = ("|", "/*", "\u201c", "\u201d", _MARK)
    return not any(sign in text for sign in unlike) and _PAIRED.fullmatch(quoted) is not None


def in_table(text: str) -> bool:
    """Whether every parser reads the text in a cell of CSV as it is."""
    return _VALUE.fullmatch(text) is None and _in_cell(text)


def _in_cell(text: str) -> bool:
    quoted = '"' + text.replace('"', '""') + '"'
    # A cell without quotes and commas is written without quotes, and nothing is hidden in it.
    bare = "," not in text and '"' not in text
    return bare or "\\" not in text or _CELL.fullmatch(quoted) is not None


def obstacle_in_commands(edit: Edit) -> str:
    """Why version 1 cannot carry an edit; empty for one that it can."""
    if not _LANGUAGE.fullmatch(edit.language):
        return _NO_LANGUAGE
    if in_commands(edit.text):
        return ""
    if in_table(edit.text):
        return "a text with '|', '/*', odd or curly quotes, which only --format csv carries"
    return _IN_NEITHER


def obstacle_in_table(edit: Edit) -> str:
    """Why CSV cannot carry an edit; empty for one that it can."""
    if not _LANGUAGE.fullmatch(edit.language):
        return _NO_LANGUAGE
    if in_table(edit.text):
        return ""
    if in_commands(edit.text):
        return "a text like an id, number, date or quotation, which only --format v1 carries"
    return _IN_NEITHER
