"""Keeping the review queue: which candidate of a term is to be decided next, and the counts.

Whoever writes proposals or decisions refreshes the entities that these are about in the same
transaction. A load only marks those that have proposals; the next who reads the queue settles them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select

from kgenrich.model import Verdict
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, rows_with
from kgenrich.store.story.conditions import DECIDING, is_current, is_forbidden, is_open
from kgenrich.store.story.opinions import Opinion, is_disagreement, standing, subject
from kgenrich.store.story.queue_counts import (
    DECIDED,
    DECIDED_BY,
    Item,
    Place,
    count,
    decided_place,
    packed,
    places,
)
from kgenrich.store.tables import (
    classes,
    decisions,
    entities,
    evidence,
    is_alive,
    proposals,
    queue,
    queue_counts,
    unsettled,
)

OPEN = "open"
"""The state of an item that nobody said anything of."""
SECOND, DISAGREEMENT = "second", "disagreement"
"""The states of items that somebody has an opinion of: others are asked, or opinions contradict
each other."""
_STATES = {str(Verdict.UNSURE): "unsure", str(Verdict.DISCUSS): "discuss"}
"""What an undecided item is after these verdicts."""
STATES = (OPEN, SECOND, *_STATES.values(), DISAGREEMENT)
_TOGETHER = 500
_IDS = msgspec.json.Decoder(list[str])


def refresh(connection: Connection, keys: Iterable[int]) -> None:
    """Bring the queue of entities up to what their proposals, decisions and terms say now.

    Their rows are locked until the transaction ends, so that nobody brings in a term, a proposal
    or a decision meanwhile that this does not see.
    """
    for chunk in chunks(sorted(set(keys)), _TOGETHER):
        lock = select(entities.c.key).where(entities.c.key.in_(chunk)).order_by(entities.c.key)
        connection.execute(lock.with_for_update()).all()
        held = select(queue).where(queue.c.entity_key.in_(chunk))
        before = {Item(*row) for row in connection.execute(held)}
        after = set(_items(connection, chunk))
        _write(connection, before - after, after - before)


def _write(connection: Connection, gone: set[Item], new: set[Item]) -> None:
    bulk.remove(connection, queue, sorted(gone))
    bulk.add(connection, queue, sorted(new))
    changes: Counter[Place] = Counter()
    for item in new:
        changes.update(places(item))
    for item in gone:
        changes.subtract(places(item))
    count(connection, changes)


def _items(connection: Connection, keys: Sequence[int]) -> Iterator[Item]:
    """The queue that entities should have: of each term the best candidate that is open."""
    columns = ("entity_key", "slot", "candidate_id", "probability", "codes", "evidence")
    query = (
        select(*(proposals.c[name] for name in columns), entities.c.links)
        .join(entities, entities.c.key == proposals.c.entity_key)
        .where(proposals.c.entity_key.in_(keys), is_current(proposals), *is_alive())
        .where(~is_forbidden(), is_open())
        .order_by(proposals.c.rank.desc(), proposals.c.candidate_id.desc())
    )
    best: dict[tuple[int, int], Any] = {}
    for row in connection.execute(query).all():
        best[row.entity_key, row.slot] = row
    if not best:
        return
    ids = [row.candidate_id for row in best.values()]
    sources, states = _sources(connection, list(best.values())), _states(connection, ids)
    opinions: dict[tuple[int, int, str], list[Opinion]] = {}
    for opinion in standing(connection, (key for key, _ in best)):
        opinions.setdefault(opinion.subject, []).append(opinion)
    belongs: dict[int, list[int]] = {}
    of = select(classes.c.entity_key, classes.c.class_key)
    for member in rows_with(connection, of, classes.c.entity_key, (key for key, _ in best)):
        belongs.setdefault(member.entity_key, []).append(member.class_key)
    for (key, slot), row in best.items():
        yield Item(
            key,
            slot,
            row.candidate_id,
            slot >> 2,
            row.links,
            row.probability,
            _state(
                states.get(row.candidate_id, OPEN),
                opinions.get(subject(key, slot, row.candidate_id), ()),
            ),
            packed(belongs.get(key, ())),
            packed(sources[row.candidate_id]),
            packed(msgspec.json.decode(row.codes, type=list[str])),
        )


def _sources(connection: Connection, rows: Sequence[Any]) -> dict[str, set[int]]:
    """The numbers of the sources that each candidate's proposal rests on."""
    listed = {row.candidate_id: _IDS.decode(row.evidence) for row in rows}
    query = select(evidence.c.id, evidence.c.source_id)
    ids = chain.from_iterable(listed.values())
    told = {row.id: row.source_id for row in rows_with(connection, query, evidence.c.id, ids)}
    return {one: {told[id] for id in mine if id in told} for one, mine in listed.items()}


