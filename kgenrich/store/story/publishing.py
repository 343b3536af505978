"""What was published: batches of edits, one an entity, each with the terms that it changes.

An edit is noted as ``sending`` before it is sent, and as ``written`` when its answer is there: what
a killed process leaves as ``sending`` may have arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, and_, exists, func, insert, select, update

from kgenrich.errors import UsageError
from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_ids, entity_key, rows_with
from kgenrich.store.rows import as_json, from_row, storable
from kgenrich.store.story.conditions import is_accepted
from kgenrich.store.tables import decisions, publish_batches, publish_edits, publish_terms
from kgenrich.store.term_slots import KIND_CODES

_PAGE = 200


class PublishState(StrEnum):
    """Where an edit, or a term of it, stands. The last four are ends: the target has the term
    without us, has another one, or refused it; or it was withdrawn before it was sent."""

    PLANNED = "planned"
    SENDING = "sending"
    WRITTEN = "written"
    THERE = "there"
    TAKEN = "taken"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = (PublishState.PLANNED, PublishState.SENDING)
"""The states of what is still to be done."""


class PublishTerm(Struct, frozen=True, kw_only=True):
    """A term that an edit changes: ``before`` gives way to ``after``, either of them empty for
    none. It rests on the ``decision`` (its number) on a ``candidate``."""

    candidate: str
    decision: int
    language: str
    kind: TermKind
    before: str = ""
    after: str = ""
    state: PublishState = PublishState.PLANNED
    reason: str = ""


class PublishEdit(Struct, frozen=True, kw_only=True):
    """All that is changed in an entity at once. ``base`` is the revision that it is based on,
    ``revision`` the one that it made (0: none), ``sent`` when it was sent last (seconds since 1970;
    0: never), ``message`` what the target said."""

    place: int
    entity: str
    terms: tuple[PublishTerm, ...]
    summary: str = ""
    base: int = 0
    state: PublishState = PublishState.PLANNED
    revision: int = 0
    sent: float = 0.0
    message: str = ""


class PublishBatch(Struct, frozen=True, kw_only=True):
    """Edits that were planned together. ``id`` has 12 hexadecimal digits, ``reverts`` is the batch
    that it undoes (empty: none), ``interface`` is ``action``, ``rest`` or ``sparql``, ``target`` an
    address (empty: not known yet)."""

    id: str
    interface: str
    target: str
    author: str
    at: str
    summary: str = ""
    reverts: str = ""
    scope: dict[str, Any] = {}


def save_batch(store: Store, batch: PublishBatch, edits: Iterable[PublishEdit]) -> None:
    """Keep a new batch."""
    store.number_languages({term.language for edit in edits for term in edit.terms})
    values = {name: getattr(batch, name) for name in batch.__struct_fields__ if name != "scope"}
    values = {name: storable(value) for name, value in values.items()}

    def work(connection: Connection) -> None:
        connection.execute(insert(publish_batches).values(**values, scope=as_json(batch.scope)))
        for chunk in chunks(edits, 500):
            connection.execute(
                insert(publish_edits), [{"batch": batch.id, **_edit_row(edit)} for edit in chunk]
            )
            connection.execute(
                insert(publish_terms),
                [
                    {"batch": batch.id, "place": edit.place, **_term_row(store, ord, term)}
                    for edit in chunk
                    for ord, term in enumerate(edit.terms)
                ],
            )

    store.write(work)
    store.analyze()


def save_edit(store: Store, batch: str, edit: PublishEdit) -> None:
    """Keep where an edit stands, with its terms."""

    def work(connection: Connection) -> None:
        here = publish_edits.c.batch == batch, publish_edits.c.place == edit.place
        connection.execute(update(publish_edits).where(*here).values(**_edit_row(edit)))
        for ord, term in enumerate(edit.terms):
            c = publish_terms.c
            here = c.batch == batch, c.place == edit.place
            values = {"state": str(term.state), "reason": storable(term.reason)}
            connection.execute(update(publish_terms).where(*here, c.ord == ord).values(**values))

    store.write(work)


def withdraw(store: Store, batch: str, reason: str) -> int:
    """Have what was not sent yet never be sent; how many edits those are."""

    def work(connection: Connection) -> int:
        e, t = publish_edits.c, publish_terms.c
        open_ones = e.batch == batch, e.state == str(PublishState.PLANNED)
        values = {"state": str(PublishState.WITHDRAWN)}
        same = exists().where(*open_ones, e.place == t.place)
        query = update(publish_terms).where(t.batch == batch, t.state == "planned", same)
        connection.execute(query.values(**values, reason=reason))
        query = update(publish_edits).where(*open_ones)
        return connection.execute(query.values(**values, message=reason)).rowcount

    return store.write(work)


def batches(store: Store, limit: int | None = None) -> list[PublishBatch]:
    """The batches, the last first."""
    query = select(publish_batches).order_by(
        publish_batches.c.at.desc(), publish_batches.c.id.desc()
    )
    with store.read() as connection:
        return [_batch(row) for row in connection.execute(query.limit(limit))]


def find_batch(store: Store, name: str) -> PublishBatch:
    """The batch of this id, or whose id begins so. Raises `UsageError` where there is none or more
    than one."""
    query = select(publish_batches).where(
        publish_batches.c.id.startswith(name.lower(), autoescape=True)
    )
    with store.read() as connection:
        found = connection.execute(query.limit(2)).all()
    if not name or not found:
        raise UsageError(
            f"There is no batch {name[:50]!r}: `kgenrich publish status` lists those that there "
            "are, `kgenrich publish plan` makes one."
        )
    if len(found) > 1:
        raise UsageError(f"More than one batch begins with {name!r}: give more of its id.")
    return _batch(found[0])


def reverting(store: Store, batch: str) -> list[PublishBatch]:
    """The batches that undo this one, the last first."""
    return [one for one in batches(store) if one.reverts == batch]


def edits_of(
    store: Store, batch: str, states: Collection[PublishState] = ()
) -> Iterator[PublishEdit]:
    """The edits of a batch in their order, in these states or in all of them. Each page is read on
    its own, so that edits may be kept meanwhile."""
    c, after = publish_edits.c, -1
    while True:
        query = select(publish_edits).where(c.batch == batch, c.place > after)
        if states:
            query = query.where(c.state.in_([str(state) for state in states]))
        with store.read() as connection:
            rows = connection.execute(query.order_by(c.place).limit(_PAGE)).all()
            found = _with_terms(store, connection, batch, rows)
        if not found:
            return
        yield from found
        after = found[-1].place


class BatchCounts(Struct, frozen=True):
    """How many edits and terms of a batch are in which state."""

    edits: dict[str, int]
    terms: dict[str, int]

    @property
    def left(self) -> int:
        """How many edits are still to be sent."""
        return sum(self.edits.get(state, 0) for state in OPEN)


def count_batch(store: Store, batch: str) -> BatchCounts:
    """How far a batch is."""
    found: list[Counter[str]] = []
    with store.read() as connection:
        for table in (publish_edits, publish_terms):
            query = select(table.c.state, func.count()).where(table.c.batch == batch)
            rows = connection.execute(query.group_by(table.c.state)).all()
            found.append(Counter({row[0]: row[1] for row in rows}))
    order = [state for state in PublishState if any(state in one for one in found)]
    edits, terms = ({str(s): one[s] for s in order if one[s]} for one in found)
    return BatchCounts(edits, terms)


def last_sent(store: Store, target: str) -> float:
    """When an edit was last sent to a target, in seconds since 1970; 0 for never."""
    query = (
        select(func.max(publish_edits.c.sent))
        .join(publish_batches, publish_batches.c.id == publish_edits.c.batch)
        .where(publish_batches.c.target == target)
    )
    with store.read() as connection:
        return connection.execute(query).scalar_one() or 0.0


def accepted_decisions(store: Store, candidates: Collection[str]) -> dict[str, int]:
    """The numbers of the decisions that hold and make a term of a candidate, by candidate."""
    query = select(decisions.c.candidate_id, decisions.c.id).where(is_accepted())
    with store.read() as connection:
        rows = rows_with(connection, query, decisions.c.candidate_id, candidates)
        return {row.candidate_id: row.id for row in rows}


def holding(store: Store, numbers: Collection[int]) -> set[int]:
    """Those of the decisions that hold and make a term of their candidate."""
    query = select(decisions.c.id).where(is_accepted())
    with store.read() as connection:
        return {row.id for row in rows_with(connection, query, decisions.c.id, numbers)}


def still_holds(connection: Connection, number: int) -> bool:
    """Whether a decision holds and makes a term of its candidate."""
    query = select(decisions.c.id).where(is_accepted(), decisions.c.id == number)
    return connection.execute(query).first() is not None


def planned_decisions(store: Store, numbers: Collection[int]) -> set[int]:
    """Those of the decisions that are in a batch, sent or not, and were not withdrawn."""
    c = publish_terms.c
    query = (
        select(c.decision_id)
        .join(publish_batches, publish_batches.c.id == c.batch)
        .where(c.state != str(PublishState.WITHDRAWN), publish_batches.c.reverts == "")
    )
    with store.read() as connection:
        return {row.decision_id for row in rows_with(connection, query, c.decision_id, numbers)}


def _edit_row(edit: PublishEdit) -> dict[str, Any]:
    return {
        "place": edit.place,
        "entity_key": entity_key(edit.entity),
        "state": str(edit.state),
        "summary": storable(edit.summary),
        "message": storable(edit.message),
        "base": edit.base,
        "revision": edit.revision,
        "sent": edit.sent,
    }


def _term_row(store: Store, ord: int, term: PublishTerm) -> dict[str, Any]:
    return {
        "ord": ord,
        "candidate_id": term.candidate,
        "decision_id": term.decision,
        "slot": store.slots.labels[term.language] + KIND_CODES[term.kind],
        "before": storable(term.before),
        "after": storable(term.after),
        "state": str(term.state),
        "reason": storable(term.reason),
    }


def _with_terms(
    store: Store, connection: Connection, batch: str, rows: Sequence[Row[Any]]
) -> list[PublishEdit]:
    c = publish_terms.c
    places = [row.place for row in rows]
    query = select(publish_terms).where(and_(c.batch == batch, c.place.in_(places)))
    terms: dict[int, list[PublishTerm]] = {place: [] for place in places}
    for row in connection.execute(query.order_by(c.place, c.ord)):
        language, kind = store.slots.term(row.slot)
        terms[row.place].append(
            from_row(
                PublishTerm,
                row,
                candidate=row.candidate_id,
                decision=row.decision_id,
                language=language,
                kind=kind,
                state=PublishState(row.state),
            )
        )
    ids = entity_ids(connection, {row.entity_key for row in rows})
    return [
        from_row(
            PublishEdit,
            row,
            entity=ids[row.entity_key],
            terms=tuple(terms[row.place]),
            state=PublishState(row.state),
        )
        for row in rows
    ]


def _batch(row: Row[Any]) -> PublishBatch:
    return from_row(PublishBatch, row, scope=msgspec.json.decode(row.scope))
