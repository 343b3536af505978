"""Models of the readers of QuickStatements: what each makes of a batch, command by command.

Written after the parsers in these repositories, for the commands that set labels and descriptions
and add aliases:

- version 2, ``magnusmanske/quickstatements``, ``public_html/quickstatements.php``
  (``importDataFromV1``, ``importDataFromCSV``, ``parseValueV1``; the last stored version, whose
  tests are of commit 0e0b910f), and PHP's ``fgetcsv`` with its escape character;
- its bot, ``magnusmanske/quickstatements_rs``, ``src/qs_parser.rs`` at 02b56d4a;
- version 3, ``wikimediabrasil/quickstatements3`` (formerly ``WikiMovimentoBrasil``),
  ``src/core/parsers``: ``v1.py`` at 3ea10c39 (quotes since issue 344, May 2025), ``base.py`` at
  be2f2914, ``csv.py`` at 0acd9fa8.

A command that a reader refuses is None.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Command(NamedTuple):
    """What a reader takes for an edit: an item, ``Lfr``, the text, the edit summary. A text of
    another type than a string is marked with that."""

    item: str
    what: str
    text: str
    summary: str = ""


Read = Callable[[str], list[Command | None]]
MARK = "___QSTS3_PLACEHOLDER___"
_SPACE = " \t\n\r\0\x0b"
_COMMENT = re.compile(r"(.*?)\s*/\*\s*(.*?)\s*\*/\s*")
_NUMBER = r"[+-]?\d+(\.\d+)?"
_TYPES = [
    ("special", r"somevalue|novalue"),
    ("entity", r"LAST|[QMPL]\d+|L\d+-[FS]\d+"),
    ("monolingual", r'[a-z_-]+:"(.*)"'),
    ("string", r'"""(?P<thrice>.*)"""|"(?P<once>.*)"'),
    ("time", r"[+-]?\d+-\d\d-\d\dT\d\d:\d\d:\d\dZ(/\d+)?(/J|/C\d+)?"),
    ("place", r"@\s*[+-]?[0-9.]+\s*/\s*[+-]?[0-9.]+(/G\d+)?"),
    ("quantity", rf"{_NUMBER}(U\d+)?"),
    ("quantity", rf"{_NUMBER}\[{_NUMBER},\s?{_NUMBER}\](U\d+)?"),
    ("quantity", rf"{_NUMBER}\s*~\s*{_NUMBER}(U\d+)?"),
]


def _value(text: str, strip: str | None) -> str | None:
    """The text of a string; of another type it is marked; None where it is of none."""
    text = text.strip(strip)
    for name, pattern in _TYPES:
        if found := re.fullmatch(pattern, text):
            if name != "string":
                return f"({name}) {text}"
            return (found["thrice"] or found["once"] or "").strip(strip)
    return None


def _without_comment(line: str) -> tuple[str, str]:
    found = _COMMENT.fullmatch(line)
    return (found[1], found[2]) if found else (line, "")


def version2(data: str) -> list[Command | None]:
    """Lines and tabs; bars only where there are none of these in the whole batch."""
    if "\n" not in data:
        data = data.replace("||", "\n")
    if "\t" not in data:
        data = data.replace("|", "\t")
    lines = [line.strip(_SPACE) for line in data.split("\n")]
    return [_version2(*_without_comment(line)) for line in lines if line]


def _version2(line: str, summary: str) -> Command | None:
    fields = line.split("\t")
    if len(fields) != 3 or not re.fullmatch(r"[LADS][a-z_-]+", fields[1]):
        return None
    text = fields[2].strip(_SPACE)
    found = re.fullmatch(r'"(.*)"', text)
    value = found[1].strip(_SPACE) if found else _value(text, _SPACE)
    return None if value is None else Command(fields[0], fields[1], value, summary)


def bot(data: str) -> list[Command | None]:
    """A comment goes wherever it stands, the last one; every double bar is a tab."""
    found: list[Command | None] = []
    for line in data.split("\n"):
        comment = re.fullmatch(r"(.*)/\*\s*(.*?)\s*\*/(.*)", line)
        line, summary = (comment[1] + comment[3], comment[2]) if comment else (line, "")
        if line.strip():
            found.append(_version2(line.strip().replace("||", "\t"), summary))
    return found


def version3(data: str) -> list[Command | None]:
    """Quotes, over line ends, hide what they hold; then bars are tabs and double bars line ends.

    Raises `IndexError` where the hidden parts do not suffice.
    """
    shown, hidden = _hide(data)
    lines = shown.replace("||", "\n").replace("|", "\t").split("\n")

    def restored(line: str) -> str:
        while MARK in line:
            line = line.replace(MARK, hidden.pop(0), 1)
        return line

    return [_version3(restored(line.strip())) for line in lines if line.strip()]


def _hide(data: str) -> tuple[str, list[str]]:
    shown, hidden, at = "", [], 0
    while at < len(data):
        if end := _end(data, at):
            hidden.append(data[at:end])
            shown += MARK
            at = end
        else:
            shown += data[at]
            at += 1
    return shown, hidden


def _end(data: str, at: int) -> int:
    """Where what is hidden from here on ends; 0 where nothing is."""
    if data.startswith("/*", at):
        return data.find("*/", at + 2) + 2 if "*/" in data[at + 2 :] else 0
    for mark in ('"""', '"'):
        if data.startswith(mark, at):
            here = at + len(mark)
            while here < len(data):
                if data.startswith(mark, here):
                    return here + len(mark)
                here += 2 if data[here] == "\\" else 1
    return 0


