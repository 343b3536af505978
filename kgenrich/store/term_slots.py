"""Languages and kinds of terms as integers.

``slot = language id * 4 + kind`` (label 0, description 1, alias 2, definition 3). The summary of
coverage has negative ones for labels for all languages (``mul``), see `ReachBits`. A known
language has its place in `kgenrich.languages.CODES`, counted from 1, as id in every store; any
other code gets the next free id from 20,000 when it is first seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from sqlalchemy import Connection, insert, select, text

from kgenrich.errors import StoreError
from kgenrich.languages import CODES, fallbacks, script, scripts_of
from kgenrich.languages.table import WRITTEN
from kgenrich.model import MUL, TermKind
from kgenrich.store import bulk
from kgenrich.store.tables import languages

FIRST_UNKNOWN = 20_000
_LAST = 2**15 - 1
_SCRIPT_SETS = 256
KINDS = (TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS, TermKind.DEFINITION)
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}
_LABEL, _ALIAS = KIND_CODES[TermKind.LABEL], KIND_CODES[TermKind.ALIAS]


class Slots:
    """The languages of one store.

    ``labels``, ``descriptions``, ``aliases`` and ``definitions`` map a language code to its slot.
    ``reread`` reads the languages anew: another process may have numbered some since.
    """

    def __init__(self, reread: Callable[[], None] = lambda: None) -> None:
        self._reread = reread
        self._codes: dict[int, str] = {}
        self.labels: dict[str, int] = {}
        self.descriptions: dict[str, int] = {}
        self.aliases: dict[str, int] = {}
        self.definitions: dict[str, int] = {}
        for id, code in enumerate(CODES, 1):
            self._set(id, code)

    def _set(self, id: int, code: str) -> None:
        self._codes[id] = code
        self.labels[code] = id * 4
        self.descriptions[code] = id * 4 + 1
        self.aliases[code] = id * 4 + 2
        self.definitions[code] = id * 4 + 3

    def read(self, connection: Connection) -> None:
        """Take in the languages that the store itself has numbered."""
        rows = connection.execute(
            select(languages.c.id, languages.c.code).where(languages.c.id >= FIRST_UNKNOWN)
        )
        for id, code in rows:
            self._set(id, code)

    def pretend(self, codes: Iterable[str]) -> None:
        """Number languages that the store does not know, for what is not kept."""
        for id, code in enumerate(codes, max(self._codes, default=0) + 1):
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
    of their bits.

    An entity with a label for all languages reaches no label slots by these. Of the negative slots
    (`in_script_slot`) it has those of the scripts that this label is in, and reaches those of the
    languages in other scripts whose label it reaches without it.
    """

    def __init__(self, slots: Slots) -> None:
        self.slots: list[int] = []
        self._slots = slots
        self._place: dict[int, int] = {}
        self._bits: dict[int, int] = {}
        self._inherited_labels = 0
        self._in_other_scripts: dict[frozenset[str], dict[int, int]] = {}
        self._mul = slots.labels[MUL]
        self._heirs: dict[str, list[str]] = {}
        for code in CODES:
            for fallback in fallbacks(code):
                self._heirs.setdefault(fallback, []).append(code)

    def bits(self, slots: Collection[int], everywhere: str = "") -> int:
        """The bits of an entity that has terms in these slots, and this label for all languages if
        it has one."""
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
        if not has_mul:
            return result
        return result & ~self._inherited_labels | self._by_script(slots, scripts_of(everywhere))

    def _by_script(self, slots: Iterable[int], written: frozenset[str]) -> int:
        """The bits of the negative slots, for a label for all languages in these scripts."""
        if len(self._in_other_scripts) > _SCRIPT_SETS:
            self._in_other_scripts.clear()
        known = self._in_other_scripts.setdefault(written, {})
        if not known:
            known[self._mul] = 0
            for one in written:
                known[self._mul] |= 1 << 2 * self._placed(in_script_slot(self._slots, one))
        result = 0
        for slot in slots:
            try:
                result |= known[slot]
            except KeyError:
                known[slot] = 0
                for heir in self._reached(slot) if slot & 3 == _LABEL else ():
                    if script(heir) not in {*written, "Zyyy"}:
                        place = self._placed(-self._slots.labels[heir])
                        known[slot] |= 2 << 2 * place
                result |= known[slot]
        return result

    def _reached(self, slot: int) -> tuple[str, ...]:
        """The languages that a term in a slot is shown in."""
        code = self._slots.language(slot)
        return (code, *self._heirs.get(code, ()))

    def _learn(self, slot: int) -> int:
        place = 2 * self._placed(slot)
        result = 1 << place
        kind = slot & 3
        if kind == _ALIAS:
            result |= 2 << place
        else:
            for heir in self._reached(slot):
                reached = self._slots.labels[heir] + kind
                result |= 2 << 2 * self._placed(reached)
        self._bits[slot] = result
        return result

    def _placed(self, slot: int) -> int:
        place = self._place.get(slot)
        if place is None:
            place = self._place[slot] = len(self.slots)
            self.slots.append(slot)
            if slot > 0 and slot & 3 == _LABEL:
                self._inherited_labels |= 2 << 2 * place
        return place


def in_script_slot(slots: Slots, written: str) -> int:
    """Where the labels for all languages that are in a script are counted: the negative slot of the
    first language of the script."""
    return -slots.labels[WRITTEN[written]]


def other_script_slot(slots: Slots, language: str) -> int | None:
    """Where the entities are counted that have the label of a language, or inherit it, beside one
    for all languages in another script."""
    label = slots.slot(language, TermKind.LABEL)
    return None if label is None else -label


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
