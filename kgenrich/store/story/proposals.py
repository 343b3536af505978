"""What the consensus said: one current proposal a candidate, older ones kept as history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, Literal, TypedDict, Unpack

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from kgenrich.errors import UsageError
from kgenrich.model import (
    EVERYTHING,
    Decision,
    Proposal,
    Scope,
    content_id,
    evidence_for,
)
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_key
from kgenrich.store.rows import as_json, from_row
from kgenrich.store.scope import within
from kgenrich.store.story.answers import (
    Piece,
    add_candidates,
    add_evidence,
    can_keep,
    pieces_of,
    read_candidates,
    read_evidence,
)
from kgenrich.store.story.conditions import is_current, is_decided, is_forbidden, is_open
from kgenrich.store.story.decisions import current_decisions
from kgenrich.store.story.queue_upkeep import refresh
from kgenrich.store.story.runs import now
from kgenrich.store.tables import entities, is_alive, known_terms
from kgenrich.store.tables import proposals as table

State = Literal["open", "decided", "all"]
_PAGE = 500


_IN_ORDER = attrgetter("entity_key", "slot", "rank", "candidate_id")


class StoredProposal(Struct, frozen=True, gc=False):
    """A proposal with its evidence, the revision of the entity that it was made for, and the
    decision that holds, if there is one; ``stale`` where what it rests on was changed since. Of a
    known term ``held`` are the names that are right."""

    id: str
    proposal: Proposal
    revision: int
    decision: Decision | None
    at: str
    run_id: int
    stale: bool = False
    held: tuple[str, ...] = ()


def save_proposals(
    store: Store,
    run_id: int,
    proposals: Sequence[Proposal],
    revisions: Mapping[str, int],
    change: int | None = None,
) -> int:
    """Keep proposals with their evidence, made for these revisions by entity id, and after this
    ``change`` of the graph (None: the last); gives back how many were not the current ones already.
    A new one takes the place of the current one of its candidate."""
    kept = [proposal for proposal in proposals if can_keep(proposal.candidate)]
    store.number_languages(proposal.candidate.language for proposal in kept)

    def work(connection: Connection) -> int:
        at = now()
        rows: dict[str, dict[str, Any]] = {}
        pieces: dict[str, list[Piece]] = {}
        for proposal in kept:
            key, revision = proposal.candidate.id, revisions.get(proposal.candidate.entity, 0)
            pieces[key] = pieces_of([proposal.candidate])
            rows[key] = _row(store, proposal, pieces[key], revision, run_id, at)
        add_candidates(store, connection, run_id, [p.candidate for p in kept], at)
        # What is missing is a known term no longer.
        _forget_known(connection, [*rows])
        new = [
            key
            for chunk in chunks(sorted(rows), 1000)
            for key in _save(connection, rows, chunk, change)
        ]
        given = [piece for key in new for piece in pieces[key]]
        spelled = [piece.candidate for piece in given if piece.evidence.spelling]
        add_candidates(store, connection, run_id, spelled, at)
        add_evidence(connection, run_id, given, at)
        refresh(connection, (rows[key]["entity_key"] for key in new))
        return len(new)

    return store.write(work) if kept else 0


def _forget_known(connection: Connection, ids: Sequence[str]) -> None:
    for chunk in chunks(ids, 1000):
        connection.execute(delete(known_terms).where(known_terms.c.candidate_id.in_(chunk)))


def _save(
    connection: Connection,
    rows: Mapping[str, dict[str, Any]],
    keys: Sequence[str],
    change: int | None,
) -> list[str]:
    """Make these proposals, by the ids of their candidates, the current ones; those that were not
    are given back."""
    holding = select(table.c.candidate_id, table.c.id, table.c.stale).where(
        table.c.candidate_id.in_(keys), is_current(table)
    )
    held = connection.execute(holding).all()
    current = {row.candidate_id: row.id for row in held}
    if again := [row.id for row in held if row.stale and (change is None or row.stale <= change)]:
        connection.execute(update(table).where(table.c.id.in_(again)).values(stale=0))
    new = [key for key in keys if current.get(key) != rows[key]["id"]]
    if not new:
        return []
    replaced = [current[key] for key in new if key in current]
    connection.execute(update(table).where(table.c.id.in_(replaced)).values(current=False))
    ids = [rows[key]["id"] for key in new]
    seen = set(connection.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars())
    values = {"current": True, "stale": 0}
    connection.execute(update(table).where(table.c.id.in_(seen)).values(values))
    if first := [rows[key] for key in new if rows[key]["id"] not in seen]:
        connection.execute(insert(table), first)
    return new


def _row(
    store: Store,
    proposal: Proposal,
    pieces: Sequence[Piece],
    revision: int,
    run_id: int,
    at: str,
) -> dict[str, Any]:
    candidate = proposal.candidate
    content = {
        "score": proposal.score,
        "votes": as_json({str(kind): n for kind, n in proposal.votes.items()}),
        "probability": proposal.probability,
        "ranker": proposal.ranker,
        "reasons": as_json(proposal.reasons),
        "codes": as_json(proposal.codes),
        "rank": proposal.rank,
        "evidence": as_json([piece.id for piece in pieces]),
        "revision": revision,
    }
    parts = [str(value) for value in content.values()]
    if proposal.replaces:
        parts.append(proposal.replaces)
    return {
        "id": content_id(candidate.id, *parts),
        "candidate_id": candidate.id,
        "entity_key": entity_key(candidate.entity),
        "slot": store.slots.slot(candidate.language, candidate.kind),
        **content,
        "run_id": run_id,
        "at": at,
        "current": True,
        "replaces": proposal.replaces,
        "stale": 0,
    }


class Filters(TypedDict, total=False):
    """What narrows current proposals: probability from ``minimum`` on and under ``below``,
    supported by at least ``from_kinds`` kinds of source; ``firsts`` are the first choices that
    nothing spoke against when they were made.

    ``open`` ones can still be decided: nobody did, and the entity is there (with ``gone`` also
    where it was deleted or merged) and has neither got another accepted label or description in
    their place nor one from the graph. A label that replaces one is open while the graph has that.
    """

    minimum: float
    below: float | None
    from_kinds: int
    firsts: bool
    state: State
    gone: bool


def proposals(
    store: Store,
    scope: Scope = EVERYTHING,
    *,
    limit: int | None = None,
    **filters: Unpack[Filters],
) -> Iterator[StoredProposal]:
    """Current proposals: the entities with most sitelinks first, then by key, language and kind,
    and rank. Those of entities that were never loaded come last."""
    with store.read() as connection:
        rows = islice(_rows(store, connection, scope, filters), limit)
        for page in chunks(rows, _PAGE if limit is None else min(_PAGE, limit)):
            yield from read_proposals(store, connection, page)


def _rows(
    store: Store, connection: Connection, scope: Scope, filters: Filters
) -> Iterator[Row[Any]]:
    """Entities are walked in their order, and for a page of them the proposals looked up: so none
    is read, and judged open, beyond those that are wanted."""
    query = _joined(select(table), store, scope, filters)
    such = current_where(store, Scope(scope.languages, scope.kinds), filters.get("minimum", 0.0))
    proposed = exists().where(table.c.entity_key == entities.c.key, *such)
    keys = (
        select(entities.c.key)
        .where(proposed, *within(store, scope, entities.c.key))
        .order_by(entities.c.links.desc(), entities.c.key)
    )
    found = connection.execute(keys, execution_options={"yield_per": _PAGE}).scalars()
    for page in chunks(found, _PAGE):
        by_key: dict[int, list[Row[Any]]] = {key: [] for key in page}
        for row in connection.execute(query.where(table.c.entity_key.in_(page))):
            by_key[row.entity_key].append(row)
        for mine in by_key.values():
            yield from sorted(mine, key=_IN_ORDER)
    yield from sorted(connection.execute(query.where(entities.c.key.is_(None))), key=_IN_ORDER)


def count_proposals(store: Store, scope: Scope = EVERYTHING, **filters: Unpack[Filters]) -> int:
    """How many `proposals` there are."""
    query = _joined(select(func.count()).select_from(table), store, scope, filters)
    with store.read() as connection:
        return int(connection.execute(query).scalar_one())


def _joined(query: Select[Any], store: Store, scope: Scope, filters: Filters) -> Select[Any]:
    joined = query.outerjoin(entities, entities.c.key == table.c.entity_key)
    return joined.where(*_where(store, scope, filters))


def _where(store: Store, scope: Scope, filters: Filters) -> list[ColumnElement[bool]]:
    where = current_where(store, scope, filters.get("minimum", 0.0))
    if (below := filters.get("below")) is not None:
        where.append(table.c.probability < below)
    if (kinds := filters.get("from_kinds", 1)) > 1:
        # The votes are a JSON object from kind to count, so each kind brings one colon.
        bare = func.replace(table.c.votes, ":", "")
        where.append(func.length(table.c.votes) - func.length(bare) >= kinds)
    if filters.get("firsts"):
        where += [table.c.rank == 1, ~is_forbidden()]
    state = filters.get("state", "all")
    if state == "open":
        where.append(is_open())
        if not filters.get("gone"):
            where += is_alive()
    elif state == "decided":
        where.append(is_decided())
    return where


def find_proposal(store: Store, candidate: str) -> StoredProposal:
    """The current proposal of a candidate, named by its id or the first digits of it.

    Raises `UsageError` when there is none, or more than one.
    """
    with store.read() as connection:
        return read_proposals(store, connection, [_find(connection, candidate)])[0]


def proposals_beside(store: Store, candidate: str) -> list[StoredProposal]:
    """The current proposal of a candidate, named as in `find_proposal`, and after it those of all
    others for its term, by rank. Raises as `find_proposal`."""
    with store.read() as connection:
        mine = _find(connection, candidate)
        query = select(table).where(
            is_current(table), table.c.entity_key == mine.entity_key, table.c.slot == mine.slot
        )
        rows = sorted(connection.execute(query), key=_IN_ORDER)
        others = [row for row in rows if row.id != mine.id]
        return read_proposals(store, connection, [mine, *others])


def _find(connection: Connection, candidate: str) -> Row[Any]:
    prefix = candidate.strip().lower()
    if not prefix or set(prefix) - set("0123456789abcdef"):
        raise UsageError(f"{candidate!r} is no candidate: ids are hexadecimal digits.")
    query = (
        select(table)
        .where(is_current(table), table.c.candidate_id.between(prefix, prefix + "g"))
        .limit(2)
    )
    rows = connection.execute(query).all()
    if not rows:
        raise UsageError(f"There is no proposal of a candidate {prefix}.")
    if len(rows) > 1:
        raise UsageError(f"More than one candidate begins with {prefix}: give more digits.")
    return rows[0]


def proposals_of(store: Store, candidates: Sequence[str]) -> list[StoredProposal]:
    """The current proposals of candidates, by their ids, as far as there are some."""
    query = select(table).where(is_current(table))
    found = []
    with store.read() as connection:
        for chunk in chunks(candidates, _PAGE):
            rows = connection.execute(query.where(table.c.candidate_id.in_(chunk))).all()
            found += read_proposals(store, connection, rows)
    order = {id: number for number, id in enumerate(candidates)}
    return sorted(found, key=lambda one: order[one.proposal.candidate.id])


def current_where(store: Store, scope: Scope, minimum: float) -> list[ColumnElement[bool]]:
    """The conditions that select current proposals."""
    where = [is_current(table), *within(store, scope, table.c.entity_key, table.c.slot)]
    if minimum > 0:
        where.append(table.c.probability >= minimum)
    return where


def read_proposals(
    store: Store, connection: Connection, rows: Sequence[Row[Any]]
) -> list[StoredProposal]:
    """Rows of the table as values, with their evidence and decisions."""
    ids = [row.candidate_id for row in rows]
    candidates = read_candidates(store, connection, ids)
    decided = current_decisions(connection, ids)
    listed = [_JSON["evidence"].decode(row.evidence) for row in rows]
    pieces = read_evidence(connection, [id for listing in listed for id in listing])
    stored = []
    for row, listing in zip(rows, listed, strict=True):
        candidate = candidates[row.candidate_id]
        given = evidence_for(candidate.text, (pieces[id] for id in listing if id in pieces))
        lists = {
            name: _JSON[name].decode(getattr(row, name)) for name in ("votes", "reasons", "codes")
        }
        proposal = from_row(Proposal, row, candidate=replace(candidate, evidence=given), **lists)
        decision = decided.get(candidate.id)
        told = {"proposal": proposal, "decision": decision, "stale": row.stale > 0}
        stored.append(from_row(StoredProposal, row, **told))
    return stored


_JSON: dict[str, msgspec.json.Decoder[Any]] = {
    "votes": msgspec.json.Decoder(dict[str, int]),
    "reasons": msgspec.json.Decoder(tuple[str, ...]),
    "codes": msgspec.json.Decoder(tuple[str, ...]),
    "evidence": msgspec.json.Decoder(list[str]),
}
