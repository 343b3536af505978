"""Opening a store, its transactions, and its errors as sentences.

Short write transactions and consistent reads: on SQLite (WAL) readers never wait and a writer
waits for the other one; on PostgreSQL writers meet only in the rows that both touch, and a
transaction that loses such a meeting is run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from random import random
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from kgenrich.errors import StoreError
from kgenrich.store.faults import is_transient, translated
from kgenrich.store.slots import Slots

if TYPE_CHECKING:
    from kgenrich.store.tally import Presence

BUSY_SECONDS = 30.0
"""How long a writer waits for another process before it gives up."""

_TRIES = 8
T = TypeVar("T")


class Store:
    """An open database. Made by `open_store`; ``base`` is the concept base of bare ids."""

    def __init__(self, engine: Engine, base: str) -> None:
        self.engine = engine
        self.base = base
        self.slots = Slots()
        self._name = shown(engine.url)
        self._writer = engine.execution_options(kgenrich_write=True)
        reading: dict[str, Any] = {"kgenrich_write": False}
        if engine.dialect.name == "postgresql":
            reading["isolation_level"] = "REPEATABLE READ"
        self._reader = engine.execution_options(**reading)

    @cached_property
    def presence(self) -> Presence:
        """What the coverage counts make of the languages of this store."""
        from kgenrich.store.tally import Presence

        return Presence(self.slots)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back on an error. Keep it short."""
        with translated(self._name), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction that sees one state of the database throughout."""
        with translated(self._name), self._reader.begin() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a write transaction, again when it lost against a concurrent one."""
        for attempt in range(_TRIES):
            try:
                with self._writer.begin() as connection:
                    return work(connection)
            except Exception as error:
                if attempt == _TRIES - 1 or not is_transient(error):
                    with translated(self._name):
                        raise
            time.sleep(random() * 0.05 * 2**attempt)
        raise AssertionError

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(
    url: str,
    *,
    create: bool = False,
    base: str = "http://www.wikidata.org/entity/",
    timeout: float = BUSY_SECONDS,
) -> Store:
    """Open a database that is in this version's migration state; ``create`` makes a missing one.

    ``url`` is an SQLAlchemy URL of SQLite or PostgreSQL. ``timeout`` is how long to wait for a
    lock, in seconds. Raises `StoreError` for a database that is missing, locked, damaged, out of
    reach, or of another version, saying what to do.
    """
    from kgenrich.store.setup import prepare

    engine = make_engine(url, timeout)
    store = Store(engine, base)
    try:
        prepare(store, create=create)
    except BaseException:
        store.close()
        raise
    return store


def make_engine(url: str, timeout: float = BUSY_SECONDS) -> Engine:
    """An engine for SQLite or PostgreSQL with the transactions described above."""
    address = parse(url)
    milliseconds = int(timeout * 1000)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, connect_args={"timeout": timeout})
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c lock_timeout={milliseconds} -c timezone=UTC"
    if given := address.query.get("options"):
        options = f"{given if isinstance(given, str) else ' '.join(given)} {options}"
    try:
        return create_engine(address, connect_args={"connect_timeout": 10, "options": options})
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL needs the extra `postgres`: pip install 'kgenrich[postgres]'."
        ) from error


def parse(url: str) -> URL:
    """A database URL, checked. Raises `StoreError` for what is no such thing."""
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "This is no database: give a path, sqlite:///PATH or postgresql://HOST/NAME."
        ) from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"A store is SQLite or PostgreSQL, not {address.get_backend_name()}.")
    if address.get_backend_name() == "sqlite" and not address.database:
        raise StoreError("A store in memory would be lost; give a path.")
    return address


def shown(url: URL) -> str:
    """The database as it may be shown: the path, or the URL without a password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(password=None).render_as_string()


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database, or None."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _configure_sqlite(connection: Any, record: object) -> None:
    # The driver's own transactions begin late; these begin when SQLAlchemy says so.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that turns from reading to writing can fail at once where another one wrote
    # meanwhile; one that says so at its beginning waits its turn.
    writing = connection.get_execution_options().get("kgenrich_write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
