"""Terms to be written, with what helps to judge them: read a page at a time beside the terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import json
from msgspec.structs import asdict
from sqlalchemy import Connection, select

from kgenrich.model import Alternative, TermRow, ToldTermRow
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.keys import chunks, entity_key, rows_with
from kgenrich.store.story.conditions import is_current, is_open
from kgenrich.store.tables import candidates, evidence, proposals, sources, terms

_PAGE = 2000
_ALTERNATIVES = 5

Place = tuple[int, int]
"""The key of an entity and a slot."""


def told_rows(
    store: Store, rows: Iterable[TermRow], languages: Sequence[str]
) -> Iterator[ToldTermRow]:
    """The rows, in their order, with what helps to judge them; entities are named in the first of
    the languages that each has."""
    with store.read() as connection:
        store.ledger.read(connection)
    for page in chunks(rows, _PAGE):
        labels = StoreGraph(store).labels((row.entity for row in page), languages)
        with store.read() as connection:
            origins = _origins(store, connection, page)
            given = [row.candidate for row in page if row.candidate]
            reasons = _reasons(connection, given)
            named = _sources(connection, given)
            others = _others(connection, {_place(store, row) for row in page if row.candidate})
        for row in page:
            mine = labels.get(row.entity, {})
            language = next((code for code in languages if code in mine), "")
            place = _place(store, row)
            yield ToldTermRow(
                **asdict(row),
                source_label=mine.get(language, ""),
                source_language=language,
                reasons=reasons.get(row.candidate, ()),
                alternatives=tuple(one for id, one in others.get(place, ()) if id != row.candidate)[
                    :_ALTERNATIVES
                ]
                if row.candidate
                else (),
                origin=named.get(row.candidate, ())
                if row.candidate
                else origins.get((*place, row.text), ()),
            )


def doubts(store: Store, ids: Iterable[str]) -> dict[tuple[str, str], float]:
    """How probably labels of the graph are to be replaced, by entity and language: what the
    likeliest open proposal to do so says."""
    keys = {entity_key(id): id for id in ids}
    query = select(proposals.c.entity_key, proposals.c.slot, proposals.c.probability).where(
        is_current(proposals), proposals.c.replaces != "", is_open()
    )
    found: dict[tuple[str, str], float] = {}
    with store.read() as connection:
        for row in rows_with(connection, query, proposals.c.entity_key, keys):
            place = keys[row.entity_key], store.slots.language(row.slot)
            found[place] = max(found.get(place, 0.0), row.probability)
    return found


def _place(store: Store, row: TermRow) -> Place:
    return entity_key(row.entity), store.slots.slot(row.language, row.kind) or 0


def _origins(
    store: Store, connection: Connection, page: Sequence[TermRow]
) -> dict[tuple[int, int, str], tuple[str, ...]]:
    """Who says each asserted term."""
    keys = {entity_key(row.entity) for row in page if not row.candidate}
    slots = {_place(store, row)[1] for row in page if not row.candidate}
    query = select(terms.c.entity_key, terms.c.slot, terms.c.text, terms.c.said)
    ledger, names = store.ledger, {}
    found = {}
    for row in rows_with(connection, query, terms.c.entity_key, keys):
        if row.slot in slots:
            if row.said not in names:
                numbers = {origin for origin, _ in ledger.members.get(row.said, ())}
                names[row.said] = tuple(sorted(ledger.origins[one].name for one in numbers))
            found[row.entity_key, row.slot, row.text] = names[row.said]
    return found


def _reasons(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = select(proposals.c.candidate_id, proposals.c.reasons).where(is_current(proposals))
    rows = rows_with(connection, query, proposals.c.candidate_id, ids)
    return {row.candidate_id: json.decode(row.reasons, type=tuple[str, ...]) for row in rows}


def _sources(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The sources that gave each candidate."""
    query = select(evidence.c.candidate_id, sources.c.name).join(
        sources, sources.c.id == evidence.c.source_id
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows_with(connection, query, evidence.c.candidate_id, ids):
        found[row.candidate_id].add(row.name)
    return {id: tuple(sorted(names)) for id, names in found.items()}


def _others(
    connection: Connection, places: Iterable[Place]
) -> dict[Place, list[tuple[str, Alternative]]]:
    """What is proposed for the same terms, the likeliest first."""
    wanted = set(places)
    query = (
        select(
            proposals.c.entity_key,
            proposals.c.slot,
            proposals.c.candidate_id,
            proposals.c.probability,
            candidates.c.text,
        )
        .join(candidates, candidates.c.id == proposals.c.candidate_id)
        .where(is_current(proposals))
    )
    found: dict[Place, list[tuple[str, Alternative]]] = defaultdict(list)
    for row in rows_with(connection, query, proposals.c.entity_key, {key for key, _ in wanted}):
        if (row.entity_key, row.slot) in wanted:
            told = Alternative(row.text, row.probability)
            found[row.entity_key, row.slot].append((row.candidate_id, told))
    for mine in found.values():
        mine.sort(key=lambda one: (-one[1].probability, one[1].text))
    return found
