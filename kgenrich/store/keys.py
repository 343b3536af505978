"""Integers for entities: small, clustered, and stable across databases.

``Q42``, ``P31``, ``L7`` and ``M7`` become their number times four plus a code; any other id,
an IRI, becomes a negative 63-bit hash and a row in the table ``iris`` that says what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, select

from kgenrich.errors import StoreError
from kgenrich.store import bulk
from kgenrich.store.tables import iris

ALL = 0
"""Stands for all entities where a class is expected."""

_LETTERS = "QPLM"
_CODES = {letter: code for code, letter in enumerate(_LETTERS)}
_CHUNK = 5000
T = TypeVar("T")


def entity_key(id: str) -> int:
    """The key of an entity, a class or a property.

    >>> entity_key("Q42"), entity_key("P31"), entity_key("http://example.org/a") < 0
    (168, 125, True)
    """
    code = _CODES.get(id[:1])
    if code is not None:
        digits = id[1:]
        if digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) < 19:
            return int(digits) * 4 + code
    digest = blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return -1 - (int.from_bytes(digest, "big") >> 1)


def counted_under(type: int, class_keys: Iterable[int]) -> set[int]:
    """The keys under which coverage counts an entity of a type (its number): all and its classes
    for an item, a key that no entity has for each other type."""
    return {ALL, *class_keys} if not type else {type_key(type)}


def type_key(type: int) -> int:
    """The key under which coverage counts the entities of a type (its number)."""
    return type * 4 + 3 if type else ALL


def read_id(text: str, base: str) -> str:
    """The id of an entity as a person writes it: ``q5`` and the IRI under the concept base are
    ``Q5``.

    >>> read_id("q5", ""), read_id("http://www.wikidata.org/entity/Q5",
    ...     "http://www.wikidata.org/entity/"), read_id("http://example.org/a", "")
    ('Q5', 'Q5', 'http://example.org/a')
    """
    id = text.strip()
    bare = id.removeprefix(base).upper()
    return bare if entity_key(bare) > 0 else id


def entity_ids(connection: Connection, keys: Iterable[int]) -> dict[int, str]:
    """The ids of keys; keys that stand for nothing known are left out."""
    found = {}
    hashed = []
    for key in keys:
        if key > 0:
            found[key] = f"{_LETTERS[key & 3]}{key >> 2}"
        elif key < 0:
            hashed.append(key)
    found.update(
        (row.key, row.iri) for row in rows_with(connection, select(iris), iris.c.key, hashed)
    )
    return found


def add_iris(connection: Connection, ids: Iterable[str]) -> None:
    """Add the rows that ``iris`` lacks for these ids. Raises `StoreError` when two ids share a
    hash, so that no entity is ever taken for another."""
    wanted: dict[int, str] = {}
    for id in ids:
        key = entity_key(id)
        if key < 0 and wanted.setdefault(key, id) != id:
            raise StoreError(f"{id} and {wanted[key]} share one key; they cannot both be stored.")
    known = entity_ids(connection, wanted)
    for key, iri in known.items():
        if wanted[key] != iri:
            raise StoreError(f"{wanted[key]} and {iri} share one key; they cannot both be stored.")
    new = sorted(wanted.keys() - known.keys())
    bulk.add_missing(connection, iris, [{"key": key, "iri": wanted[key]} for key in new])


def rows_with(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> Iterator[Row[Any]]:
    """The rows of the query that have one of the values in the column."""
    asked = query.where(column.in_(bindparam("_values", type_=column.type, expanding=True)))
    for chunk in chunks(dict.fromkeys(values)):
        yield from connection.execute(asked, {"_values": chunk}).all()


def chunks(values: Iterable[T], size: int = _CHUNK) -> Iterable[Sequence[T]]:
    """Lists of at most ``size``: databases bound the parameters of a statement."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
