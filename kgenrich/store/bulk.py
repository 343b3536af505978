"""Many rows at once: the driver's own executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = tuple[Any, ...]


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert complete rows, in column order, that are not there yet."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(table.columns))
    connection.connection.cursor().executemany(f"INSERT INTO {table.name} VALUES ({places})", rows)


def add_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet."""
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def remove(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Delete rows by their primary key; ``rows`` are complete, in column order."""
    if not rows:
        return
    keys = [place for place, column in enumerate(table.columns) if column.primary_key]
    where = " AND ".join(f"{table.columns[place].name} = {{}}" for place in keys)
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    connection.connection.cursor().executemany(
        f"DELETE FROM {table.name} WHERE {where}".replace("{}", mark),
        [tuple(row[place] for place in keys) for row in rows],
    )


def accumulate(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add the numbers of ``rows`` to those of the rows with their key, in key order."""
    if not rows:
        return
    keys = ", ".join(column.name for column in table.columns if column.primary_key)
    sums = ", ".join(
        f"{column.name} = {table.name}.{column.name} + excluded.{column.name}"
        for column in table.columns
        if not column.primary_key
    )
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    places = ", ".join([mark] * len(table.columns))
    connection.connection.cursor().executemany(
        f"INSERT INTO {table.name} VALUES ({places}) ON CONFLICT ({keys}) DO UPDATE SET {sums}",
        sorted(rows),
    )
