"""The edits that accepted and proposed terms come to, for any format that a Wikibase takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.licences import obstacle
from kgenrich.model import UNKNOWN, ProvenanceRow, TermKind, is_refused
from kgenrich.text import clean

COMMANDS = {TermKind.LABEL: "L", TermKind.DESCRIPTION: "D", TermKind.ALIAS: "A"}
KINDS = {letter: kind for kind, letter in COMMANDS.items()}

_BATCH = re.compile(r"[0-9a-f]{4,32}")
_NO_ENTITY = "neither an item nor a property"
_ENTITY = re.compile(r"[QP][1-9][0-9]*")


class Edit(Struct, frozen=True, order=True):
    """One term to set (labels, descriptions) or to add (aliases), of an item or a property."""

    entity: str
    language: str
    kind: TermKind
    text: str

    @property
    def command(self) -> str:
        """How QuickStatements calls it: ``Lfr``."""
        return COMMANDS[self.kind] + self.language


class TermChange(NamedTuple):
    """A term that gives way to another: ``before`` and ``after``, either of them empty for none.
    An alias is added or taken away."""

    kind: TermKind
    language: str
    before: str
    after: str


def edit_summary(text: str = "", batch: str = "") -> str:
    """The summary of an edit, with the suffix by which EditGroups groups a batch.

    ``batch`` has 4 to 32 hexadecimal digits. Raises `UsageError` for others.
    """
    text = clean(text)
    if not batch:
        return text
    if not _BATCH.fullmatch(batch):
        raise UsageError("A batch is named by 4 to 32 of the digits 0-9 and a-f.")
    return f"{text} ([[:toolforge:editgroups/b/CB/{batch}|details]])".strip()


def edits(
    rows: Iterable[ProvenanceRow],
    licence: str,
    counts: ExportCounts,
    obstacle_of: Callable[[Edit], str],
    *,
    allowed: Collection[str] = (),
) -> Iterator[Edit]:
    """The edits that the rows come to; what cannot be one is counted by reason.

    A label or description is set once for an entity and language, to what was accepted, else to
    the first proposed. ``licence`` is that of the target; evidence under an ``allowed`` one counts
    whatever the target takes. ``obstacle_of`` says why the format cannot carry an edit, empty for
    one that it can.
    """
    stories = edits_with_stories(rows, licence, counts, obstacle_of, allowed=allowed)
    return (edit for edit, _ in stories)


def edits_with_stories(
    rows: Iterable[ProvenanceRow],
    licence: str,
    counts: ExportCounts,
    obstacle_of: Callable[[Edit], str],
    *,
    allowed: Collection[str] = (),
    anywhere: bool = False,
) -> Iterator[tuple[Edit, ProvenanceRow]]:
    """As `edits`, each with the row that it comes from; ``anywhere``: of any graph, not of a wiki
    alone."""
    for _, group in groupby(rows, lambda row: row.term.entity):
        places: set[tuple[str, str, str]] = set()
        labels: set[tuple[str, str]] = set()
        # Accepted before proposed; the sort is stable, so the order of the store holds otherwise.
        for row in sorted(group, key=lambda row: row.term.state != "accepted"):
            term = row.term
            if term.kind not in COMMANDS and not anywhere:
                counts.refused["a definition, which no Wikibase has a place for"] += 1
                continue
            edit = Edit(term.entity, term.language, term.kind, clean(term.text))
            unique = term.text if term.kind is TermKind.ALIAS else ""
            key = (edit.kind, edit.language, unique)
            reason = "" if anywhere or _ENTITY.fullmatch(edit.entity) else _NO_ENTITY
            reason = reason or _refusal(row, edit, obstacle_of, licence, allowed)
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
                yield edit, row


def _refusal(
    row: ProvenanceRow,
    edit: Edit,
    obstacle_of: Callable[[Edit], str],
    licence: str,
    allowed: Collection[str],
) -> str:
    if not edit.text:
        return "an empty text"
    if reason := obstacle_of(edit):
        return reason
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
