"""What people and policies decided: superseded, never overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from secrets import token_hex
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, and_, insert, select, update

from kgenrich.errors import StoreError
from kgenrich.model import Decision, TermKind, Verdict
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, rows_with
from kgenrich.store.rows import as_row, from_row, storable
from kgenrich.store.story.conditions import ACCEPTING, DECIDING, is_current
from kgenrich.store.story.opinions import Places, weigh
from kgenrich.store.story.queue_counts import DECIDED_BY, Place, count, decided_place
from kgenrich.store.story.queue_upkeep import refresh
from kgenrich.store.tables import candidates, displaced
from kgenrich.store.tables import decisions as table
from kgenrich.store.term_slots import KIND_CODES

Check = Callable[[Connection, Sequence[str]], None]
"""Raises where the candidates of these ids, whose rows are locked, must not be decided on."""


class Saved(Struct, frozen=True):
    """How many decisions said something new, ``waiting`` of them for what others say, and those on
    other candidates of the same label or description that they took the place of. ``batch`` names
    them all, for `undo`; it is empty where nothing changed."""

    new: int = 0
    superseded: tuple[Decision, ...] = ()
    batch: str = ""
    waiting: int = 0


def save_decisions(
    store: Store,
    decisions: Collection[Decision],
    check: Check | None = None,
) -> Saved:
    """Keep decisions in one transaction; what ``check`` raises once their rows are locked ends it.

    The same again (verdict, author, text, comment, what it replaces) changes nothing; another
    one takes the place of that which held. An entity has one label, one description and one
    definition in a language, so one that is accepted also takes the place of any other accepted
    before. Where the policy of the language asks for more than one person, a decision is an opinion
    until enough agree (`kgenrich.store.story.opinions`).

    Raises `StoreError` for a candidate that is not in the store.
    """

    def work(connection: Connection) -> Saved:
        batch = token_hex(8)
        done = [_save(connection, chunk, batch, check) for chunk in chunks(decisions, 500)]
        superseded = tuple(one for saved in done for one in saved.superseded)
        new = sum(saved.new for saved in done)
        waiting = sum(saved.waiting for saved in done)
        return Saved(new, superseded, batch if new else "", waiting)

    saved = store.write(work)
    store.analyze()
    return saved


def _save(
    connection: Connection,
    decisions: Sequence[Decision],
    batch: str,
    check: Check | None,
) -> Saved:
    ids = sorted({decision.candidate for decision in decisions})
    places = lock_places(connection, ids)
    if check is not None:
        check(connection, ids)
    if missing := set(ids) - places.keys():
        raise StoreError(f"There is no candidate {min(missing)} to decide on.")
    rivals: dict[tuple[int, int], list[str]] = {}
    for id, place in places.items():
        if place[1] % 4 != KIND_CODES[TermKind.ALIAS]:
            rivals.setdefault(place, []).append(id)
    holding = current_decisions(connection, places)
    weighed = weigh(connection, decisions, places, holding, batch)
    decisions = weighed.decided
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
    gone |= {id: holding[id] for id in weighed.open & holding.keys() - last.keys()}
    changed = sorted({decision.candidate for decision in new} | gone.keys())
    end(connection, changed, batch)
    rows = _rows([one for one, _ in weighed.opinions], places, batch)
    for row, (_, stands) in zip(rows, weighed.opinions, strict=True):
        row["standing"] = stands
    said = _rows(new, places, batch)
    for number, row in enumerate(said):
        row["current"] = last.get(row["candidate_id"]) == number
    if rows or said:
        connection.execute(insert(table), [*rows, *said])
        count_decided(connection, (row for row in said if row["current"]), 1)
    refresh(connection, {places[id][0] for id in (*changed, *ids)})
    said_anew = {one.candidate for one, _ in weighed.opinions} - {one.candidate for one in new}
    waiting = len(said_anew & weighed.waiting)
    return Saved(len(new) + len(said_anew), tuple(gone.values()), waiting=waiting)


def _rows(decisions: Iterable[Decision], places: Places, batch: str) -> list[dict[str, Any]]:
    return [
        as_row(one, "candidate")
        | {
            "candidate_id": one.candidate,
            "entity_key": places[one.candidate][0],
            "slot": places[one.candidate][1],
            "current": False,
            "standing": False,
            "batch": batch,
        }
        for one in decisions
    ]


def end(connection: Connection, ids: Sequence[str], batch: str) -> None:
    """Have what holds of these candidates hold no longer, and note that the action displaced it."""
    columns = ("id", "slot", "verdict", "author", "probability")
    query = select(*(table.c[name] for name in columns)).where(is_current(table))
    rows = list(rows_with(connection, query, table.c.candidate_id, ids))
    if not rows:
        return
    for chunk in chunks(row.id for row in rows):
        connection.execute(update(table).where(table.c.id.in_(chunk)).values(current=False))
    noted = [{"batch": batch, "decision_id": row.id, "restored": False} for row in rows]
    bulk.add_missing(connection, displaced, noted)
    count_decided(connection, (row._asdict() for row in rows), -1)


def count_decided(connection: Connection, rows: Iterable[Mapping[str, Any]], sign: int) -> None:
    """Count decisions that came to hold, or (``sign`` -1) ceased to."""
    changes: Counter[Place] = Counter()
    for row in rows:
        if row["verdict"] in DECIDING:
            changes[decided_place(**{name: row[name] for name in DECIDED_BY})] += sign
    count(connection, changes)


def lock_places(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
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


def refuse_decided(connection: Connection, ids: Sequence[str]) -> None:
    """Raise `StoreError` where somebody has decided on one of the candidates, or accepted another
    for its term: a check for `save_decisions`."""
    places = lock_places(connection, ids)
    held = current_decisions(connection, places)
    for id in ids:
        for one in held.values():
            same = one.candidate == id and one.verdict in DECIDING
            is_alias = places[id][1] % 4 == KIND_CODES[TermKind.ALIAS]
            rival = one.verdict in ACCEPTING and places[one.candidate] == places[id]
            if same or (rival and not is_alias):
                raise StoreError(
                    f"{one.author[:200]} has decided on this term meanwhile: {one.verdict} "
                    f"{one.text[:200]!r}."
                )


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
    fields = ("verdict", "author", "text", "comment", "replaces", "reason")
    return [storable(getattr(decision, field)) for field in fields]


def _decision(row: Row[Any]) -> Decision:
    return from_row(Decision, row, candidate=row.candidate_id, verdict=Verdict(row.verdict))
