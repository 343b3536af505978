"""What a harvest of a whole origin has met, so that it can tell what is not there any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Connection, delete, select

from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.facts.origins import keys_of
from kgenrich.store.keys import chunks, entity_key, rows_with
from kgenrich.store.tables import entities, is_alive, seen

_PAGE = 5000


def note_seen(connection: Connection, run_id: int, place: int, ids: Sequence[str]) -> None:
    """Note the entities of a batch, the one in this ``place`` of a run, in its transaction."""
    if ids:
        keys = np.sort(np.array([entity_key(id) for id in ids], "<i8"))
        bulk.replace(connection, seen, [(run_id, place, keys.tobytes())])


def unseen(store: Store, run_id: int, origin: int, newest: int | None) -> Iterator[int]:
    """The keys of the entities that an origin spoke of and a run has not met, but for those in a
    newer revision than the ``newest`` one that it met, if any: they came later."""
    with store.read() as connection:
        query = select(seen.c.entity_keys).where(seen.c.run_id == run_id)
        parts = [np.frombuffer(data, "<i8") for data in connection.execute(query).scalars()]
    met = np.sort(np.concatenate(parts)) if parts else np.empty(0, "<i8")
    for page in chunks(keys_of(store, origin), _PAGE):
        keys = np.array(page, "<i8")
        at = np.minimum(np.searchsorted(met, keys), max(len(met) - 1, 0))
        missing = keys[met[at] != keys] if len(met) else keys
        if len(missing):
            with store.read() as connection:
                alive = select(entities).where(*is_alive())
                if newest is not None:
                    alive = alive.where(entities.c.revision <= newest)
                found = rows_with(connection, alive, entities.c.key, missing.tolist())
                yield from sorted(row.key for row in found)


def forget_seen(connection: Connection, run_id: int) -> None:
    """Drop what a run noted."""
    connection.execute(delete(seen).where(seen.c.run_id == run_id))
