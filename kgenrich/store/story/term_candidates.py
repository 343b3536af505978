"""All that is proposed for the terms that candidates stand for, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_key, rows_with
from kgenrich.store.story.conditions import is_current
from kgenrich.store.story.proposals import StoredProposal, read_proposals
from kgenrich.store.tables import candidates, proposals, sources

Term = tuple[str, str, TermKind]
"""An entity, a language and a kind."""


def proposals_beside(store: Store, ids: Iterable[str]) -> dict[str, list[StoredProposal]]:
    """The current proposals for the term of each candidate, by rank, by the ids of the candidates
    that there are."""
    columns = (candidates.c.id, candidates.c.entity_key, candidates.c.slot)
    with store.read() as connection:
        rows = rows_with(connection, select(*columns), candidates.c.id, ids)
        places = {row.id: (row.entity_key, row.slot) for row in rows}
        proposed = _proposed(store, connection, set(places.values()))
    return {id: proposed[place] for id, place in places.items() if place in proposed}


def first_candidates(store: Store, terms: Iterable[Term]) -> dict[Term, str]:
    """The id of the first candidate for each of the terms that has one."""
    places = {
        (entity_key(entity), slot): (entity, language, kind)
        for entity, language, kind in terms
        if (slot := store.slots.slot(language, kind)) is not None
    }
    with store.read() as connection:
        proposed = _proposed(store, connection, places.keys())
    return {places[place]: rows[0].proposal.candidate.id for place, rows in proposed.items()}


def source_licences(store: Store) -> dict[str, str]:
    """The licences of what sources give, by their names."""
    with store.read() as connection:
        rows = connection.execute(select(sources.c.name, sources.c.licence))
        return {row.name: row.licence for row in rows}


def _proposed(
    store: Store, connection: Connection, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], list[StoredProposal]]:
    slots = sorted({slot for _, slot in places})
    query = select(proposals).where(is_current(proposals), proposals.c.slot.in_(slots))
    found = rows_with(connection, query, proposals.c.entity_key, (key for key, _ in places))
    rows = sorted(
        (row for row in found if (row.entity_key, row.slot) in places),
        key=lambda row: (row.rank, row.candidate_id),
    )
    proposed: dict[tuple[int, int], list[StoredProposal]] = {}
    for row, stored in zip(rows, read_proposals(store, connection, rows), strict=True):
        proposed.setdefault((row.entity_key, row.slot), []).append(stored)
    return proposed
