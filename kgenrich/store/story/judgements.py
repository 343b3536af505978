"""What people said of proposals, one by one: who, when, how probable it was, and what it rested
on. What was taken back, and what rules decided, is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, select

from kgenrich.model import TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.keys import rows_with
from kgenrich.store.story.conditions import is_current
from kgenrich.store.story.opinions import KNOWN, subject
from kgenrich.store.story.policies import POLICY_AUTHOR
from kgenrich.store.tables import decisions as table
from kgenrich.store.tables import evidence, known_terms, proposals, sources

_IDS = msgspec.json.Decoder(list[str])
_TEXTS = msgspec.json.Decoder(tuple[str, ...])


class Judgement(Struct, frozen=True):
    """What somebody said last of a candidate. ``subject`` is what it is compared by with what
    others say: a term, of aliases a candidate. ``holds``: it is the decision. Of a known term
    ``held`` are the names that are right."""

    author: str
    candidate: str
    subject: str
    language: str
    kind: TermKind
    verdict: Verdict
    text: str
    probability: float
    ranker: str
    at: str
    action: str
    holds: bool
    sources: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


def judgements(store: Store) -> list[Judgement]:
    """All of them, in the order in which they were said."""
    with store.read() as connection:
        query = select(table).where(table.c.undoes == "").order_by(table.c.id)
        said = [r for r in connection.execute(query) if not r.author.startswith(POLICY_AUTHOR)]
        undone = _undone(connection)
        last: dict[tuple[str, str], Row[Any]] = {}
        for row in said:
            if row.batch not in undone:
                last.pop((row.author, row.candidate_id), None)
                last[row.author, row.candidate_id] = row
        rested = _rested(connection, {row.candidate_id for row in last.values()})
        known = {
            row.candidate_id: row
            for row in connection.execute(
                select(known_terms.c.candidate_id, known_terms.c.sources, known_terms.c.held)
            )
        }
        names = {row.id: row.name for row in connection.execute(select(sources))}
    found = []
    for row in last.values():
        language, kind = store.slots.term(row.slot)
        mine = known.get(row.candidate_id) if row.opinion == KNOWN else None
        numbers = map(int, mine.sources.split()) if mine else rested.get(row.candidate_id, ())
        found.append(
            Judgement(
                row.author,
                row.candidate_id,
                ":".join(map(str, subject(row.entity_key, row.slot, row.candidate_id))),
                language,
                kind,
                Verdict(row.verdict),
                row.text,
                row.probability,
                row.ranker,
                row.at,
                row.batch,
                bool(row.current),
                tuple(sorted({names[number] for number in numbers if number in names})),
                _TEXTS.decode(mine.held) if mine else (),
            )
        )
    return found


def _undone(connection: Connection) -> set[str]:
    """The actions that were taken back, and not again."""
    query = select(table.c.undoes, table.c.batch).where(table.c.undoes != "").distinct()
    undoers: Mapping[str, list[str]] = defaultdict(list)
    for undone, by in connection.execute(query):
        undoers[undone].append(by)

    def is_undone(batch: str) -> bool:
        return any(not is_undone(one) for one in undoers.get(batch, ()))

    return {batch for batch in undoers if is_undone(batch)}


def _rested(connection: Connection, candidates: Iterable[str]) -> dict[str, set[int]]:
    """The numbers of the sources that candidates rest on."""
    query = select(proposals.c.candidate_id, proposals.c.evidence).where(is_current(proposals))
    rows = rows_with(connection, query, proposals.c.candidate_id, candidates)
    listed = {row.candidate_id: _IDS.decode(row.evidence) for row in rows}
    query = select(evidence.c.id, evidence.c.source_id)
    ids = chain.from_iterable(listed.values())
    told = {row.id: row.source_id for row in rows_with(connection, query, evidence.c.id, ids)}
    return {one: {told[id] for id in mine if id in told} for one, mine in listed.items()}
