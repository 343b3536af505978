"""Locks on runs, of verbs and of jobs, that die with their holder, however it ends.

PostgreSQL has them in its sessions; beside an SQLite database lies a file that the system locks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socket import gethostname
from typing import Literal

from sqlalchemy import Connection, Engine, text

from kgenrich.errors import StoreError
from kgenrich.store.engine import file_of, shown
from kgenrich.store.faults import translated

_PATIENCE = 0.3
"""Seconds: who looks whether a run is held has its lock for a moment."""
Kind = Literal["run", "job"]
_FIRST = {"run": 0, "job": 1 << 30}
"""In PostgreSQL the locks of a store are numbers: where those of each kind begin."""
# A store is a schema of its database, and its runs have numbers of their own.
_STORE = "current_schema()::regnamespace::oid"
_TAKE = text(f"SELECT pg_try_advisory_lock({_STORE}::int4, :run)")
_IS_HELD = text(
    "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database "
    "WHERE locktype = 'advisory' AND datname = current_database() AND objsubid = 2 "
    f"AND classid = {_STORE} AND objid = :run AND granted)"
)


def me() -> str:
    """This process, in words for others."""
    return f"process {os.getpid()} on {gethostname()}"


def hold(engine: Engine, run: int, kind: Kind = "run") -> Callable[[], None] | None:
    """Take the lock on a run; what is given back releases it. None where somebody has it."""
    path = file_of(engine.url)
    if path is not None:
        return _hold_file(_file(path, run, kind), _PATIENCE)
    with translated(shown(engine.url)):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(_TAKE, {"run": _FIRST[kind] + run}).scalar():

            def release() -> None:
                # With its session the lock ends, whatever became of either.
                connection.invalidate()
                connection.close()

            return release
        connection.close()
    return None


def is_held(connection: Connection, run: int, kind: Kind = "run") -> bool:
    """Whether a live process has the lock on a run."""
    path = file_of(connection.engine.url)
    if path is None:
        return bool(connection.execute(_IS_HELD, {"run": _FIRST[kind] + run}).scalar())
    file = _file(path, run, kind)
    if not file.exists():
        return False
    release = _hold_file(file, 0)
    if release is not None:
        release()
    return release is None


def _file(path: Path, run: int, kind: Kind) -> Path:
    return path.absolute().with_name(f"{path.name}-{kind}{run}.lock")


def _hold_file(file: Path, patience: float) -> Callable[[], None] | None:
    from filelock import FileLock, Timeout

    lock = FileLock(file, timeout=patience, poll_interval=0.02, thread_local=False)
    try:
        lock.acquire()
    except (Timeout, PermissionError):
        return None
    except OSError as error:
        raise StoreError(f"The file {file} cannot be made: {error.strerror}.") from error

    def release() -> None:
        # Whoever waits for a file that is gone takes a new one.
        with suppress(OSError):
            file.unlink()
        lock.release()

    return release
