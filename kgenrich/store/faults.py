"""What databases throw, as one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from kgenrich.errors import StoreError
from kgenrich.masking import mask

_SQLITE = (
    ("locked", "The database {name} is locked by another process; try again when it is done."),
    ("busy", "The database {name} is locked by another process; try again when it is done."),
    ("disk is full", "The disk is full: {name} cannot grow; what was written before is kept."),
    ("not a database", "{name} is not a database: give another path."),
    ("unable to open", "The database {name} cannot be opened: check the path and its rights."),
    (
        "readonly",
        "The database {name} is read-only here: it can be read, but nothing can be stored in it.",
    ),
    ("malformed", "The database {name} is damaged: restore it or harvest it anew."),
    ("disk i/o error", "The disk of {name} failed to read or write."),
)
_LOCKED = "55P03"
# Classes and codes of SQLSTATE: PostgreSQL manual, appendix A.
_POSTGRES = (
    ("53100", "The disk of {name} is full; what was written before is kept."),
    ("53300", "{name} accepts no more connections; try again later."),
    ("53", "The server of {name} is short of memory or connections."),
    (_LOCKED, "The database {name} is locked by another process; try again when it is done."),
    ("57", "The server of {name} is shutting down or stopped the query."),
    ("08", "The server of {name} cannot be reached."),
    ("28", "The server of {name} refused the user or the password."),
    ("3D000", "There is no database {name}: make it with `createdb`."),
    ("42501", "The user may not do this in {name}."),
    ("25006", "The database {name} is read-only."),
)
_TRANSIENT = ("40001", "40P01", "23505")
"""Serialization failure, deadlock, and a row that a concurrent transaction added first."""


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what the user can understand into `StoreError`; let our own mistakes through."""
    try:
        yield
    except Exception as error:
        if (told := explain(error, name)) is None:
            raise
        raise StoreError(told) from error


def explain(error: BaseException, name: str) -> str | None:
    """The sentence for an error of SQLAlchemy or a driver; None for any other."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    module = type(cause).__module__.split(".")[0]
    said = str(cause).strip()
    if module == "sqlite3":
        lowered = said.lower()
        for part, sentence in _SQLITE:
            if part in lowered:
                return sentence.format(name=name)
    elif module == "psycopg":
        state = getattr(cause, "sqlstate", None) or ""
        for start, sentence in _POSTGRES:
            if state.startswith(start):
                return sentence.format(name=name)
        if not state and type(cause).__name__ == "OperationalError":
            first = said.splitlines()[0] if said else "no answer"
            return f"The database {name} cannot be reached: {mask(first)}."
    return None


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when run again."""
    return _state(error) in _TRANSIENT


def is_locked(error: BaseException) -> bool:
    """Whether PostgreSQL waited for a lock as long as it may."""
    return _state(error) == _LOCKED


def _state(error: BaseException) -> str | None:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    state: str | None = getattr(cause, "sqlstate", None)
    return state
