"""The columns of the tables: what a unit is in cells, and what a row of cells says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from kgenrich.exchange.unit import Suggestion, Unit, UnitAnswer, UnitState, sent_digest
from kgenrich.languages import wikimedia
from kgenrich.model import RejectReason, TermKind

COLUMNS = (
    "source text",
    "proposal",
    "verdict",
    "text",
    "reason",
    "comment",
    "context",
    "others",
    "probability",
    "maximum",
    "entity",
    "kind",
    "language",
    "source language",
    "author",
    "at",
    "id",
    "basis",
    "sent",
)
FILLED_IN = ("verdict", "text", "reason", "comment")
"""The columns that people write in."""

VERDICTS = {
    UnitState.ACCEPTED: "accept",
    UnitState.EDITED: "edit",
    UnitState.REJECTED: "reject",
    UnitState.OPEN: "",
}
_READ = {
    "": UnitState.OPEN,
    "accept": UnitState.ACCEPTED,
    "accepted": UnitState.ACCEPTED,
    "ok": UnitState.ACCEPTED,
    "yes": UnitState.ACCEPTED,
    "y": UnitState.ACCEPTED,
    "edit": UnitState.EDITED,
    "edited": UnitState.EDITED,
    "reject": UnitState.REJECTED,
    "rejected": UnitState.REJECTED,
    "no": UnitState.REJECTED,
    "n": UnitState.REJECTED,
}
_REASONS = {wording: reason for reason in RejectReason for wording in (str(reason), reason.meaning)}
_ID = re.compile("[0-9a-f]{32}")
_HEADER_WITHIN = 50
"""So many rows may stand above the names of the columns."""
NO_HEADER = (
    "has no row that names the columns: one has to hold “text” and “verdict”, and “id”, or else "
    "“entity”, “language” and “kind”, as they were exported"
)


def cells(unit: Unit) -> list[str | float]:
    """The cells of a unit, in the order of the columns."""
    first = unit.suggestions[0].probability if unit.suggestions else None
    return [
        unit.source_text,
        unit.target,
        VERDICTS[unit.state],
        unit.target,
        unit.reason,
        unit.comment,
        "\n".join(unit.context),
        "\n".join(map(_told, unit.suggestions[1:])),
        "" if first is None else round(first, 3),
        unit.maximum or "",
        unit.entity,
        str(unit.kind),
        unit.language,
        unit.source_language,
        unit.author,
        unit.at,
        unit.id,
        unit.basis,
        unit.sent,
    ]


def _told(suggestion: Suggestion) -> str:
    return f"{suggestion.text} ({suggestion.probability:.2f})"


class DateText(str):
    """The text of a cell in which a spreadsheet has a date."""


Row = tuple[int, Sequence[str]]
"""The number of a row and its cells."""


def answers(rows: Iterable[Row], header: Mapping[str, int]) -> Iterator[UnitAnswer]:
    """What the rows of a sheet say whose columns stand in the places of a ``header``; empty rows
    say nothing."""
    for position, row in rows:
        if any(map(str.strip, row)):
            named = {name: row[place] for name, place in header.items() if place < len(row)}
            try:
                yield answer(named, position)
            except ValueError as error:
                yield broken(position, str(error))


def broken(position: int, problem: str) -> UnitAnswer:
    """The answer of a row that cannot be understood."""
    return UnitAnswer(UnitState.OPEN, position=position, problem=problem)


def header_in(rows: Iterator[Row]) -> dict[str, int]:
    """The places of the known columns, in any order and with others among them, by the first row
    that names them; empty where none does."""
    for _, row in islice(rows, _HEADER_WITHIN):
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            places.setdefault(" ".join(re.split(r"[\s_]+", cell.strip().lower())), place)
        if "text" in places and ("id" in places or {"entity", "language"} <= places.keys()):
            return {name: places[name] for name in COLUMNS if name in places}
    return {}


def answer(row: Mapping[str, str], position: int = 0) -> UnitAnswer:
    """What a row says, by the names of its columns. Raises `ValueError` where it says nothing that
    can be understood."""
    plain = {name: row.get(name, "").strip() for name in COLUMNS}
    kind, verdict, reason = plain["kind"].lower(), plain["verdict"].lower(), plain["reason"]
    text = row.get("text", "")
    if kind and kind not in set(TermKind):
        raise ValueError(f"{kind[:50]!r} is no kind of term")
    if verdict not in _READ:
        raise ValueError(f"the verdict {verdict[:50]!r} is none of accept, edit and reject")
    if reason and reason not in _REASONS:
        raise ValueError(f"there is no reason {reason[:50]!r}: use {', '.join(RejectReason)}")
    state, sent = _READ[verdict], plain["sent"]
    if isinstance(text, DateText):
        raise ValueError(f"the text is the date {text}: write it in a cell for text")
    if not text.strip() and state in (UnitState.ACCEPTED, UnitState.EDITED):
        raise ValueError("it is accepted, but has no text")
    if sent and text == row.get("proposal") and _is_other(text, sent):
        # A spreadsheet has made a number or a date of both.
        if state in (UnitState.ACCEPTED, UnitState.EDITED):
            raise ValueError(
                f"a spreadsheet made {text[:50]!r} of the text that went out: write it again, in a "
                "cell for text"
            )
        sent = sent_digest(state, text) if state is UnitState.OPEN else sent
    return UnitAnswer(
        state=state,
        text=text,
        id=plain["id"] if _ID.fullmatch(plain["id"]) else "",
        entity=plain["entity"],
        language=wikimedia(plain["language"]) or plain["language"],
        kind=TermKind(kind) if kind else None,
        source_language=wikimedia(plain["source language"]) or plain["source language"],
        source_text=row.get("source text", ""),
        basis=plain["basis"],
        sent=sent,
        comment=plain["comment"],
        reason=str(_REASONS.get(reason, "")),
        author=plain["author"],
        at=plain["at"],
        position=position,
    )


def _is_other(text: str, sent: str) -> bool:
    """Whether a text is not the one that went out."""
    return all(sent_digest(state, text) != sent for state in UnitState)
