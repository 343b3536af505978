"""What notes for people say, and the one for us.

Tools lose ids, contexts and states on the way; what a unit is, and how it went out, is a note as
well, which they keep: ``kgenrich id=... basis=... sent=... source=en``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kgenrich.exchange.formats import Header
from kgenrich.exchange.unit import Suggestion, Unit, UnitAnswer, UnitState
from kgenrich.model import RejectReason

_MARK = re.compile(
    r"kgenrich id=(?P<id>[0-9a-f]{32}) basis=(?P<basis>[0-9a-f]{16}) sent=(?P<sent>[0-9a-f]{16})"
    r"(?: source=(?P<source_language>[\w-]{1,40}))?"
)
_REJECTED = re.compile(
    rf"\s*reject(?:ed)?\b[\s:;,.-]*(?P<reason>(?:{'|'.join(RejectReason)})\b)?[\s:;,.-]*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


def mark(unit: Unit) -> str:
    """The note for us."""
    source = f" source={unit.source_language}" if unit.source_language else ""
    return f"kgenrich id={unit.id} basis={unit.basis} sent={unit.sent}{source}"


def read_mark(noted: Iterable[str]) -> Mapping[str, str]:
    """The fields of an answer that a note for us gives; of several notes the first one's."""
    for note in noted:
        if found := _MARK.search(note):
            return found.groupdict("")
    return {}


def notes(unit: Unit, header: Header) -> tuple[str, str]:
    """The note for people, with a line for each thing it says, and the one for us."""
    return "\n".join(lines(unit, header)), mark(unit)


def lines(unit: Unit, header: Header) -> Iterator[str]:
    """What people are told: which entity it is, the context, what is proposed with its evidence."""
    yield header.iri(unit.entity)
    if unit.source_language != header.source_language:
        yield f"the source text is in: {unit.source_language}"
    for text in (*unit.context, *map(told, unit.suggestions)):
        if line := _harmless(text):
            yield line


def told(one: Suggestion) -> str:
    """A suggestion as people read it.

    >>> told(Suggestion("Berlino", "", 0.9, ("names", "big"), "CC0-1.0"))
    'Berlino (90 %: names, big; CC0-1.0)'
    """
    sources = ", ".join(one.sources)
    why = f"{one.probability * 100:.0f} %" + (f": {sources}" if sources else "")
    return f"{one.text} ({why}{f'; {one.licence}' if one.licence else ''})"


def remark(unit: Unit) -> str:
    """What was said of a unit that is decided, as `read_remarks` understands it."""
    comment = _harmless(unit.comment)
    if unit.state is UnitState.REJECTED:
        return f"reject: {unit.reason} {comment}".replace("  ", " ").strip()
    return f"comment: {comment}" if _REJECTED.match(comment) else comment


def _harmless(text: str) -> str:
    """A text from anywhere as one line that is no note for us."""
    return " ".join(text.split()).replace("kgenrich id=", "kgenrich id:")


def read_remarks(remarks: Iterable[str]) -> tuple[bool, str, str]:
    """Whether what people noted rejects the unit, the code of the reason, and the comment.

    >>> read_remarks(["reject: spelling, it has an accent"])
    (True, 'spelling', 'it has an accent')
    """
    rejected, reason, comments = False, "", []
    for text in remarks:
        if not rejected and (found := _REJECTED.match(text)):
            rejected, reason = True, (found["reason"] or "").lower()
            text = found["rest"]
        comments.append(text.strip())
    return rejected, reason, " ".join(comment for comment in comments if comment)


def after_mark(noted: Sequence[str]) -> Sequence[str]:
    """What people noted where a format does not say who notes: the note for us is the last of
    ours; where it is lost, what rejects alone."""
    marked = next((place for place, note in enumerate(noted, 1) if _MARK.search(note)), 0)
    return noted[marked:] if marked else [one for one in noted if _REJECTED.match(one)]


def answer(
    text: str,
    state: UnitState,
    noted: Iterable[str],
    remarks: Iterable[str],
    *,
    line: int,
    **fields: Any,
) -> UnitAnswer:
    """An answer from its text, the state that the file says, and all notes; ``fields`` give way to
    what the note for us says, and a remark that rejects is stronger than a state."""
    marked = read_mark(noted)
    rejected, reason, comment = read_remarks(remarks)
    said = {name: value for name, value in {**fields, **marked}.items() if value}
    coded = said.pop("reason", "")
    return UnitAnswer(
        UnitState.REJECTED if rejected else state,
        text,
        comment=comment,
        reason=reason or coded,
        position=line,
        **said,
    )
