"""Known terms: proposals of what the graph has, shown among the others so that nobody can tell, to
measure people and probabilities. They are never written and never counted: they lie in a table of
their own, and what is said of them is kept as an opinion that nothing comes of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row, delete, exists, func, insert, select, true

from kgenrich.model import Decision, Proposal, content_id
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_key, rows_with
from kgenrich.store.story.answers import add_candidates, add_evidence, can_keep, pieces_of
from kgenrich.store.story.conditions import DECIDING, is_current
from kgenrich.store.story.leases import take
from kgenrich.store.story.opinions import KNOWN, is_standing, read_opinion
from kgenrich.store.story.policies import read_policies
from kgenrich.store.story.proposals import StoredProposal, find_proposal
from kgenrich.store.story.queue import QueueFilter, filter_conditions
from kgenrich.store.story.queue_counts import Item, packed
from kgenrich.store.story.queue_upkeep import OPEN, settle
from kgenrich.store.story.runs import now
from kgenrich.store.tables import classes, decisions, entities, leases, meta, proposals, skips
from kgenrich.store.tables import known_terms as table
from kgenrich.store.tables import sources as sources_table

RIVAL = "rival"
"""The state of a further proposal for a known term."""
_SHARE = "review known terms"
_NEAR = 20


class KnownTerm(Struct, frozen=True):
    """Proposals for a term that the graph has, the best first, and the names that are right."""

    proposals: tuple[Proposal, ...]
    held: tuple[str, ...]


def save_known(store: Store, run_id: int, known: Sequence[KnownTerm]) -> int:
    """Keep known terms, but for those of which something was proposed; how many are new."""
    store.number_languages(one.proposals[0].candidate.language for one in known)

    def work(connection: Connection) -> int:
        new = 0
        for chunk in chunks(known, 100):
            every = {p.candidate.id: p for one in chunk for p in one.proposals}
            met = set(_met(connection, every))
            kept = [one for one in chunk if not met & {p.candidate.id for p in one.proposals}]
            for one in kept:
                _add(store, connection, run_id, one)
            new += len(kept)
        return new

    return store.write(work)


def _met(connection: Connection, ids: Iterable[str]) -> Iterable[str]:
    for kept, where in (
        (proposals.c.candidate_id, is_current(proposals)),
        (decisions.c.candidate_id, true()),
        (table.c.candidate_id, true()),
    ):
        yield from (row[0] for row in rows_with(connection, select(kept).where(where), kept, ids))


def _add(store: Store, connection: Connection, run_id: int, known: KnownTerm) -> None:
    at, every = now(), [p for p in known.proposals if can_keep(p.candidate)]
    add_candidates(store, connection, run_id, [p.candidate for p in every], at)
    pieces = pieces_of(p.candidate for p in every)
    add_candidates(store, connection, run_id, [one.candidate for one in pieces], at)
    add_evidence(connection, run_id, pieces, at)
    key = entity_key(every[0].candidate.entity)
    links = connection.execute(select(entities.c.links).where(entities.c.key == key)).scalar() or 0
    of = select(classes.c.class_key).where(classes.c.entity_key == key)
    belongs = packed(connection.execute(of).scalars())
    numbers = {row.name: row.id for row in connection.execute(select(sources_table))}
    rows = []
    for place, one in enumerate(every):
        candidate = one.candidate
        slot = store.slots.slot(candidate.language, candidate.kind) or 0
        rested = {numbers[piece.source] for piece in candidate.evidence if piece.source in numbers}
        rows.append(
            {
                "candidate_id": candidate.id,
                "entity_key": key,
                "slot": slot,
                "language": slot >> 2,
                "links": links,
                "probability": one.probability,
                "state": RIVAL if place else OPEN,
                "classes": belongs,
                "sources": packed(rested),
                "codes": packed(one.codes),
                "proposal": msgspec.json.encode(one).decode(),
                "held": msgspec.json.encode(known.held).decode(),
                "at": at,
            }
        )
    connection.execute(insert(table), rows)


def set_share(store: Store, share: float) -> None:
    """Have this share of what people are shown be known terms."""

    def work(connection: Connection) -> None:
        connection.execute(delete(meta).where(meta.c.key == _SHARE))
        if share:
            connection.execute(insert(meta).values(key=_SHARE, value=str(share)))

    store.write(work)


def known_share(store: Store) -> float:
    """The share of what people are shown that is known."""
    with store.read() as connection:
        return _share(connection)


def _share(connection: Connection) -> float:
    told = connection.execute(select(meta.c.value).where(meta.c.key == _SHARE)).scalar()
    return float(told or 0)


def count_known(store: Store) -> int:
    """How many known terms there are."""
    query = select(func.count()).select_from(table).where(table.c.state == OPEN)
    with store.read() as connection:
        return int(connection.execute(query).scalar_one())


def find_shown(store: Store, candidate: str) -> StoredProposal:
    """The proposal of a candidate that people are shown, of a known term or not, as
    `find_proposal`."""
    prefix = candidate.strip().lower()
    with store.read() as connection:
        query = select(table).where(table.c.candidate_id.between(prefix, prefix + "g"))
        rows = connection.execute(query.limit(2)).all()
        if len(rows) == 1 and prefix:
            return _stored(connection, rows[0])
    return find_proposal(store, candidate)


def known_rivals(store: Store, candidate: str) -> list[StoredProposal]:
    """All proposals for the known term of a candidate, the best first."""
    with store.read() as connection:
        mine = connection.execute(select(table).where(table.c.candidate_id == candidate)).first()
        if mine is None:
            return []
        same = (table.c.entity_key == mine.entity_key, table.c.slot == mine.slot)
        rows = connection.execute(select(table).where(*same)).all()
        return sorted((_stored(connection, row) for row in rows), key=lambda one: one.proposal.rank)


def _stored(connection: Connection, row: Row[Any]) -> StoredProposal:
    proposal = msgspec.json.decode(row.proposal, type=Proposal)
    held = msgspec.json.decode(row.held, type=tuple[str, ...])
    said = _said(connection, [row.candidate_id])
    policy = read_policies(connection).of(row.slot, row.candidate_id)
    deciding = [one for one in said if one.verdict in DECIDING]
    is_done = len({one.author for one in deciding}) >= max(policy.reviewers, 1)
    last = replace(deciding[-1], opinion="") if is_done and deciding else None
    return StoredProposal(row.candidate_id, proposal, 0, last, row.at, 0, held=held)


def _said(connection: Connection, ids: Sequence[str]) -> list[Decision]:
    """What people say of known candidates and stand to."""
    query = select(decisions).where(is_standing(), decisions.c.opinion == KNOWN)
    rows = rows_with(connection, query, decisions.c.candidate_id, ids)
    return [read_opinion(row).decision for row in sorted(rows, key=lambda row: row.id)]


def known_item(store: Store, candidate: str) -> Item | None:
    """A known term as an item of the queue."""
    columns = (table.c[name] for name in Item._fields)
    with store.read() as connection:
        query = select(*columns).where(table.c.candidate_id == candidate, table.c.state == OPEN)
        row = connection.execute(query).first()
        return None if row is None else Item(*row)


def due(
    store: Store, chosen: QueueFilter, first: Item, reviewer: str, moment: float
) -> Item | None:
    """The known term that a reviewer is to see before an item of the queue, if it is time for one:
    the same until they have said or put off something. It is one of nearly as many links that the
    filter lets through and that nobody has in front of them."""
    if chosen.ids or OPEN not in chosen.states:
        return None
    settle(store)
    with store.read() as connection:
        share = _share(connection)
        if not share or not _is_time(connection, reviewer, share):
            return None
        columns = [table.c[name] for name in Item._fields]
        where = [*filter_conditions(store, connection, chosen, table), table.c.state == OPEN]
        mine = table.c.candidate_id
        where.append(~exists().where(skips.c.reviewer == reviewer, skips.c.candidate_id == mine))
        others = (leases.c.reviewer != reviewer, leases.c.until > moment)
        where.append(~exists().where(leases.c.candidate_id == mine, *others))
        above = select(*columns).where(*where, table.c.links >= first.links)
        below = select(*columns).where(*where, table.c.links < first.links)
        found = [
            Item(*row)
            for query in (
                above.order_by(table.c.links, mine),
                below.order_by(table.c.links.desc(), mine),
            )
            for row in connection.execute(query.limit(_NEAR))
        ]
        policies = read_policies(connection)
        said: dict[str, set[str]] = {}
        for one in _said(connection, [item.candidate_id for item in found]):
            said.setdefault(one.candidate, set()).add(one.author)
    for item in found:
        people = said.get(item.candidate_id, set())
        policy = policies.of(item.slot, item.candidate_id)
        if reviewer not in people and len(people) < max(policy.reviewers, 1):
            return item
    return None


def take_due(
    store: Store, chosen: QueueFilter, first: Item, reviewer: str, moment: float
) -> Item | None:
    """As `due`; the reviewer has it for a while."""
    item = due(store, chosen, first, reviewer, moment)
    if item is None or take(store, item.candidate_id, reviewer, moment) != reviewer:
        return None
    return item


def _is_time(connection: Connection, reviewer: str, share: float) -> bool:
    """By a hash of what the reviewer has done so far, so that it stays until they do more."""
    last = select(func.max(decisions.c.id)).where(decisions.c.author == reviewer)
    passed = select(func.count()).select_from(skips).where(skips.c.reviewer == reviewer)
    done = (str(connection.execute(query).scalar() or 0) for query in (last, passed))
    return int(content_id("known", reviewer, *done)[:8], 16) < share * 2**32
