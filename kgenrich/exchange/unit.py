"""What travels: a unit goes out with what helps to decide on a term, an answer comes back."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from kgenrich.model import TermKind, content_id
from kgenrich.text import clean

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Suggestion(Struct, frozen=True, gc=False):
    """A text proposed for a unit: its ``candidate`` in the store, how probable it is that it is
    right, the names of the ``sources`` that gave it, and its ``licence``."""

    text: str
    candidate: str = ""
    probability: float = 0.0
    sources: tuple[str, ...] = ()
    licence: str = ""


class UnitState(StrEnum):
    """What holds of a unit as it goes out, or what its file says of it when it comes back."""

    OPEN = "open"
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"


class Unit(Struct, frozen=True, omit_defaults=True, gc=False):
    """A term to be decided on, as it goes out.

    ``id`` is that of the first candidate (`kgenrich.model.Candidate.id`). ``source_text`` is the
    term of the same kind, or else the label, in the ``source_language``; empty where there is none.
    ``target`` is the wording that stands: the decided one, or that of the first of the
    ``suggestions``, the most probable first. ``basis`` is a digest of all that the unit rests on
    (source text, revision of the entity): an answer to another basis is out of date. ``context``
    are lines for people: what the entity is, its classes, reasons. ``maximum`` is the greatest
    number of characters that the target of the graph admits, 0 where there is no limit.
    """

    id: str
    entity: str
    kind: TermKind
    source_language: str
    source_text: str
    language: str
    target: str
    basis: str
    state: UnitState = UnitState.OPEN
    suggestions: tuple[Suggestion, ...] = ()
    context: tuple[str, ...] = ()
    maximum: int = 0
    revision: int = 0
    comment: str = ""
    reason: str = ""
    author: str = ""
    at: str = ""

    @property
    def sent(self) -> str:
        """A digest of the state and the target: an answer that has the same was not touched."""
        return sent_digest(self.state, self.target)


class UnitAnswer(Struct, frozen=True, omit_defaults=True, gc=False):
    """What came back for a unit.

    Where a format has no place for an ``id`` the unit is found by ``entity``, ``language`` and
    ``kind``. ``state`` is what the file says: `UnitState.OPEN` for untouched ones. ``text`` is the
    wording in the file; other than the one that went out it is an edit. ``basis`` and
    ``source_text`` are those that the file carries, and ``sent`` is the `Unit.sent` of what went
    out; each is empty where it carries none. ``reason`` is a code (`kgenrich.model.RejectReason`)
    or empty, ``position`` the line of the file, for messages.
    ``problem`` says what in the file cannot be understood: such an answer is reported, not applied.
    A ``text`` for a term that has no candidate is its author's own.
    """

    state: UnitState
    text: str = ""
    id: str = ""
    entity: str = ""
    language: str = ""
    kind: TermKind | None = None
    source_language: str = ""
    source_text: str = ""
    basis: str = ""
    sent: str = ""
    comment: str = ""
    reason: str = ""
    author: str = ""
    at: str = ""
    position: int = 0
    problem: str = ""


def sent_digest(state: UnitState, text: str) -> str:
    """Sixteen hexadecimal digits for what a unit says, white space aside; that a wording was edited
    is no state of files."""
    state = UnitState.ACCEPTED if state is UnitState.EDITED else state
    return content_id(str(state), clean(text))[:16]


def basis_digest(source_language: str, source_text: str, revision: int) -> str:
    """Sixteen hexadecimal digits for what a unit rests on."""
    return content_id(source_language, source_text, str(revision))[:16]


def writable(text: str) -> str:
    """The text with U+FFFD for what no XML can hold (XML 1.0, 2.2 "Char")."""
    return _UNWRITABLE.sub("\ufffd", text)
