"""What people and policies decided: superseded, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, and_, insert, select, update

from kgenrich.errors import StoreError
from kgenrich.model import Decision, TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, rows_with
from kgenrich.store.rows import as_row, from_row, storable
from kgenrich.store.story.conditions import ACCEPTING, is_current
from kgenrich.store.tables import candidates
from kgenrich.store.tables import decisions as table
from kgenrich.store.term_slots import KIND_CODES


class Saved(Struct, frozen=True):
    """How many decisions said something new, and those on other candidates of the same label or
    description that they took the place of."""

    new: int = 0
    superseded: tuple[Decision, ...] = ()


def save_decisions(store: Store, decisions: Sequence[Decision]) -> Saved:
    """Keep decisions in one transaction.

    The same again (verdict, author, text, comment, what it replaces) changes nothing; another
    one takes the place of that which held. An entity has one label, one description and one
    definition in a language, so one that is accepted also takes the place of any other accepted
    before. Raises `StoreError` for a candidate that is not in the store.
    """

    def work(connection: Connection) -> Saved:
        done = [_save(connection, chunk) for chunk in chunks(decisions, 500)]
        superseded = tuple(one for saved in done for one in saved.superseded)
        return Saved(sum(saved.new for saved in done), superseded)

    saved = store.write(work)
    store.analyze()
    return saved


def _save(connection: Connection, decisions: Sequence[Decision]) -> Saved:
    ids = sorted({decision.candidate for decision in decisions})
    places = _places(connection, ids)
    if missing := set(ids) - places.keys():
        raise StoreError(f"There is no candidate {min(missing)} to decide on.")
    rivals: dict[tuple[int, int], list[str]] = {}
    for id, place in places.items():
        if place[1] % 4 != KIND_CODES[TermKind.ALIAS]:
            rivals.setdefault(place, []).append(id)
    holding = current_decisions(connection, places)
    new: list[Decision] = []
    last: dict[str, int] = {}
    gone: dict[str, Decision] = {}
    for decision in decisions:
        held = holding.get(decision.candidate)
        if held is None or _content(held) != _content(decision):
            holding[decision.candidate] = decision
            last[decision.candidate] = len(new)
            new.append(decision)
        gone.pop(decision.candidate, None)
        if decision.verdict not in ACCEPTING:
            continue
        for rival in rivals.get(places[decision.candidate], ()):
            other = holding.get(rival)
            if rival != decision.candidate and other is not None and other.verdict in ACCEPTING:
                gone[rival] = holding.pop(rival)
                last.pop(rival, None)
    changed = sorted({decision.candidate for decision in new} | gone.keys())
    connection.execute(
        update(table)
        .where(table.c.candidate_id.in_(changed), is_current(table))
        .values(current=False)
    )
    if new:
        rows = [
            as_row(one, "candidate")
            | {
                "candidate_id": one.candidate,
                "entity_key": places[one.candidate][0],
                "slot": places[one.candidate][1],
                "current": last.get(one.candidate) == place,
            }
            for place, one in enumerate(new)
        ]
        connection.execute(insert(table), rows)
    return Saved(len(new), tuple(gone.values()))


def _places(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The entity key and slot of the candidates and of all others for the same terms, by id.

    Locked in order, so that two who decide on one term at once wait for each other.
    """
    other = candidates.alias()
    same = (other.c.entity_key == candidates.c.entity_key, other.c.slot == candidates.c.slot)
    query = (
        select(other.c.id, other.c.entity_key, other.c.slot)
        .select_from(candidates.join(other, and_(*same)))
        .where(candidates.c.id.in_(ids))
        .order_by(other.c.id)
        .with_for_update(of=other)
    )
    return {id: (key, slot) for id, key, slot in connection.execute(query)}


def decisions(store: Store, candidate: str) -> list[Decision]:
    """Every decision on a candidate, oldest first; which one holds, `current_decisions` says."""
    with store.read() as connection:
        query = select(table).where(table.c.candidate_id == candidate).order_by(table.c.id)
        return [_decision(row) for row in connection.execute(query)]


def current_decisions(connection: Connection, ids: Iterable[str]) -> dict[str, Decision]:
    """The decisions that hold, by candidate."""
    query = select(table).where(is_current(table))
    rows = rows_with(connection, query, table.c.candidate_id, ids)
    return {row.candidate_id: _decision(row) for row in rows}


def _content(decision: Decision) -> list[str]:
    fields = ("verdict", "author", "text", "comment", "replaces")
    return [storable(getattr(decision, field)) for field in fields]


def _decision(row: Row[Any]) -> Decision:
    return from_row(Decision, row, candidate=row.candidate_id, verdict=Verdict(row.verdict))
