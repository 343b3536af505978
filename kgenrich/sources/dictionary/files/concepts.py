"""What every reader of a file of names gives: concepts, and the count of what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from kgenrich.harvest.iris import is_bare
from kgenrich.languages import CODES, wikimedia
from kgenrich.text import clean

LONGEST = 1_000
"""Characters of a text; a longer one is no name."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_LOST = "\N{REPLACEMENT CHARACTER}"

Names = Mapping[str, tuple[str, ...]]
"""Names by language, the label first."""


class Concept(Struct, frozen=True, gc=False):
    """What a file calls one thing.

    ``ids`` are identifiers as the file writes them, each with the name of the field that has it.
    ``preferred`` has the name that every other label gives way to, by language, where the file
    says that there is one.
    """

    ids: tuple[tuple[str, str], ...] = ()
    names: Names = {}
    forbidden: Names = {}
    preferred: Mapping[str, str] = {}


class Reading(Struct):
    """How a file is read, and how that went.

    ``source`` and ``target`` are the tags of the languages of a file that does not say them itself,
    ``id`` is the field whose identifiers count alone (empty: all). ``unread`` counts the units
    that could not be read.
    """

    source: str = "en"
    target: str = ""
    id: str = ""
    unread: int = 0

    def counts(self, field: str) -> bool:
        """Whether the identifiers of a field count."""
        return not self.id or field.lower() == self.id.lower()


class Draft:
    """A concept that is being read."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._ids: dict[tuple[str, str], None] = {}
        self._names: dict[str, dict[str, None]] = {}
        self._forbidden: dict[str, dict[str, None]] = {}
        self._preferred: dict[str, str] = {}

    def identify(self, field: str, value: str) -> None:
        """The concept has an identifier in a field."""
        value = value.strip()
        if value and len(value) <= LONGEST and self._reading.counts(field):
            self._ids[field, value] = None

    def call(
        self, tag: str, text: str, *, forbidden: bool = False, preferred: bool = False
    ) -> bool:
        """The concept is called so in the language of a tag, or must not be. False for what is no
        name, or in no known language."""
        code = wikimedia(tag) if tag else None
        # KDE writes forms for scripts behind this mark.
        name = clean(text.partition("|/|")[0]) if len(text) <= LONGEST else ""
        if not name or _LOST in name or code is None or code not in CODES:
            return False
        (self._forbidden if forbidden else self._names).setdefault(code, {})[name] = None
        if preferred:
            self._preferred.setdefault(code, name)
        return True

    def ask(self, tag: str, text: str) -> None:
        """The message that a catalogue translates is a name in the language of a tag, or an
        identifier that stands for one."""
        if is_bare(text) or "://" in text:
            self.identify("message", text)
        else:
            self.call(tag, text)

    def concept(self) -> Concept | None:
        """The concept; None, and counted, where it has no name."""
        if not (self._names or self._forbidden):
            self._reading.unread += 1
            return None
        for code, name in self._preferred.items():
            self._names[code] = {name: None} | self._names[code]
        # There may be a million of them: what they have not costs nothing.
        return Concept(
            tuple(self._ids),
            _names(self._names),
            _names(self._forbidden) if self._forbidden else _NOTHING,
            self._preferred or _NOTHING,
        )


def _names(names: Mapping[str, Mapping[str, None]]) -> Names:
    return {code: tuple(texts) for code, texts in names.items()}


def merged(one: Concept, other: Concept) -> Concept:
    """What two entries call the same thing, the first one's names first."""

    def both(a: Names, b: Names) -> Names:
        codes = dict.fromkeys((*a, *b))
        return {code: tuple(dict.fromkeys(a.get(code, ()) + b.get(code, ()))) for code in codes}

    return Concept(
        tuple(dict.fromkeys((*one.ids, *other.ids))),
        both(one.names, other.names),
        both(one.forbidden, other.forbidden),
        {**other.preferred, **one.preferred},
    )
