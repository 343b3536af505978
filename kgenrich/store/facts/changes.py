"""The log of what loads changed, so that a later run looks at that alone.

Each load adds one row with the keys of the entities that are not what they were, in the transaction
that changes them. The number of a row is that of a *change*: who knows the graph as it was after
one of them has missed nothing but what later rows hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, text

from kgenrich.store.base import Store
from kgenrich.store.tables import changes

Keys = NDArray[np.int64]
NO_KEYS: Keys = np.empty(0, np.int64)


def note_changes(
    connection: Connection, keys: Collection[int], told: Collection[int], *, settled: bool = False
) -> int:
    """Note that entities were changed, and those of them of which others may read something else
    now, in the transaction that changes them; the number of the change, 0 where there is none."""
    if not keys:
        return 0
    if connection.dialect.name == "postgresql":
        # Numbers are seen in their order: who has seen one has seen all before it.
        connection.execute(text(f"LOCK TABLE {changes.name} IN SHARE ROW EXCLUSIVE MODE"))
    last = connection.execute(select(func.max(changes.c.id))).scalar() or 0
    row = {"entity_keys": packed(keys), "told_keys": packed(told), "settled": settled}
    connection.execute(insert(changes).values(id=last + 1, **row))
    return last + 1


def latest_change(store: Store) -> int:
    """The number of the last change, 0 where there was none."""
    with store.read() as connection:
        return connection.execute(select(func.max(changes.c.id))).scalar() or 0


def change_mark(store: Store, number: int) -> str:
    """What tells a change from the one of the same number in another store; empty for one that is
    not known any more, and for 0."""
    row = select(changes.c.entity_keys, changes.c.told_keys).where(changes.c.id == number)
    with store.read() as connection:
        found = connection.execute(row).first()
    if found is None:
        return ""
    return blake2b(found.entity_keys + b"|" + found.told_keys, digest_size=16).hexdigest()


def changed_between(store: Store, first: int, last: int) -> Keys | None:
    """The keys of what was changed after the change ``first``, up to ``last``, sorted; None where
    that is not known any more."""
    rows = select(changes.c.entity_keys).where(changes.c.id > first, changes.c.id <= last)
    with store.read() as connection:
        oldest = connection.execute(select(func.min(changes.c.id))).scalar()
        if oldest is not None and oldest > first + 1:
            return None
        return unpacked(connection.execute(rows).scalars())


def forget_changes(store: Store, before: int) -> None:
    """Drop what nobody asks for any more: the changes before this one. The last one stays, for its
    number must not come again."""
    old = changes.c.id < before, changes.c.id < select(func.max(changes.c.id)).scalar_subquery()
    store.write(
        lambda connection: connection.execute(delete(changes).where(*old, changes.c.settled))
    )


def packed(keys: Iterable[int]) -> bytes:
    """Keys as bytes, sorted, each once."""
    return np.unique(np.fromiter(keys, "<i8")).tobytes()


def unpacked(parts: Iterable[bytes]) -> Keys:
    """The keys of several such, sorted, each once."""
    arrays = [np.frombuffer(part, "<i8") for part in parts]
    return np.unique(np.concatenate(arrays)) if arrays else NO_KEYS
