"""Who says what: origins, the forms in which they say it, and sets of both as one number.

Every row of the graph carries a number, ``said``, that stands for a set of pairs of an origin and a
form. There are far fewer sets than rows: all that a wiki says is one. Sets and forms are numbered
when they are first needed and never change, so all of them are kept in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select, text

from kgenrich.model import Form, Origin, Role
from kgenrich.store import bulk
from kgenrich.store.rows import from_row
from kgenrich.store.tables import forms, origins, sayings

HOME = 1
"""The origin of the graph that bare ids belong to."""
EARLIER = 2
"""The origin of what was harvested under IRIs before origins were kept."""

Members = frozenset[tuple[int, int]]
"""Pairs of an origin and a form."""


class Ranked(NamedTuple):
    """A form as far as merging goes: what it makes of a text (None: what its row is), and how it
    ranks among labels."""

    role: Role | None
    rank: int


PLAIN = 1
"""The form of the Wikibase model: a label is a label."""
PLAIN_LABEL = 2
"""The same of a label that is kept as an alias, for another origin has a better one."""
_BUILT_IN = {PLAIN: Ranked(None, 0), PLAIN_LABEL: Ranked("label", 0)}


class Ledger:
    """The origins, forms and sets of one store, as far as they are read. Of an origin only its name
    and kind stay what they are (`kgenrich.store.facts.origins.all_origins` tells the rest)."""

    def __init__(self) -> None:
        self.origins: dict[int, Origin] = {}
        self.forms: dict[int, Form] = {}
        self.ranked: dict[int, Ranked] = dict(_BUILT_IN)
        self.members: dict[int, Members] = {}
        self.form_ids: dict[Form, int] = {}
        self.set_ids: dict[Members, int] = {}

    def read(self, connection: Connection) -> None:
        """Take in what was added since."""
        query = select(forms).where(forms.c.id > max(self.ranked))
        for row in connection.execute(query):
            form = from_row(Form, row)
            self.add_form(row.id, form)
        query = select(sayings).where(sayings.c.id > max(self.members, default=0))
        for id, members in connection.execute(query):
            self.add_set(id, _unpacked(members))
        query = select(origins).where(origins.c.id > max(self.origins, default=0))
        for row in connection.execute(query):
            prefixes = msgspec.json.decode(row.prefixes)
            self.origins[row.id] = from_row(Origin, row, prefixes=prefixes)

    def add_form(self, id: int, form: Form) -> None:
        """Know a form by its number."""
        self.forms[id], self.form_ids[form] = form, id
        self.ranked[id] = Ranked(form.role, form.rank)

    def add_set(self, id: int, members: Members) -> None:
        """Know a set by its number."""
        self.members[id], self.set_ids[members] = members, id

    def precedence(self, origin: int) -> tuple[bool, str]:
        """What an origin is sorted by: wikis first, then by name, however they came in."""
        found = self.origins[origin]
        return found.kind != "wiki", found.name

    def said_by(self, origin: int, *, alone: bool = False) -> list[int]:
        """The sets that an origin is in, or that hold nobody else."""
        return [
            id
            for id, members in self.members.items()
            if any(one == origin for one, _ in members)
            and not (alone and any(one != origin for one, _ in members))
        ]


class LedgerEntry:
    """A ledger in a write transaction: what it lacks is numbered, and known to the ledger itself
    only when it is read again."""

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        self.ledger, self._connection = ledger, connection
        self._forms: dict[Form, int] = {}
        self._sets: dict[Members, int] = {}
        self._ranked: dict[int, Ranked] = {}
        self._members: dict[int, Members] = {}
        self._alone = False

    def form_id(self, form: Form) -> int:
        """The number of a form."""
        known = self.ledger.form_ids.get(form) or self._forms.get(form)
        if known is not None:
            return known
        self._keep_others_out()
        known = self.ledger.form_ids.get(form)
        if known is None:
            known = self._next(self.ledger.ranked, self._ranked)
            self._forms[form] = known
            self._ranked[known] = Ranked(form.role, form.rank)
            bulk.add(self._connection, forms, [(known, *msgspec.structs.astuple(form))])
        return known

    def set_id(self, members: Members) -> int:
        """The number of a set."""
        known = self.ledger.set_ids.get(members) or self._sets.get(members)
        if known is not None:
            return known
        self._keep_others_out()
        known = self.ledger.set_ids.get(members)
        if known is None:
            known = self._next(self.ledger.members, self._members)
            self._sets[members], self._members[known] = known, members
            bulk.add(self._connection, sayings, [(known, packed(members))])
        return known

    def members(self, set_id: int) -> Members:
        """What a number stands for."""
        known = self.ledger.members.get(set_id)
        return self._members[set_id] if known is None else known

    def ranked(self, form_id: int) -> Ranked:
        """A form as far as merging goes."""
        known = self.ledger.ranked.get(form_id)
        return self._ranked[form_id] if known is None else known

    def catch_up(self) -> None:
        """Take in what rows may carry that others wrote since this transaction began: to be called
        when those that are needed are locked."""
        if not self._alone:
            self.ledger.read(self._connection)

    def _keep_others_out(self) -> None:
        """Have other writers wait with numbers until this transaction is over."""
        if self._alone:
            return
        if self._connection.dialect.name == "postgresql":
            lock = f"LOCK TABLE {forms.name}, {sayings.name} IN SHARE ROW EXCLUSIVE MODE"
            self._connection.execute(text(lock))
        self.ledger.read(self._connection)
        self._alone = True

    @staticmethod
    def _next(known: Mapping[int, object], added: Mapping[int, object]) -> int:
        return max(max(known, default=0), max(added, default=0)) + 1


def packed(members: Set[tuple[int, int]]) -> str:
    """A set as it is kept."""
    return " ".join(f"{origin}:{form}" for origin, form in sorted(members))


def _unpacked(members: str) -> Members:
    pairs = (pair.split(":") for pair in members.split())
    return frozenset((int(origin), int(form)) for origin, form in pairs)
