"""Languages and kinds of terms as integers.

``slot = language id * 4 + kind`` (label 0, description 1, alias 2). A known language has its
place in `kgenrich.languages.CODES`, counted from 1, as id in every store; any other code gets
the next free id from 20,000 when it is first seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from sqlalchemy import Connection, insert, select, text

from kgenrich.errors import StoreError
from kgenrich.languages import CODES, fallbacks
from kgenrich.model import MUL, TermKind
from kgenrich.store import bulk
from kgenrich.store.tables import languages

FIRST_UNKNOWN = 20_000
_LAST = 2**15 - 1
KINDS = (TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS)
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}
_LABEL, _, _ALIAS = KIND_CODES.values()


class Slots:
    """The languages of one store.

    ``labels``, ``descriptions`` and ``aliases`` map a language code to its slot. ``reread`` reads
    the languages anew: another process may have numbered some since.
    """

    def __init__(self, reread: Callable[[], None] = lambda: None) -> None:
        self._reread = reread
        self._codes: dict[int, str] = {}
        self.labels: dict[str, int] = {}
        self.descriptions: dict[str, int] = {}
        self.aliases: dict[str, int] = {}
        for id, code in enumerate(CODES, 1):
            self._set(id, code)

    def _set(self, id: int, code: str) -> None:
        self._codes[id] = code
        self.labels[code] = id * 4
        self.descriptions[code] = id * 4 + 1
        self.aliases[code] = id * 4 + 2

    def read(self, connection: Connection) -> None:
        """Take in the languages that the store itself has numbered."""
        rows = connection.execute(
            select(languages.c.id, languages.c.code).where(languages.c.id >= FIRST_UNKNOWN)
        )
        for id, code in rows:
            self._set(id, code)

    def unknown(self, codes: Iterable[str]) -> list[str]:
        """The codes that have no number yet."""
        return sorted({code for code in codes if code not in self.labels})

    def slot(self, language: str, kind: TermKind) -> int | None:
        """The slot of a language and kind, or None when the store has never seen the language."""
        label = self.labels.get(language)
        return None if label is None else label + KIND_CODES[kind]

    def select(self, languages: Collection[str], kinds: Collection[TermKind]) -> list[int]:
        """The slots of all pairs, in order; everything known where one of the two is empty."""
        wanted = languages or self.labels
        return sorted(
            slot
            for language in wanted
            for kind in kinds or KINDS
            if (slot := self.slot(language, kind)) is not None
        )

    def language(self, slot: int) -> str:
        """The language code of a slot."""
        if slot >> 2 not in self._codes:
            self._reread()
        return self._codes[slot >> 2]

    def term(self, slot: int) -> tuple[str, TermKind]:
        """The language and the kind of a slot."""
        return self.language(slot), KINDS[slot & 3]


class ReachBits:
    """Two bits for each slot that was ever met: has the term, and reaches it. A term reaches its
    own slot and those of the languages that fall back to its language. ``slots`` are in the order
    of their bits."""

    def __init__(self, slots: Slots) -> None:
        self.slots: list[int] = []
        self._slots = slots
        self._place: dict[int, int] = {}
        self._bits: dict[int, int] = {}
        self._inherited_labels = 0
        self._mul = slots.labels[MUL]
        self._heirs: dict[str, list[str]] = {}
        for code in CODES:
            for fallback in fallbacks(code):
                self._heirs.setdefault(fallback, []).append(code)

    def bits(self, slots: Iterable[int]) -> int:
        """The bits of an entity that has terms in these slots."""
        known = self._bits
        result = 0
        has_mul = False
        for slot in slots:
            try:
                result |= known[slot]
            except KeyError:
                result |= self._learn(slot)
            if slot == self._mul:
                has_mul = True
        return result & ~self._inherited_labels if has_mul else result

    def _learn(self, slot: int) -> int:
        place = 2 * self._placed(slot)
        result = 1 << place
        kind = slot & 3
        if kind == _ALIAS:
            result |= 2 << place
        else:
            code = self._slots.language(slot)
            for heir in (code, *self._heirs.get(code, ())):
                reached = self._slots.labels[heir] + kind
                result |= 2 << 2 * self._placed(reached)
        self._bits[slot] = result
        return result

    def _placed(self, slot: int) -> int:
        place = self._place.get(slot)
        if place is None:
            place = self._place[slot] = len(self.slots)
            self.slots.append(slot)
            if slot & 3 == _LABEL:
                self._inherited_labels |= 2 << 2 * place
        return place


def number(connection: Connection, codes: Iterable[str]) -> None:
    """Give ids to codes that have none; in a write transaction."""
    number_alone(connection)
    rows = {code: id for id, code in connection.execute(select(languages.c.id, languages.c.code))}
    free = max([FIRST_UNKNOWN - 1, *rows.values()]) + 1
    new = [code for code in dict.fromkeys(codes) if code not in rows]
    if free + len(new) > _LAST:
        raise StoreError(f"There are more unknown languages than a store can hold: {new[0]!r}.")
    if new:
        connection.execute(
            insert(languages),
            [{"id": id, "code": code} for id, code in enumerate(new, free)],
        )


def number_alone(connection: Connection) -> None:
    """Have other writers wait with giving ids until this transaction is over: ids that two of
    them took for free would collide. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {languages.name} IN SHARE ROW EXCLUSIVE MODE"))


def number_known(connection: Connection) -> None:
    """Write down the ids of the known languages, for those who read the tables with SQL."""
    rows = [{"id": id, "code": code} for id, code in enumerate(CODES, 1)]
    bulk.add_missing(connection, languages, rows)
