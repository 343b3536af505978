"""Entities as their origins write them, with what is new: for exports of other graphs than a wiki.

Entities come in the order of their ids, IRIs last. They are read a page at a time, so that memory
stays flat.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, or_, select

from kgenrich.model import (
    EVERYTHING,
    EntityRow,
    Form,
    NewTerm,
    Scope,
    Statement,
    TermRow,
    TermState,
    Value,
)
from kgenrich.store.base import Store
from kgenrich.store.facts.origins import origin_number, read_ledger
from kgenrich.store.facts.statements import Stated, statements_of
from kgenrich.store.keys import chunks, entity_ids
from kgenrich.store.ledger import PLAIN, PLAIN_LABEL
from kgenrich.store.scope import within
from kgenrich.store.story.exports import term_queries
from kgenrich.store.tables import (
    decisions,
    entities,
    iris,
    is_alive,
    presence,
    proposals,
    terms,
)

_PAGE = 500
_OWN = (PLAIN, PLAIN_LABEL)


class Manner(NamedTuple):
    """How an origin (by name) says things: in which form, of which language, and how often."""

    origin: str
    form: Form
    language: str
    times: int


class Selection(Struct, frozen=True):
    """What of the graph is exported: ``states``, proposed terms from ``minimum`` on; what the
    ``origin`` of this name says, if one is named, or ``alone`` says."""

    scope: Scope = EVERYTHING
    states: tuple[str, ...] = ("asserted", "accepted")
    minimum: float = 0.0
    origin: str = ""
    alone: bool = False


def has_forms(store: Store) -> bool:
    """Whether anything in the store is said in another form than the Wikibase model's."""
    return any(form.predicate for form in read_ledger(store).forms.values())


def has_wiki_terms(store: Store) -> bool:
    """Whether the store has entities of a wiki, which go by bare ids."""
    with store.read() as connection:
        found = connection.execute(select(entities.c.key).where(entities.c.key > 0).limit(1))
        return found.first() is not None


def manners(store: Store) -> list[Manner]:
    """All ways in which terms are said."""
    query = select(terms.c.slot, terms.c.said, func.count()).group_by(terms.c.slot, terms.c.said)
    found: Counter[tuple[str, Form, str]] = Counter()
    ledger = store.ledger
    with store.read() as connection:
        ledger.read(connection)
        for slot, said, count in connection.execute(query):
            language = store.slots.term(slot)[0]
            for origin, form in ledger.members[said]:
                if form not in _OWN:
                    name = ledger.origins[origin].name
                    found[name, ledger.forms[form], language] += count
    return [Manner(*key, count) for key, count in found.items()]


def entity_rows(store: Store, selection: Selection) -> Iterator[EntityRow]:
    """The entities of which anything is written, with all that is said of each: what new terms are
    like depends on it."""
    with store.read() as connection:
        store.ledger.read(connection)
        for page in chunks(_keys(store, connection, selection), _PAGE):
            ids = entity_ids(connection, page)
            said = _said(store, ids.values(), selection)
            new = _new(store, connection, page, ids, selection)
            for key in page:
                mine = tuple((one.origin, one.statement) for one in said[ids[key]])
                if mine or new[key]:
                    yield EntityRow(ids[key], mine, tuple(new[key]))


def _keys(store: Store, connection: Connection, selection: Selection) -> Iterator[int]:
    """The keys of the entities that are exported, in order."""
    key = entities.c.key
    where = [*is_alive(), *within(store, selection.scope, key)]
    if selection.origin:
        number = origin_number(store, selection.origin)
        there = presence.c.origin_id == number, presence.c.type >= 0
        where.append(key.in_(select(presence.c.entity_key).where(*there)))
    if "asserted" not in selection.states:
        every = term_queries(store, selection.scope, selection.minimum, selection.states)
        columns: dict[TermState, Any] = {
            "accepted": decisions.c.entity_key,
            "proposed": proposals.c.entity_key,
        }
        wanted = [
            key.in_(every[state].with_only_columns(column).order_by(None))
            for state, column in columns.items()
            if state in selection.states
        ]
        where.append(or_(*wanted))
    iri: ColumnElement[str] = iris.c.iri
    if connection.dialect.name == "postgresql":
        iri = iri.collate("C")
    queries = (
        select(key).where(key > 0, *where).order_by(key),
        select(key).join(iris, iris.c.key == key).where(key < 0, *where).order_by(iri),
    )
    for query in queries:
        rows = connection.execute(query, execution_options={"yield_per": _PAGE})
        yield from chain.from_iterable(rows.scalars().partitions())


def _said(store: Store, ids: Iterable[str], selection: Selection) -> dict[str, list[Stated]]:
    """What the chosen origin, or everybody, says of entities."""
    name = selection.origin
    if not selection.alone:
        return dict(statements_of(store, ids, is_told=lambda origin: name in ("", origin)))
    found = {}
    for id, stated in statements_of(store, ids):
        others = {_what(one.statement) for one in stated if one.origin != name}
        found[id] = [
            one for one in stated if one.origin == name and _what(one.statement) not in others
        ]
    return found


def _what(statement: Statement) -> tuple[str, str, Value]:
    """What is said, however it is written."""
    form = statement.form
    is_term = form.role in ("label", "alias", "description", "definition")
    return form.role, "" if is_term else form.predicate, statement.value


def _new(
    store: Store,
    connection: Connection,
    page: Sequence[int],
    ids: dict[int, str],
    selection: Selection,
) -> dict[int, list[NewTerm]]:
    every = term_queries(store, selection.scope, selection.minimum, selection.states)
    found: dict[int, list[NewTerm]] = defaultdict(list)
    tables: dict[TermState, Any] = {"accepted": decisions.c, "proposed": proposals.c}
    for state, c in tables.items():
        if state in selection.states:
            query = every[state].add_columns(c.replaces).where(c.entity_key.in_(page))
            for key, slot, _, _, text, id, probability, replaces in connection.execute(query):
                term = store.slots.term(slot)
                row = TermRow(ids[key], *term, text, state, id, probability)
                found[key].append(NewTerm(row, replaces))
    return found
