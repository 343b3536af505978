"""Edits for QuickStatements: version 1 commands (tab-separated) and its CSV form.

Both forms are checked against the two parsers in use (QuickStatements 2 and 3). A text is written
raw between its quotes: the parsers read greedily to the last quote of the line and know no
escape. Version 3 splits commands at ``|`` and looks for a comment from the first ``/*`` on, so a
text with either has no safe version 1 form; CSV carries it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.files import batches
from kgenrich.export.licences import UNKNOWN, obstacle
from kgenrich.model import ProvenanceRow, TermKind, is_refused
from kgenrich.text import clean

COMMANDS = {TermKind.LABEL: "L", TermKind.DESCRIPTION: "D", TermKind.ALIAS: "A"}
_ITEM = re.compile(r"Q[1-9][0-9]*")
_LANGUAGE = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BATCH = re.compile(r"[0-9a-f]{4,32}")
_CHUNK = 1000

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
    if "/*" in text or "*/" in text or "|" in text:
        raise UsageError("An edit summary cannot hold '/*', '*/' or '|'.")
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
    the first proposed. ``licence`` is that of the target. With ``commands``, texts that version 1
    cannot carry are left out.
    """
    for _, group in groupby(rows, lambda row: row.term.entity):
        places: set[tuple[str, str]] = set()
        # Accepted before proposed; the sort is stable, so the order of the store holds otherwise.
        for row in sorted(group, key=lambda row: row.term.state != "accepted"):
            term = row.term
            edit = Edit(term.entity, term.language, term.kind, clean(term.text))
            unique = term.text if term.kind is TermKind.ALIAS else ""
            key = (edit.command, unique)
            reason = _refusal(row, edit, licence, allowed, commands)
            if not reason and key in places:
                reason = "another term for the same place"
            if reason:
                counts.refused[reason] += 1
            else:
                places.add(key)
                counts.terms += 1
                yield edit


def version1(edits: Iterable[Edit], comment: str = "") -> Iterator[bytes]:
    """The edits as commands, one a line, each with the comment as its edit summary."""
    tail = f" /* {comment} */\n" if comment else "\n"
    for batch in batches(edits, _CHUNK):
        lines = [f'{edit.item}\t{edit.command}\t"{edit.text}"{tail}' for edit in batch]
        yield "".join(lines).encode()


def table(columns: Iterable[str], edits: Iterable[Edit], comment: str = "") -> Iterator[bytes]:
    """The edits as CSV: an item a line, or more where it gets several aliases in a language.

    ``columns`` are the commands that occur (see `columns_of`). A column ``#`` with the comment
    follows each, filled where its cell is.
    """
    places = {command: number for number, command in enumerate(columns)}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    step = 2 if comment else 1
    header = [cell for command in places for cell in ((command, "#") if comment else (command,))]
    writer.writerow(["qid", *header])
    for item, group in groupby(edits, lambda edit: edit.item):
        lines: list[list[str]] = []
        used: Counter[str] = Counter()
        for edit in group:
            line = used[edit.command]
            used[edit.command] += 1
            if line == len(lines):
                lines.append([""] * len(header))
            place = places[edit.command] * step
            lines[line][place] = edit.text
            if comment:
                lines[line][place + 1] = comment
        writer.writerows([item, *line] for line in lines)
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def columns_of(edits: Iterable[Edit]) -> list[str]:
    """The commands that occur, labels first, then descriptions, then aliases."""
    order = "LDA"
    return sorted({edit.command for edit in edits}, key=lambda c: (order.index(c[0]), c))


def _refusal(
    row: ProvenanceRow, edit: Edit, licence: str, allowed: Collection[str], commands: bool
) -> str:
    if not _ITEM.fullmatch(edit.item):
        return "not a Wikidata item"
    if not _LANGUAGE.fullmatch(edit.language):
        return "not a language of QuickStatements"
    if not edit.text:
        return "an empty text"
    if commands and ("|" in edit.text or "/*" in edit.text):
        return "a text with '|' or '/*', which only --format csv carries"
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
