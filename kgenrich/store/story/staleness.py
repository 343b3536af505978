"""What rests on what was changed: proposals that have to be made anew, and entities to ask about.

Loading only notes what was changed (`kgenrich.store.facts.changes`); `settle` finds what rests on
it, here and in other entities (`kgenrich.store.story.dependents`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    literal_column,
    or_,
    select,
    true,
    update,
)

from kgenrich.model import Scope
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import note_changes, unpacked
from kgenrich.store.keys import chunks
from kgenrich.store.scope import within
from kgenrich.store.story.conditions import is_current, is_decided
from kgenrich.store.story.dependents import dependent, freed, namesakes
from kgenrich.store.tables import changes, entities, is_alive, proposals, runs

# The condition of the partial index to the letter: otherwise it is not used.
_is_stale: ColumnElement[bool] = literal_column("proposals.current AND proposals.stale > 0")


def settle(store: Store, hierarchy: Collection[str] = ()) -> int:
    """Find what rests on the changes that nobody has looked at yet, note that it is changed with
    them, and mark the undecided proposals of all of it as stale; of how many entities that is.
    ``hierarchy`` are the properties that lead from a class to what it is a subclass of."""
    with store.read() as connection:
        query = select(changes).where(~changes.c.settled).order_by(changes.c.id)
        rows = connection.execute(query).all()
        is_used = connection.execute(select(runs.c.id).where(runs.c.verb == "enrich").limit(1))
        if not rows:
            return 0
        changed: Set[int] = set(unpacked(row.entity_keys for row in rows).tolist())
        told = unpacked(row.told_keys for row in rows).tolist()
        further: Set[int] = set()
        if is_used.first() is not None or _has_proposals(connection):
            further = dependent(connection, told, hierarchy) | namesakes(connection, changed)
    further |= freed(store)
    last, affected = rows[-1].id, changed | further

    def work(connection: Connection) -> None:
        note_changes(connection, further - changed, (), settled=True)
        _mark(connection, affected, last)
        done = update(changes).where(changes.c.id.in_([row.id for row in rows]))
        connection.execute(done.values(settled=True, told_keys=b""))

    store.write(work)
    return len(affected)


def mark_stale(store: Store, keys: Iterable[int], change: int) -> None:
    """Mark the undecided proposals of entities as stale since a change."""
    store.write(lambda connection: _mark(connection, keys, change))


def retire(
    store: Store, verb: str, scope: Scope, change: int, without: Collection[int] = ()
) -> int:
    """Give up the proposals of a scope that are stale since ``change`` or before and that a run of
    the verb which knows of it did not make anew, but for those of the entities ``without``, and of
    the decided ones; how many there were. They stay as history."""
    key = proposals.c.entity_key
    made = select(runs.c.id).where(runs.c.verb == verb).scalar_subquery()
    gone = ~exists().where(entities.c.key == key, *is_alive())
    slots = within(store, Scope(scope.languages, scope.kinds), key, proposals.c.slot)
    query = (
        select(proposals.c.id, key)
        .where(_is_stale, proposals.c.stale <= change, proposals.c.run_id.in_(made), *slots)
        .where(or_(gone, and_(true(), *within(store, scope, key))), ~is_decided())
    )
    kept = set(without)

    def work(connection: Connection) -> int:
        ids = [row.id for row in connection.execute(query) if row.entity_key not in kept]
        for chunk in chunks(ids):
            old = update(proposals).where(proposals.c.id.in_(chunk))
            connection.execute(old.values(current=False))
        return len(ids)

    return store.write(work)


def _mark(connection: Connection, keys: Iterable[int], change: int) -> None:
    for chunk in chunks(keys):
        mine = update(proposals).where(proposals.c.entity_key.in_(chunk))
        connection.execute(mine.where(is_current(proposals), ~is_decided()).values(stale=change))


def _has_proposals(connection: Connection) -> bool:
    return connection.execute(select(proposals.c.id).limit(1)).first() is not None
