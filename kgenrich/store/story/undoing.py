"""Taking decisions back: what held before holds again, and that too is a decision that can be
taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from secrets import token_hex
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, func, insert, select, update

from kgenrich.errors import UsageError
from kgenrich.model import TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.bulk import add_missing
from kgenrich.store.keys import chunks, rows_with
from kgenrich.store.rows import from_row, storable
from kgenrich.store.story.conditions import ACCEPTING, DECIDING, is_current
from kgenrich.store.story.decisions import count_decided, end, lock_places
from kgenrich.store.story.opinions import (
    KNOWN,
    Opinion,
    end_standing,
    is_standing,
    restore_standing,
    standing,
    subject,
)
from kgenrich.store.story.policies import read_policies
from kgenrich.store.story.queue_upkeep import refresh
from kgenrich.store.tables import decisions as table
from kgenrich.store.tables import displaced
from kgenrich.store.term_slots import KIND_CODES

_ALIAS = KIND_CODES[TermKind.ALIAS]


class Undone(Struct, frozen=True):
    """What became of an action: the candidates whose decision was taken back, how many of them
    hold again what they did before, and how many others had decided on since (they stay).
    ``batch`` is this action itself."""

    candidates: tuple[str, ...] = ()
    restored: int = 0
    overtaken: int = 0
    batch: str = ""


class Action(Struct, frozen=True):
    """What was decided at once: of how many candidates, and the last of the decisions. It is
    ``pending`` where that is an opinion on what is not decided yet."""

    batch: str
    at: str
    author: str
    verdict: str
    text: str
    comment: str
    undoes: str
    count: int
    pending: bool = False


def actions(store: Store, author: str | None, limit: int) -> list[Action]:
    """The last actions, of all people or of one."""
    found: list[Action] = []
    with store.read() as connection:
        before: int | None = None
        while len(found) < limit:
            where = [table.c.batch != ""]
            where += [] if author is None else [table.c.author == author]
            where += [] if before is None else [table.c.id < before]
            query = select(table).where(*where).order_by(table.c.id.desc()).limit(1)
            row = connection.execute(query).first()
            if row is None:
                break
            its = select(func.count(table.c.candidate_id.distinct()), func.min(table.c.id)).where(
                table.c.batch == row.batch, table.c.batch != ""
            )
            number, before = connection.execute(its).one()
            pending = bool(row.opinion) and not _is_decided(connection, row)
            found.append(from_row(Action, row, count=number, pending=pending))
    return found


def _is_decided(connection: Connection, row: Any) -> bool:
    mine = table.c.candidate_id == row.candidate_id
    if row.opinion == KNOWN:
        people = select(func.count(table.c.author.distinct())).where(mine, is_standing())
        needed = read_policies(connection).of(row.slot).reviewers
        return int(connection.execute(people).scalar_one()) >= needed or needed < 2
    query = select(table.c.id).where(mine, is_current(table), table.c.verdict.in_(DECIDING))
    return connection.execute(query).first() is not None


def find_batch(store: Store, prefix: str) -> str:
    """The action of this name, or of which these are the first digits. Raises `UsageError` when
    there is none, or more than one."""
    wanted = prefix.strip().lower()
    if not wanted or set(wanted) - set("0123456789abcdef"):
        raise UsageError(f"{prefix!r} is no action: their names are hexadecimal digits.")
    column = table.c.batch
    query = select(column).where(column.between(wanted, wanted + "g"), column != "").distinct()
    with store.read() as connection:
        found = connection.execute(query.limit(2)).scalars().all()
    if not found:
        raise UsageError(f"There is no action {wanted}.")
    if len(found) > 1:
        raise UsageError(f"More than one action begins with {wanted}: give more digits.")
    return str(found[0])


def last_batch(store: Store, authors: Sequence[str]) -> str:
    """The last action of one of the authors that holds and takes nothing back itself; empty for
    none."""
    with store.read() as connection:
        before: int | None = None
        while True:
            mine = [table.c.author.in_(authors), table.c.undoes == "", table.c.batch != ""]
            mine += [] if before is None else [table.c.id < before]
            query = select(table.c.id, table.c.batch).where(*mine).order_by(table.c.id.desc())
            row = connection.execute(query.limit(1)).first()
            if row is None or not _is_undone(connection, row.batch):
                return "" if row is None else str(row.batch)
            # All of it is passed at once.
            first = select(table.c.id).where(table.c.batch == row.batch, table.c.batch != "")
            before = min(connection.execute(first).scalars())


def _is_undone(connection: Connection, batch: str) -> bool:
    undoing = select(table.c.batch).where(table.c.undoes == batch, table.c.undoes != "").distinct()
    batches = connection.execute(undoing).scalars().all()
    return any(not _is_undone(connection, one) for one in batches)


def undo_batch(store: Store, batch: str, author: str, at: str) -> Undone:
    """Take back an action, or the taking back of one. What somebody has decided on since stays as
    it is; an action that nothing is left of changes nothing."""

    def work(connection: Connection) -> Undone:
        query = select(table).where(table.c.batch == batch, table.c.batch != "")
        rows = connection.execute(query.order_by(table.c.id)).all()
        done = Undone(batch=token_hex(8))
        lasting = {row.candidate_id: row for row in rows}
        for chunk in chunks(lasting.values(), 500):
            done = _undo(connection, done, chunk, batch, author, at)
        return done

    return store.write(work)


def _undo(
    connection: Connection,
    done: Undone,
    rows: Sequence[Any],
    batch: str,
    author: str,
    at: str,
) -> Undone:
    places = lock_places(connection, [row.candidate_id for row in rows])
    effects = _effects(connection, batch, places)
    restored = {row.id for row in effects if row.restored}
    held = _held(connection, places)
    lasting = {id for id, row in held.items() if row.batch == batch or row.id in restored}
    decided = {id for id, row in held.items() if row.verdict in DECIDING} - lasting
    given = _withdrawn(connection, batch, restored, {*places.values()}, decided)
    end_standing(connection, [row.id for row in given], done.batch)
    mine = [row for row in rows if row.candidate_id in lasting]
    mine += [row for row in given if row.candidate_id not in lasting]
    end(connection, sorted(lasting), done.batch)
    held = {id: row for id, row in held.items() if id not in lasting}
    taken = {places[id] for id, row in held.items() if _is_only_one(row)}
    brought = []
    stands = {
        _whose(one) for one in standing(connection, {key for key, _ in places.values()}, known=True)
    }
    # What an action displaced comes back where something of it still held, and only there.
    left = {subject(*places[row.candidate_id], row.candidate_id) for row in mine}
    again = []
    for row in effects:
        if subject(*places[row.candidate_id], row.candidate_id) not in left:
            continue
        if row.opinion and not row.restored and (whose := _of_row(row)) not in stands:
            again.append(row.id)
            stands.add(whose)
        if row.opinion or row.restored or row.verdict == Verdict.REOPEN or row.candidate_id in held:
            continue
        place = places[row.candidate_id]
        if not (_is_only_one(row) and place in taken):
            brought.append(row)
            held[row.candidate_id] = row
            taken |= {place} if _is_only_one(row) else set()
    _bring_back(connection, brought, done.batch)
    restore_standing(connection, again, done.batch)
    action = {"verdict": str(Verdict.REOPEN), "author": storable(author), "at": at}
    action |= {"comment": "", "reason": "", "batch": done.batch, "undoes": batch}
    taking = [
        {name: value for name, value in row._mapping.items() if name != "id"}
        | action
        | {"current": row.candidate_id not in held and not row.opinion, "standing": False}
        for row in mine
    ]
    if taking:
        connection.execute(insert(table), taking)
        refresh(connection, {key for key, _ in places.values()})
    return Undone(
        (*done.candidates, *(row.candidate_id for row in mine)),
        done.restored + len(brought) + len(again),
        done.overtaken + len(rows) - len(mine),
        done.batch,
    )


def _withdrawn(
    connection: Connection,
    batch: str,
    restored: set[int],
    places: set[tuple[int, int]],
    decided: set[str],
) -> list[Any]:
    """The opinions of an action that stand, but for those of terms that others have decided."""
    query = select(table).where(is_standing())
    rows = rows_with(connection, query, table.c.entity_key, (key for key, _ in places))
    return [
        row
        for row in rows
        if (row.batch == batch or row.id in restored) and row.candidate_id not in decided
    ]


def _whose(one: Opinion) -> tuple[object, ...]:
    return *one.subject, one.decision.author


def _of_row(row: Any) -> tuple[object, ...]:
    return *subject(row.entity_key, row.slot, row.candidate_id), row.author


def _is_only_one(row: Any) -> bool:
    """Whether nothing else for the same term may be accepted beside it."""
    return row.verdict in ACCEPTING and row.slot % 4 != _ALIAS


def _held(connection: Connection, ids: Iterable[str]) -> dict[str, Any]:
    """The decisions that hold, by candidate."""
    query = select(table).where(is_current(table))
    return {
        row.candidate_id: row for row in rows_with(connection, query, table.c.candidate_id, ids)
    }


def _effects(connection: Connection, batch: str, ids: Iterable[str]) -> list[Any]:
    """The decisions on these candidates that an action displaced, or brought back (``restored``),
    the last first."""
    query = (
        select(table, displaced.c.restored)
        .join(displaced, displaced.c.decision_id == table.c.id)
        .where(displaced.c.batch == batch, table.c.batch != batch)
    )
    rows = rows_with(connection, query, table.c.candidate_id, ids)
    return sorted(rows, key=attrgetter("id"), reverse=True)


def _bring_back(connection: Connection, rows: Sequence[Any], batch: str) -> None:
    for chunk in chunks(row.id for row in rows):
        connection.execute(update(table).where(table.c.id.in_(chunk)).values(current=True))
    noted = [{"batch": batch, "decision_id": row.id, "restored": True} for row in rows]
    add_missing(connection, displaced, noted)
    count_decided(connection, (row._asdict() for row in rows), 1)
