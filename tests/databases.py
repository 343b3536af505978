"""Databases for one test each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex


@contextmanager
def postgres_schema(url: str) -> Iterator[str]:
    """A URL whose tables live in a new schema, which is dropped at the end."""
    import psycopg

    name = f"kgenrich_{token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        try:
            yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE")
