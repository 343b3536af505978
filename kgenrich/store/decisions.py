"""What people and policies decided: superseded, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from kgenrich.errors import StoreError
from kgenrich.model import Decision, Verdict
from kgenrich.store.base import Store
from kgenrich.store.faults import storable
from kgenrich.store.keys import chunks
from kgenrich.store.tables import candidates
from kgenrich.store.tables import decisions as table

HOLDS = (str(Verdict.ACCEPT), str(Verdict.EDIT))
"""The verdicts that make a term of a candidate."""


def save_decisions(store: Store, decisions: Sequence[Decision]) -> int:
    """Keep decisions in one transaction; gives back how many say something new.

    The same again (verdict, author, text, comment) changes nothing; another one takes the place
    of that which held. Raises `StoreError` for a candidate that is not in the store.
    """

    def work(connection: Connection) -> int:
        return sum(_save(connection, chunk) for chunk in chunks(decisions, 500))

    return store.write(work)


def _save(connection: Connection, decisions: Sequence[Decision]) -> int:
    ids = sorted({decision.candidate for decision in decisions})
    # Locked in order, so that two who decide at once wait for each other.
    known = connection.execute(
        select(candidates.c.id)
        .where(candidates.c.id.in_(ids))
        .order_by(candidates.c.id)
        .with_for_update()
    ).scalars()
    if missing := set(ids) - set(known):
        raise StoreError(f"There is no candidate {min(missing)} to decide on.")
    holding = current_decisions(connection, ids)
    new = []
    for decision in decisions:
        held = holding.get(decision.candidate)
        if held is not None and _says(held) == _says(decision):
            continue
        holding[decision.candidate] = decision
        new.append(decision)
    last = {decision.candidate: place for place, decision in enumerate(new)}
    if not new:
        return 0
    connection.execute(
        update(table)
        .where(table.c.candidate_id.in_(list(last)), table.c.current)
        .values(current=False)
    )
    connection.execute(
        insert(table),
        [_row(decision, last[decision.candidate] == place) for place, decision in enumerate(new)],
    )
    return len(new)


def decisions(store: Store, candidate: str) -> list[Decision]:
    """Every decision on a candidate, oldest first; the last one holds."""
    with store.read() as connection:
        query = select(table).where(table.c.candidate_id == candidate).order_by(table.c.id)
        return [_decision(row) for row in connection.execute(query)]


def current_decisions(connection: Connection, ids: Iterable[str]) -> dict[str, Decision]:
    """The decisions that hold, by candidate."""
    found: dict[str, Decision] = {}
    for chunk in chunks(dict.fromkeys(ids), 1000):
        query = select(table).where(table.c.candidate_id.in_(chunk), table.c.current)
        found.update((row.candidate_id, _decision(row)) for row in connection.execute(query))
    return found


def _says(decision: Decision) -> tuple[str, str, str, str]:
    return (
        str(decision.verdict),
        storable(decision.author),
        storable(decision.text),
        storable(decision.comment),
    )


def _row(decision: Decision, current: bool) -> dict[str, Any]:
    verdict, author, text, comment = _says(decision)
    return {
        "candidate_id": decision.candidate,
        "verdict": verdict,
        "author": author,
        "text": text,
        "comment": comment,
        "score": decision.score,
        "probability": decision.probability,
        "ranker": decision.ranker,
        "revision": decision.revision,
        "at": decision.at,
        "current": current,
    }


def _decision(row: Any) -> Decision:
    return Decision(
        row.candidate_id,
        Verdict(row.verdict),
        row.author,
        row.text,
        row.at,
        row.comment,
        row.score,
        row.probability,
        row.ranker,
        row.revision,
    )
