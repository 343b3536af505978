"""What a run notes of entities on its way: a harvest of a whole origin what it has met, so that it
can tell what is not there any more; enriching of what it got not every answer, to ask again."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from sqlalchemy import Connection, delete, func, select

from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import Keys, packed, unpacked
from kgenrich.store.facts.origins import keys_of
from kgenrich.store.keys import chunks, entity_key, rows_with
from kgenrich.store.tables import entities, is_alive, seen

_PAGE = 5000


def note_seen(connection: Connection, run_id: int, place: int, ids: Collection[str]) -> None:
    """Note the entities of a batch, the one in this ``place`` of a run, in its transaction."""
    if ids:
        keys = packed(map(entity_key, ids))
        bulk.replace(connection, seen, [(run_id, place, keys)])


def note_further(connection: Connection, run_id: int, ids: Collection[str]) -> None:
    """Note more entities of a run, in the transaction of what it did."""
    last = select(func.max(seen.c.place)).where(seen.c.run_id == run_id)
    note_seen(connection, run_id, 1 + (connection.execute(last).scalar() or 0), ids)


def noted(store: Store, run_id: int) -> Keys:
    """The keys of all that a run noted, sorted."""
    with store.read() as connection:
        query = select(seen.c.entity_keys).where(seen.c.run_id == run_id)
        return unpacked(connection.execute(query).scalars())


def unseen(store: Store, met: Keys, origin: int, newest: int | None) -> Iterator[int]:
    """The keys of the entities that an origin spoke of and that were not ``met``, but for those in
    a newer revision than the ``newest`` one that was, if any: they came later."""
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


def forget_seen(connection: Connection, *runs: int) -> None:
    """Drop what runs noted."""
    connection.execute(delete(seen).where(seen.c.run_id.in_(runs)))
