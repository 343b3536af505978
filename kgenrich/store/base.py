"""An open store: its transactions, and its errors as sentences.

Short write transactions and consistent reads: on SQLite (WAL) readers never wait and a writer
waits for the other one; on PostgreSQL writers meet only in the rows that both touch, and a
transaction that loses such a meeting is run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from random import random
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text

from kgenrich.errors import StoreError
from kgenrich.store.engine import is_read_only, shown
from kgenrich.store.faults import is_locked, is_transient, translated
from kgenrich.store.ledger import Ledger
from kgenrich.store.tables import metadata
from kgenrich.store.term_slots import ReachBits, Slots, number
from kgenrich.waits import PATIENCE, tell

_TRIES = 8
_GROWN = """SELECT relname FROM pg_class WHERE relkind = 'r'
AND relnamespace = current_schema()::regnamespace
AND pg_relation_size(oid) > current_setting('block_size')::int * (1.5 * relpages + 50)"""
T = TypeVar("T")


class Store:
    """An open database, made by `kgenrich.store.opening.open_store`; ``base`` is the concept base
    of bare ids. One that is ``read_only`` refuses every write with a `StoreError`."""

    def __init__(self, engine: Engine, base: str) -> None:
        self.engine = engine
        self.base = base
        self.slots = Slots(self._read_slots)
        self.reach = ReachBits(self.slots)
        self.ledger = Ledger()
        self.read_only = is_read_only(engine.url)
        self._name = shown(engine.url)
        self._writer = engine.execution_options(kgenrich_write=True)
        reading: dict[str, Any] = {"kgenrich_write": False}
        if engine.dialect.name == "postgresql":
            reading["isolation_level"] = "REPEATABLE READ"
        self._reader = engine.execution_options(**reading)

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

    @contextmanager
    def snapshot(self) -> Iterator[Store]:
        """The store as it is now: everything that is read through it, in any number of queries,
        sees this one state, whatever is written meanwhile. Of a snapshot it is that itself."""
        with self.read() as connection:
            yield _Snapshot(self, connection)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a write transaction, again when it lost against a concurrent one."""
        hasty = self.engine.dialect.name == "postgresql"
        for attempt in range(_TRIES):
            try:
                with self._writer.begin() as connection:
                    if hasty:
                        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE:.0f}s'")
                    return work(connection)
            except Exception as error:
                if hasty and is_locked(error):
                    # The server waits without a word; the next try takes its full time.
                    tell(f"Waiting for {self._name}, in which another process has locked rows.")
                    hasty = False
                    continue
                if attempt == _TRIES - 1 or not is_transient(error):
                    with translated(self._name):
                        raise
            time.sleep(random() * 0.05 * 2**attempt)
        raise AssertionError

    def patient(self, seconds: float) -> Store:
        """The same store, but on SQLite nothing that is written waits longer for another writer."""
        return Store(self.engine.execution_options(kgenrich_patience=seconds), self.base)

    def number_languages(self, codes: Iterable[str]) -> None:
        """Give numbers to those of the languages that have none."""
        if unknown := self.slots.unknown(codes):
            self.write(lambda connection: number(connection, unknown))
            with self.read() as connection:
                self.slots.read(connection)

    def analyze(self) -> None:
        """Have PostgreSQL look at the tables that grew by half since it last did: it takes those
        that it knows nothing of for small, and joins them row by row. SQLite goes by indexes."""
        if self.engine.dialect.name == "postgresql":
            # What is kept is kept, whatever becomes of this.
            with suppress(StoreError), self.begin() as connection:
                grown = set(connection.execute(text(_GROWN)).scalars()) & metadata.tables.keys()
                if grown:
                    connection.execute(text(f"ANALYZE (SKIP_LOCKED) {', '.join(sorted(grown))}"))

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def _read_slots(self) -> None:
        with self.read() as connection:
            self.slots.read(connection)


class _Snapshot(Store):
    """One read transaction. What is written goes to the store and is not seen."""

    def __init__(self, store: Store, connection: Connection) -> None:
        super().__init__(store.engine, store.base)
        self._connection = connection
        # The first statement settles which state it is; others may have numbered languages since.
        self.slots.read(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with translated(self._name):
            yield self._connection

    @contextmanager
    def snapshot(self) -> Iterator[Store]:
        yield self
