"""Engines for SQLite and PostgreSQL, and how a database is named."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from kgenrich.errors import StoreError
from kgenrich.masking import mask
from kgenrich.waits import Wait

BUSY_SECONDS = 30.0
"""How long a writer waits for another process before it gives up."""
_BUSY_STEP = 200
"""Milliseconds."""
# The locks of a machine that is gone end within two minutes, not hours.
_ALIVE = "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=6"


def make_engine(url: str, timeout: float = BUSY_SECONDS) -> Engine:
    """An engine for SQLite or PostgreSQL with the transactions described above."""
    address = parse(url)
    milliseconds = int(timeout * 1000)
    if address.get_backend_name() == "sqlite":
        engine = _sqlite_engine(address, timeout)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", partial(_begin_sqlite, timeout))
        event.listen(engine, "invalidate", _roll_back_sqlite)
        return engine
    given = address.query.get("options", "")
    given = given if isinstance(given, str) else " ".join(given)
    # Compiling a query takes longer than any of ours runs.
    options = f"-c jit=off {given} -c lock_timeout={milliseconds} -c timezone=UTC {_ALIVE}"
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
    except (ArgumentError, ValueError) as error:
        # What is wrong with it may be a part of a password.
        raise StoreError(
            "This is no database: give a path, sqlite:///PATH or postgresql://HOST/NAME."
        ) from error
    if "@" in (address.host or ""):
        raise StoreError("The password of the database has an @ in it: write %40 in its place.")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"A store is SQLite or PostgreSQL, not {address.get_backend_name()}.")
    if address.get_backend_name() == "sqlite" and not address.database:
        raise StoreError("A store in memory would be lost; give a path.")
    return address


def shown(url: URL) -> str:
    """The database as it may be shown: the path, or the URL without a password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return mask(url.render_as_string(hide_password=False))


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database, or None."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def is_read_only(url: URL) -> bool:
    """Whether it is an SQLite database that this process can read but not write: on a read-only
    medium, in a folder that it may not write to (where the WAL would lie), or without the right."""
    path = file_of(url)
    if path is None or not path.is_file() or url.query.get("uri"):
        return False
    return not (os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK))


def was_left_open(url: URL) -> bool:
    """Whether an SQLite database has pages in its WAL that are not in the file yet."""
    path = file_of(url)
    if path is None:
        return False
    log = path.with_name(f"{path.name}-wal")
    return log.is_file() and log.stat().st_size > 0


def version(connection: Connection) -> str | None:
    """The migration state, or None where there are no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _sqlite_engine(address: URL, timeout: float) -> Engine:
    if not is_read_only(address):
        return create_engine(address, connect_args={"timeout": timeout})

    def connect() -> sqlite3.Connection:
        # A database in WAL mode needs a file beside it even for reading, unless it is said to be
        # immutable. That would hide what still stands in a WAL.
        mode = "mode=ro" if was_left_open(address) else "immutable=1"
        name = f"{Path(str(address.database)).absolute().as_uri()}?{mode}"
        return sqlite3.connect(name, timeout, uri=True, check_same_thread=False)

    return create_engine(address, creator=connect)


def _configure_sqlite(connection: Any, record: object) -> None:
    # The driver's own transactions begin late; these begin when SQLAlchemy says so.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _roll_back_sqlite(connection: Any, record: object, error: object) -> None:
    # SQLite keeps a closed connection, and its lock, as long as a statement of it is alive. After
    # Ctrl-C the traceback holds one, and whoever notes that the run was stopped would wait.
    with suppress(sqlite3.Error):
        connection.rollback()


def _begin_sqlite(timeout: float, connection: Connection) -> None:
    # A transaction that turns from reading to writing can fail at once where another one wrote
    # meanwhile; one that says so at its beginning waits its turn.
    options = connection.get_execution_options()
    if not options.get("kgenrich_write", True):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite itself would wait without a word, and not hear a signal.
    longest = min(timeout, options.get("kgenrich_patience", timeout))
    raw: Any = connection.connection.dbapi_connection
    raw.execute(f"PRAGMA busy_timeout = {_BUSY_STEP}")
    wait = Wait(
        f"Waiting up to {longest:g} seconds for {file_of(connection.engine.url)}, which another "
        "process is writing to."
    )
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as error:
                if "locked" not in str(error.orig) or wait.step() >= longest:
                    raise
    finally:
        raw.execute(f"PRAGMA busy_timeout = {timeout * 1000:.0f}")