def _states(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    query = select(decisions.c.candidate_id, decisions.c.verdict).where(
        is_current(decisions), decisions.c.verdict.in_(_STATES)
    )
    rows = rows_with(connection, query, decisions.c.candidate_id, ids)
    return {row.candidate_id: _STATES[row.verdict] for row in rows}


def _state(said: str, opinions: Sequence[Opinion]) -> str:
    """The state of an item of which something was said, and of which people have opinions."""
    if is_disagreement(opinions):
        return DISAGREEMENT
    return SECOND if opinions and said == OPEN else said


def settle(store: Store) -> None:
    """Look at the entities that were loaded anew since the queue was last read."""
    if store.read_only:
        return
    marked = select(unsettled.c.entity_key).order_by(unsettled.c.entity_key).limit(_TOGETHER)

    def work(connection: Connection) -> int:
        keys = connection.execute(marked).scalars().all()
        refresh(connection, keys)
        connection.execute(delete(unsettled).where(unsettled.c.entity_key.in_(keys)))
        return len(keys)

    with store.read() as connection:
        is_settled = connection.execute(marked.limit(1)).first() is None
    while not is_settled:
        is_settled = store.write(work) < _TOGETHER


def rebuild(connection: Connection) -> None:
    """Fill the queue and its counts from the proposals and decisions alone."""
    for table in (queue, queue_counts, unsettled):
        connection.execute(delete(table))
    decided: Counter[Place] = Counter()
    for page in _pages(connection):
        refresh(connection, page)
        rows = connection.execute(
            select(*(decisions.c[name] for name in DECIDED_BY)).where(
                is_current(decisions),
                decisions.c.entity_key.in_(page),
                decisions.c.verdict.in_(DECIDING),
            )
        )
        decided.update(decided_place(**row._asdict()) for row in rows)
    count(connection, decided)


def wrong_entities(connection: Connection) -> int:
    """Of how many entities the queue is not what their proposals and decisions say; of those that
    wait to be settled nothing is expected. Of the counts, those that differ from the queue."""
    waiting = set(connection.execute(select(unsettled.c.entity_key)).scalars())
    wrong = 0
    expected: Counter[Place] = Counter()
    for page in _pages(connection):
        held = select(queue).where(queue.c.entity_key.in_(page))
        before = {Item(*row) for row in connection.execute(held)}
        differing = before ^ set(_items(connection, page))
        wrong += len({item.entity_key for item in differing} - waiting)
        for item in before:
            expected.update(places(item))
    query = select(queue_counts).where(queue_counts.c.facet != DECIDED, queue_counts.c.number != 0)
    counted = {tuple(row[:5]): row[5] for row in connection.execute(query)}
    return wrong + len(counted.items() ^ expected.items())


def _pages(connection: Connection) -> Iterator[Sequence[int]]:
    """The keys of the entities with proposals, decisions or items, in order."""
    parts = (
        (proposals.c.entity_key, is_current(proposals)),
        (decisions.c.entity_key, is_current(decisions)),
        (queue.c.entity_key, queue.c.slot >= 0),
    )
    last: int | None = None
    while True:
        found: set[int] = set()
        for key, condition in parts:
            query = select(key).where(condition).distinct().order_by(key).limit(_TOGETHER)
            found.update(
                connection.execute(query if last is None else query.where(key > last)).scalars()
            )
        page = sorted(found)[:_TOGETHER]
        if not page:
            return
        yield page
        last = page[-1]
