"""What exporters write: terms in entity order, and the story of those that were proposed.

Rows are read in one transaction, so that a file shows one state of the store however long it takes
to write, and stream, so that memory stays flat. An export of several readings takes them from one
`Store.snapshot`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

from msgspec import json
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Select, and_, insert, literal, null, or_, select

from kgenrich.model import (
    EVERYTHING,
    Call,
    EvidenceRow,
    ProvenanceRow,
    Scope,
    TermRow,
    TermState,
)
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_ids, rows_with
from kgenrich.store.rows import from_row
from kgenrich.store.scope import within
from kgenrich.store.story.answers import evidence_of
from kgenrich.store.story.conditions import (
    is_accepted,
    is_alias,
    is_current,
    is_forbidden,
    is_open,
    is_replacing,
    is_there_by_now,
)
from kgenrich.store.story.decisions import current_decisions
from kgenrich.store.story.proposals import StoredProposal, current_where, read_proposals
from kgenrich.store.story.runs import now
from kgenrich.store.tables import (
    calls,
    candidates,
    decisions,
    entities,
    evidence,
    exports,
    is_alive,
    proposals,
    sources,
    terms,
)

_STATES: tuple[TermState, ...] = ("asserted", "accepted", "proposed")
_PAGE = 2000
_STORIES = 500


def term_rows(
    store: Store,
    scope: Scope = EVERYTHING,
    *,
    states: Sequence[str] = ("asserted", "accepted"),
    minimum: float = 0.0,
    adopted: bool = False,
) -> Iterator[TermRow]:
    """Terms by entity key, slot, state and place; of asserted ones with ``adopted`` those alone
    that were accepted before the graph had them.

    Accepted terms are left out where the graph has got them by now (`overtaken` counts them); of
    proposed ones come the first choices that are open and that no validator forbids, at ``minimum``
    probability and above. An accepted label that replaces one of the graph takes its place; one
    that is only proposed to do so does not come beside it.
    """
    every = term_queries(store, scope, minimum, states)
    if adopted:
        every["asserted"] = _adopted(store, scope)
    with store.read() as connection:
        # A server that hands out rows as they are asked for needs a cursor each.
        streams: list[Iterator[Any]] = [
            chain.from_iterable(
                connection.execute(
                    every[state], execution_options={"yield_per": _PAGE}
                ).partitions()
            )
            for state in _STATES
            if state in states
        ]
        if "asserted" in states and "accepted" in states and not adopted:
            gone = _replaced(connection, every["accepted"])
            streams[0] = (row for row in streams[0] if (row[0], row[1], row[4]) not in gone)
        ordered = streams[0] if len(streams) == 1 else merge(*streams, key=itemgetter(0, 1, 2, 3))
        for page in chunks(ordered, _PAGE):
            ids = entity_ids(connection, {row[0] for row in page})
            for key, slot, state, _, wording, candidate, probability in page:
                term = store.slots.term(slot)
                yield TermRow(ids[key], *term, wording, _STATES[state], candidate, probability)


def provenance_rows(
    store: Store,
    scope: Scope = EVERYTHING,
    *,
    states: Sequence[str] = ("accepted", "proposed"),
    minimum: float = 0.0,
) -> Iterator[ProvenanceRow]:
    """The story of every accepted and proposed term of `term_rows`, in the same order; of asserted
    ones of those that were accepted before the graph had them."""
    with store.snapshot() as snapshot:
        rows = term_rows(snapshot, scope, states=states, minimum=minimum, adopted=True)
        for page in chunks(rows, _STORIES):
            with snapshot.read() as connection:
                yield from _stories(snapshot, connection, page)


def record_export(
    store: Store, run_id: int, format: str, path: str, rows: int, sha256: str
) -> None:
    """Note a file that was written; the same file of the same run only once."""
    values = {"run_id": run_id, "format": format, "path": path, "rows": rows, "sha256": sha256}
    same = select(exports.c.id).where(*(exports.c[name] == value for name, value in values.items()))

    def work(connection: Connection) -> None:
        if connection.execute(same).first() is None:
            connection.execute(insert(exports).values(**values, at=now()))

    store.write(work)


def was_exported(store: Store, sha256: str) -> bool:
    """Whether a file with this hash was once written, to whatever place."""
    query = select(exports.c.id).where(exports.c.sha256 == sha256).limit(1)
    with store.read() as connection:
        return connection.execute(query).first() is not None


def is_export(store: Store, path: str, sha256: str) -> bool:
    """Whether a file with this hash was once written to a place."""
    query = select(exports.c.path).where(exports.c.sha256 == sha256)
    with store.read() as connection:
        paths = connection.execute(query).scalars().all()
    return any(Path(each).resolve() == Path(path).resolve() for each in paths)


def term_queries(
    store: Store, scope: Scope, minimum: float, states: Sequence[str]
) -> dict[TermState, Select[Any]]:
    """By state the queries for key, slot, state, place, text, candidate and probability, as far as
    such terms stand beside those of the other ``states``."""
    place = terms.c.entity_key, terms.c.slot
    asserted = (
        select(*place, literal(0), terms.c.ord, terms.c.text, literal(""), null())
        .where(*within(store, scope, *place))
        .order_by(*place, terms.c.ord)
    )
    place, id = (decisions.c.entity_key, decisions.c.slot), decisions.c.candidate_id
    accepted = (
        select(*place, literal(1), id, decisions.c.text, id, decisions.c.probability)
        .join(entities, entities.c.key == decisions.c.entity_key)
        .where(is_accepted(), *is_alive(), *within(store, scope, *place))
        .where(~is_there_by_now(*place, decisions.c.text, decisions.c.replaces))
        .order_by(*place, id)
    )
    place, id = (proposals.c.entity_key, proposals.c.slot), proposals.c.candidate_id
    proposed = (
        select(*place, literal(2), id, candidates.c.text, id, proposals.c.probability)
        .join(candidates, candidates.c.id == id)
        .join(entities, entities.c.key == proposals.c.entity_key)
        .where(*current_where(store, scope, minimum), is_open(), *is_alive(), ~is_forbidden())
        .where(or_(is_alias(proposals.c.slot), proposals.c.rank == 1))
        .order_by(*place, id)
    )
    if "asserted" in states:
        proposed = proposed.where(proposals.c.replaces == "")
    return {"asserted": asserted, "accepted": accepted, "proposed": proposed}


def _adopted(store: Store, scope: Scope) -> Select[Any]:
    """As the queries of `term_queries`, for terms that were accepted and that the graph has."""
    place, id = (decisions.c.entity_key, decisions.c.slot), decisions.c.candidate_id
    same = and_(
        terms.c.entity_key == decisions.c.entity_key,
        terms.c.slot == decisions.c.slot,
        terms.c.text == decisions.c.text,
    )
    return (
        select(*place, literal(0), id, decisions.c.text, id, decisions.c.probability)
        .join(terms, same)
        .where(is_accepted(), *within(store, scope, *place))
        .order_by(*place, id)
    )


def _replaced(connection: Connection, accepted: Select[Any]) -> set[tuple[int, int, str]]:
    """Key, slot and text of the labels of the graph that accepted ones replace."""
    columns = (decisions.c.entity_key, decisions.c.slot, decisions.c.replaces)
    query = accepted.with_only_columns(*columns).where(is_replacing()).order_by(None)
    rows = connection.execute(query)
    return {(key, slot, text) for key, slot, text in rows}


def _stories(
    store: Store, connection: Connection, page: Sequence[TermRow]
) -> Iterator[ProvenanceRow]:
    ids = [row.candidate for row in page]
    query = select(proposals).where(proposals.c.candidate_id.in_(ids), is_current(proposals))
    rows = connection.execute(query).all()
    stored: dict[str, StoredProposal] = {
        found.proposal.candidate.id: found for found in read_proposals(store, connection, rows)
    }
    listed = {row.candidate_id: json.decode(row.evidence, type=list[str]) for row in rows}
    alone = [id for id in ids if id not in stored]
    said = _evidence(connection, evidence.c.candidate_id.in_(alone))
    decided = current_decisions(connection, alone)
    for chunk in chunks(dict.fromkeys(id for mine in listed.values() for id in mine), 1000):
        said |= _evidence(connection, evidence.c.id.in_(chunk))
    for term in page:
        found = stored.get(term.candidate)
        if found is None:
            mine = tuple(row for key, row in said.values() if key == term.candidate)
            yield ProvenanceRow(term, mine, decision=decided.get(term.candidate))
            continue
        kept = [said[id][1] for id in listed[term.candidate] if id in said]
        yield ProvenanceRow(
            term,
            tuple(
                replace(row, evidence=piece)
                for row, piece in zip(kept, found.proposal.candidate.evidence, strict=True)
            ),
            found.proposal,
            found.at,
            found.run_id,
            found.revision,
            found.decision,
        )


def _evidence(
    connection: Connection, where: ColumnElement[bool]
) -> dict[str, tuple[str, EvidenceRow]]:
    """The candidate and the row of evidence, by its id."""
    query = (
        select(evidence, sources.c.name, sources.c.kind, sources.c.licence.label("source_licence"))
        .join(sources, sources.c.id == evidence.c.source_id)
        .where(where)
    )
    rows = sorted(connection.execute(query), key=attrgetter("candidate_id", "name", "ord", "id"))
    asked = _calls(connection, {row.call for row in rows if row.call})
    return {
        row.id: (
            row.candidate_id,
            EvidenceRow(
                row.id,
                evidence_of(row),
                row.at,
                row.run_id,
                row.licence or row.source_licence,
                asked.get(row.call),
            ),
        )
        for row in rows
    }


def _calls(connection: Connection, fingerprints: Iterable[str]) -> dict[str, Call]:
    query = select(calls, sources.c.name).join(sources, sources.c.id == calls.c.source_id)
    rows = rows_with(connection, query, calls.c.fingerprint, fingerprints)
    return {row.fingerprint: from_row(Call, row, source=row.name) for row in rows}
