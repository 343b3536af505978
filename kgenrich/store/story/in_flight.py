"""Questions that a run is asking just now, so that no other run asks them too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, delete, select

from kgenrich.errors import StoreError
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, rows_with
from kgenrich.store.locks import is_held
from kgenrich.store.tables import in_flight as table


@contextmanager
def claimed(store: Store, run_id: int, fingerprints: Sequence[str]) -> Iterator[set[str]]:
    """Those of the questions that no other live run is asking: in here they are this run's."""
    if not fingerprints:
        yield set()
        return
    mine = store.write(lambda connection: _claim(connection, run_id, fingerprints))
    try:
        yield mine
    finally:
        # Of two errors the first one says what is wrong; with the run its claims end.
        with suppress(StoreError):
            store.write(lambda connection: _release(connection, run_id, mine))


def release_all(connection: Connection, run_id: int) -> None:
    """Nothing is asked by this run (any more)."""
    connection.execute(delete(table).where(table.c.run_id == run_id))


def _claim(connection: Connection, run_id: int, fingerprints: Sequence[str]) -> set[str]:
    bulk.add_missing(
        connection,
        table,
        [{"fingerprint": mark, "run_id": run_id} for mark in sorted(set(fingerprints))],
    )
    rows = list(rows_with(connection, select(table), table.c.fingerprint, fingerprints))
    others = {row.run_id for row in rows} - {run_id}
    dead = {run for run in others if not is_held(connection, run)}
    for run in dead:
        release_all(connection, run)
    if dead:
        return _claim(connection, run_id, fingerprints)
    return {row.fingerprint for row in rows if row.run_id == run_id}


def _release(connection: Connection, run_id: int, fingerprints: set[str]) -> None:
    for chunk in chunks(sorted(fingerprints)):
        connection.execute(
            delete(table).where(table.c.fingerprint.in_(chunk), table.c.run_id == run_id)
        )
