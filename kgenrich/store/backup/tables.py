"""The tables of a store in any migration state, and their rows in one order on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Raw
from sqlalchemy import Connection, MetaData, String, Table, create_engine, select, text

from kgenrich.store.backup.archive import Row
from kgenrich.store.migrate import migrate

_AT_ONCE = 500
"""Rows that the database gives at once."""


def tables_of(revision: str) -> MetaData:
    """The tables of a migration state, as the migrations make them. Raises `StoreError` for one
    that this version does not know."""
    engine = create_engine("sqlite://")
    found = MetaData()
    with engine.begin() as connection:
        migrate(connection, revision)
        found.reflect(connection)
    engine.dispose()
    found.remove(found.tables["alembic_version"])
    return found


def rows_of(connection: Connection, table: Table) -> Iterator[Row]:
    """All rows of a table in the order of its key, as they come."""
    keys = list(table.primary_key)
    if connection.dialect.name == "postgresql":
        # Not as the locale of the server would have it.
        order = [key.collate("C") if isinstance(key.type, String) else key for key in keys]
    else:
        order = list(keys)
    query = select(*table.columns).order_by(*order)
    yield from map(tuple, connection.execute(query, execution_options={"yield_per": _AT_ONCE}))


def decoder_of(table: Table) -> Callable[[Raw], list[Row]]:
    """What reads the rows of a block; raises `msgspec.ValidationError` for what cannot be rows of
    the table."""
    values = [column.type.python_type for column in table.columns]
    types = [
        value | None if column.nullable else value
        for value, column in zip(values, table.columns, strict=True)
    ]
    rows: Any = list[tuple[tuple(types)]]  # type: ignore[misc]
    return msgspec.msgpack.Decoder(rows).decode


def renumber(connection: Connection, tables: MetaData) -> None:
    """Have PostgreSQL number new rows from behind those that have numbers."""
    if connection.dialect.name != "postgresql":
        return
    for name in tables.tables:
        sequences = text(
            "SELECT column_name FROM information_schema.columns WHERE table_name = :name "
            "AND table_schema = current_schema() AND column_default LIKE 'nextval(%'"
        )
        for column in connection.execute(sequences, {"name": name}).scalars().all():
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), max({column})) "
                    f"FROM {name} HAVING max({column}) IS NOT NULL"
                )
            )
