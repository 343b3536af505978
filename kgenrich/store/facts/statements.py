"""What origins say, to the letter: the rows of the graph as the statements that they came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Table, select

from kgenrich.model import Form, Role, Statement, Value
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_ids, entity_key
from kgenrich.store.ledger import PLAIN, PLAIN_LABEL
from kgenrich.store.tables import VALUE_KINDS, claims, classes, originals, terms

_PAGE = 500
IRI = "@id"
"""Stands in a form for the datatype of what is no literal."""

_Letters = dict[tuple[int, int, int, str], list[tuple[str, str]]]


class Stated(Struct, frozen=True):
    """A statement, and the name of the ``origin`` that makes it. The form of what comes from the
    Wikibase model has no predicate; of its claims the predicate is the property's id."""

    origin: str
    statement: Statement


def statements_of(
    store: Store, ids: Iterable[str], *, is_told: Callable[[str], bool] = lambda origin: True
) -> Iterator[tuple[str, list[Stated]]]:
    """Entities in the order given, each with all that the origins that ``is_told`` accepts (by
    name) say of it: terms by language and kind, classes, claims by property. What a wiki says as
    labels, descriptions and aliases is among it, and so are its claims; links and revisions are
    not. Entities of which nothing is said have no statements."""
    for page in chunks(ids, _PAGE):
        with store.read() as connection:
            store.ledger.read(connection)
            found = _Reading(store, connection, [entity_key(id) for id in page], is_told)
        for id in page:
            yield id, found.by_key.get(entity_key(id), [])


class _Reading:
    """The statements of some entities by their keys."""

    def __init__(
        self,
        store: Store,
        connection: Connection,
        keys: list[int],
        is_told: Callable[[str], bool],
    ) -> None:
        self._ledger, self._keys, self._connection = store.ledger, keys, connection
        self._told = {
            number: origin.name
            for number, origin in store.ledger.origins.items()
            if is_told(origin.name)
        }
        self.by_key: dict[int, list[Stated]] = defaultdict(list)
        self._letters: _Letters = defaultdict(list)
        for row in self._rows(originals, *originals.primary_key):
            letters = self._letters[row.entity_key, row.origin_id, row.form_id, row.text]
            letters.append((row.raw, row.node))
        for row in self._rows(terms, *terms.primary_key):
            language, kind = store.slots.term(row.slot)
            self._add(row.entity_key, row.said, Value("text", row.text, language), kind.value, "")
        members = list(self._rows(classes, classes.c.entity_key, classes.c.ord))
        facts = list(self._rows(claims, *claims.primary_key))
        names = entity_ids(
            connection, {row.class_key for row in members} | {row.property_key for row in facts}
        )
        for row in members:
            self._add(row.entity_key, row.said, Value("entity", names[row.class_key]), "class", "")
        for row in facts:
            value = Value(VALUE_KINDS[row.kind], row.value, row.language, row.precision)
            self._add(row.entity_key, row.said, value, "claim", names[row.property_key])

    def _rows(self, table: Table, *order: ColumnElement[Any]) -> Sequence[Any]:
        query = select(table).where(table.c.entity_key.in_(self._keys)).order_by(*order)
        return self._connection.execute(query).all()

    def _add(self, key: int, said: int, value: Value, role: Role, predicate: str) -> None:
        for origin, number in sorted(self._ledger.members[said]):
            if (name := self._told.get(origin)) is None:
                continue
            plain = Form("label" if number == PLAIN_LABEL else role, predicate)
            form = plain if number in (PLAIN, PLAIN_LABEL) else self._ledger.forms[number]
            for raw, node in self._letters.get((key, origin, number, value.value), [("", "")]):
                self.by_key[key].append(Stated(name, Statement(form, value, raw, node)))