def _version3(line: str) -> Command | None:
    line, summary = _without_comment(line) if "\n" not in line else (line, "")
    fields = [field.strip() for field in line.split("\t") if field.strip()]
    if len(fields) != 3 or not re.fullmatch(r"[QMPL]\d+", fields[0].upper()):
        return None
    value = _straight(fields[2])
    return None if value is None else Command(fields[0].upper(), fields[1], value, summary)


def _straight(text: str) -> str | None:
    return _value(text.replace("\u201c", '"').replace("\u201d", '"'), None)


def table2(data: str) -> list[Command | None]:
    """A cell of a label, description or alias is its text, blank ones too."""
    return list(_table(php_rows(data), lambda cell: cell, blanks=True))


def table3(data: str) -> list[Command | None]:
    """A blank cell is passed over; one that looks like a value of a statement is one."""

    def read(cell: str) -> str:
        found = _straight(cell)
        return cell.strip() if found is None else found

    return list(_table(list(csv.reader(io.StringIO(data, newline=""))), read, blanks=False))


def _table(
    rows: list[list[str]], read: Callable[[str], str], *, blanks: bool
) -> Iterator[Command | None]:
    header, *lines = rows
    assert header[0] == "qid" and header[1:2] != ["#"]
    for row in lines:
        if len(row) != len(header):
            yield None
            continue
        found: list[Command] = []
        for name, cell in zip(header[1:], row[1:], strict=True):
            if name == "#":
                if cell or blanks:
                    found[-1] = found[-1]._replace(summary=cell)
            elif not re.fullmatch(r"[LDA][a-z-]{2,}", name):
                yield None
            elif cell.strip() or blanks:
                found.append(Command(row[0], name, read(cell)))
        yield from found


def php_rows(data: str) -> list[list[str]]:
    """What PHP's ``fgetcsv`` reads: a backslash in quotes hides a quote after it and stays."""
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(data):
        cell = ""
        if data[at] == '"':
            at += 1
            while at < len(data):
                if data[at] == "\\" and at + 1 < len(data):
                    cell += data[at : at + 2]
                    at += 2
                elif data.startswith('""', at):
                    cell += '"'
                    at += 2
                elif data[at] == '"':
                    at += 1
                    break
                else:
                    cell += data[at]
                    at += 1
        rest = re.compile(r"[^,\n]*").match(data, at)
        assert rest is not None
        cell += rest[0]
        row.append(cell)
        at = rest.end() + 1
        if at > len(data) or data[at - 1] == "\n":
            rows.append(row)
            row = []
    return rows + [row] * bool(row)


Terms = dict[tuple[str, str], str | frozenset[str]]
"""Labels and descriptions by item and command, aliases as a set."""


def applied(terms: Terms, commands: list[Command | None]) -> Terms:
    """The items after a batch; a blank removes what is there."""
    terms = dict(terms)
    for command in commands:
        assert command is not None, "refused"
        place = (command.item, command.what)
        if command.what[0] == "A":
            before = terms.get(place, frozenset())
            assert isinstance(before, frozenset)
            terms[place] = before | {command.text} if command.text else frozenset()
        elif command.text:
            terms[place] = command.text
        else:
            terms.pop(place, None)
    return terms
