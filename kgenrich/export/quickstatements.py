"""Edits for QuickStatements: version 1 commands (tab-separated) and its CSV form.

Both forms are held to what the parsers in use make of them: those of QuickStatements 2 (PHP, and
its bot in Rust) and 3 (Python), of which the tests have models. No parser knows an escape, so what
one of them would read as something else goes into the other form, or nowhere.

Version 1: a text stands raw between quotes. Version 3 pairs quotes over line ends before it splits
lines (three together are a quote of their own, a backslash hides one), puts its mark for what is
quoted into the text, and takes curly quotes for straight ones. The bot takes ``||`` for a tab and
older parsers took every ``|``; a comment begins with ``/*``.

CSV: version 2 sets or empties what a cell stands for, so no cell is ever blank; for its reader a
backslash hides the quote after it. Version 3 takes a cell that looks like a value of a statement
(an id, a number, a date, a place, a quoted text) for one.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct, field

from kgenrich.errors import UsageError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.licences import UNKNOWN, obstacle
from kgenrich.export.writing import batches
from kgenrich.model import ProvenanceRow, TermKind, is_refused
from kgenrich.text import clean

COMMANDS = {TermKind.LABEL: "L", TermKind.DESCRIPTION: "D", TermKind.ALIAS: "A"}
KINDS = {letter: kind for kind, letter in COMMANDS.items()}
_ITEM = re.compile(r"Q[1-9][0-9]*")
_LANGUAGE = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BATCH = re.compile(r"[0-9a-f]{4,32}")
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

Rows = Callable[[], Iterable[ProvenanceRow]]


class Edit(Struct, frozen=True, order=True):
    """One term to set (labels, descriptions) or to add (aliases)."""

    item: str
    language: str
    kind: TermKind
    text: str

    @property
    def command(self) -> str:
        """The column of CSV, the second field of version 1."""
        return COMMANDS[self.kind] + self.language


def summary(text: str = "", batch: str = "") -> str:
    """The edit summary, with the suffix by which EditGroups groups a batch.

    ``batch`` has 4 to 32 hexadecimal digits. Raises `UsageError` for others.
    """
    text = clean(text)
    if "/*" in text or "*/" in text or "|" in text or _MARK in text:
        raise UsageError(f"An edit summary cannot hold '/*', '*/', '|' or {_MARK}.")
    if not _in_cell(text):
        raise UsageError("An edit summary cannot hold a backslash before a quotation mark.")
    if not batch:
        return text
    if not _BATCH.fullmatch(batch):
        raise UsageError("A batch is named by 4 to 32 of the digits 0-9 and a-f.")
    return f"{text} ([[:toolforge:editgroups/b/CB/{batch}|details]])".strip()


def edits(
    rows: Iterable[ProvenanceRow],
    licence: str,
    counts: ExportCounts,
    *,
    allowed: Collection[str] = (),
    commands: bool = False,
) -> Iterator[Edit]:
    """The edits that the rows come to; what cannot be one is counted by reason.

    A label or description is set once for an item and language, to what was accepted, else to
    the first proposed. ``licence`` is that of the target. Texts that CSV cannot carry are left
    out, with ``commands`` those that version 1 cannot.
    """
    for _, group in groupby(rows, lambda row: row.term.entity):
        places: set[tuple[str, str]] = set()
        labels: set[tuple[str, str]] = set()
        # Accepted before proposed; the sort is stable, so the order of the store holds otherwise.
        for row in sorted(group, key=lambda row: row.term.state != "accepted"):
            term = row.term
            if term.kind not in COMMANDS:
                counts.refused["a definition, which no Wikibase has a place for"] += 1
                continue
            edit = Edit(term.entity, term.language, term.kind, clean(term.text))
            unique = term.text if term.kind is TermKind.ALIAS else ""
            key = (edit.command, unique)
            reason = _refusal(row, edit, licence, allowed, commands)
            if not reason and key in places:
                reason = "another term for the same place"
            name = (edit.language, edit.text)
            if not reason and term.kind is TermKind.ALIAS and name in labels:
                reason = "an alias that is the label"
            if reason:
                counts.refused[reason] += 1
            else:
                places.add(key)
                if term.kind is TermKind.LABEL:
                    labels.add(name)
                counts.terms += 1
                counts.replacing += row.is_replacing
                yield edit


def version1(edits: Iterable[Edit], comment: str = "") -> Iterator[bytes]:
    """The edits as commands, one a line, each with the comment as its edit summary."""
    tail = f" /* {comment} */\n" if comment else "\n"
    for batch in batches(edits, _CHUNK):
        lines = [f'{edit.item}\t{edit.command}\t"{edit.text}"{tail}' for edit in batch]
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
    for _, group in groupby(edits, lambda edit: edit.item):
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
    for item, group in groupby(edits, lambda edit: edit.item):
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


def _refusal(
    row: ProvenanceRow, edit: Edit, licence: str, allowed: Collection[str], commands: bool
) -> str:
    if not _ITEM.fullmatch(edit.item):
        return "not a Wikidata item"
    if not _LANGUAGE.fullmatch(edit.language):
        return "not a language of QuickStatements"
    if not edit.text:
        return "an empty text"
    if not (in_commands if commands else in_table)(edit.text):
        if commands and in_table(edit.text):
            return "a text with '|', '/*', odd or curly quotes, which only --format csv carries"
        if not commands and in_commands(edit.text):
            return "a text like an id, number, date or quotation, which only --format v1 carries"
        return "a text that QuickStatements would read as another in either format"
    if row.term.state == "proposed" and row.proposal is not None:
        if is_refused(row.proposal.codes):
            return "an objection of the validators"
        if row.proposal.rank > 1:
            return "another term for the same place"
    licences = [one.evidence.licence or one.licence for one in row.evidence]
    if not licences and row.proposal is not None:
        licences = [UNKNOWN]
    if missing := obstacle(licences, licence, allowed):
        return f"evidence under {missing} only"
    return ""
