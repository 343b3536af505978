"""Many rows at once: the driver's own executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = tuple[Any, ...]

_TOGETHER = 50


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert complete rows, in column order, that are not there yet."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {table.name} ({_columns(table)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    # Rows by the dozen in one statement spare most of the way between Python and SQLite.
    whole = len(rows) // _TOGETHER * _TOGETHER
    one = _insert(connection, table)
    places = one[one.rindex("(") :]
    several = one + f", {places}" * (_TOGETHER - 1)
    _many(
        connection,
        several,
        [
            tuple(chain.from_iterable(rows[start : start + _TOGETHER]))
            for start in range(0, whole, _TOGETHER)
        ],
    )
    _many(connection, one, rows[whole:])


def add_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet."""
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def remove(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Delete rows by their primary key; ``rows`` are complete, in column order."""
    keys = [place for place, column in enumerate(table.columns) if column.primary_key]
    mark = _mark(connection)
    where = " AND ".join(f"{table.columns[place].name} = {mark}" for place in keys)
    _many(
        connection,
        f"DELETE FROM {table.name} WHERE {where}",
        [tuple(row[place] for place in keys) for row in rows],
    )


def accumulate(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add the numbers of ``rows`` to those of the rows with their key, in key order."""
    _upsert(connection, table, sorted(rows), "{0} = {1}.{0} + excluded.{0}")


def replace(
    connection: Connection, table: Table, rows: Sequence[Row], where: str | None = None
) -> None:
    """Put ``rows`` in the place of those with their key; ``where``: only of those for which that
    holds, ``excluded`` being the new row."""
    _upsert(connection, table, rows, "{0} = excluded.{0}", where)


def _upsert(
    connection: Connection, table: Table, rows: Sequence[Row], change: str, where: str | None = None
) -> None:
    keys = ", ".join(column.name for column in table.primary_key)
    changes = ", ".join(
        change.format(column.name, table.name) for column in table.columns if not column.primary_key
    )
    insert = f"{_insert(connection, table)} ON CONFLICT ({keys}) DO UPDATE SET {changes}"
    _many(connection, insert if where is None else f"{insert} WHERE {where}", rows)


def _many(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    if rows:
        connection.exec_driver_sql(statement, rows)


def _insert(connection: Connection, table: Table) -> str:
    places = ", ".join([_mark(connection)] * len(table.columns))
    return f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({places})"


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _mark(connection: Connection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"
