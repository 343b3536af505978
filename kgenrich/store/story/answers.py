"""What sources answered: calls, candidates and evidence, each kept once and for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from msgspec.structs import replace
from sqlalchemy import Connection, Row, and_, or_, select, update

from kgenrich.model import Call, Candidate, Evidence, SourceKind, content_id
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.keys import add_iris, chunks, entity_ids, entity_key, rows_with
from kgenrich.store.rows import as_row, from_row, storable
from kgenrich.store.story.runs import now
from kgenrich.store.tables import calls, candidates, evidence, sources


class SourceLike(Protocol):
    """What is kept of a source."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> SourceKind: ...
    @property
    def licence(self) -> str: ...


class AnswerLike(Protocol):
    """What is kept of an answer."""

    @property
    def candidates(self) -> tuple[Candidate, ...]: ...
    @property
    def call(self) -> Call | None: ...


def save_answers(
    store: Store, run_id: int, source: SourceLike, answers: Sequence[AnswerLike]
) -> None:
    """Keep answers in one transaction; what is there already is left as it is.

    A call that failed, or whose answer was of no use, gives way to one that was answered.
    Candidates whose text no database can keep are left out.
    """
    found = [candidate for answer in answers for candidate in answer.candidates]
    store.number_languages(candidate.language for candidate in found)
    asked = [answer.call for answer in answers if answer.call is not None]

    def work(connection: Connection) -> None:
        at = now()
        add_candidates(store, connection, run_id, found, at)
        _add_calls(connection, run_id, _register(connection, source), asked, at)
        given = [piece for answer in answers for piece in pieces_of(answer.candidates)]
        add_evidence(connection, run_id, given, at)

    store.write(work)


def known_answers(
    store: Store, source: str, fingerprints: Sequence[str], *, anew_in: int | None = None
) -> dict[str, tuple[Candidate, ...]]:
    """The candidates of calls that were answered, by fingerprint, in the order of the answer and
    with the evidence of that call alone; an answer without candidates, also one that could not be
    used, is an empty tuple. A run that asks useless ones ``anew_in`` itself knows its own alone."""
    known: dict[str, tuple[Candidate, ...]] = {}
    useless = calls.c.answer != ""
    if anew_in is not None:
        useless = and_(useless, calls.c.run_id == anew_in)
    answered_at_all = or_(calls.c.error == "", useless)
    with store.read() as connection:
        for chunk in chunks(dict.fromkeys(fingerprints), 1000):
            query = (
                select(calls.c.fingerprint)
                .join(sources, sources.c.id == calls.c.source_id)
                .where(calls.c.fingerprint.in_(chunk), sources.c.name == source, answered_at_all)
            )
            answered = list(connection.execute(query).scalars())
            rows = connection.execute(
                select(evidence.c.call, evidence.c.candidate_id, evidence.c.id)
                .where(evidence.c.call.in_(answered), evidence.c.call != "")
                .order_by(evidence.c.call, evidence.c.ord, evidence.c.id)
            ).all()
            pieces = read_evidence(connection, [row.id for row in rows])
            texts = read_candidates(store, connection, [row.candidate_id for row in rows])
            grouped: dict[str, dict[str, list[Evidence]]] = {mark: {} for mark in answered}
            for mark, candidate, piece in rows:
                grouped[mark].setdefault(candidate, []).append(pieces[piece][1])
            for mark, found in grouped.items():
                known[mark] = tuple(
                    replace(texts[candidate], evidence=tuple(said))
                    for candidate, said in found.items()
                )
    return known


class Piece(NamedTuple):
    """A piece of evidence with its id, the candidate as its source wrote it, and its place in what
    it came with."""

    id: str
    candidate: Candidate
    evidence: Evidence
    place: int


def pieces_of(candidates: Iterable[Candidate]) -> list[Piece]:
    """The evidence of candidates, in order."""
    every = [(candidate, piece) for candidate in candidates for piece in candidate.evidence]
    return [
        Piece(evidence_id(candidate, piece), _spelled(candidate, piece), piece, place)
        for place, (candidate, piece) in enumerate(every)
    ]


def _spelled(candidate: Candidate, piece: Evidence) -> Candidate:
    return replace(candidate, text=piece.spelling) if piece.spelling else candidate


_FIELDS = attrgetter(*(name for name in Evidence.__struct_fields__ if name != "spelling"))


def evidence_id(candidate: Candidate, piece: Evidence) -> str:
    """Content hash of a piece of evidence for a candidate: the same is never kept twice.

    Evidence for another spelling is that of the candidate so spelled.
    """
    return content_id(_spelled(candidate, piece).id, *map(str, _FIELDS(piece)))


def can_keep(candidate: Candidate) -> bool:
    """Whether a database can keep the text."""
    return storable(candidate.text) == candidate.text


def add_candidates(
    store: Store, connection: Connection, run_id: int, found: Iterable[Candidate], at: str
) -> None:
    """Add the candidates that are not there, and the IRIs of their entities."""
    rows: dict[str, dict[str, Any]] = {}
    for candidate in found:
        if can_keep(candidate):
            rows[candidate.id] = {
                "id": candidate.id,
                "entity_key": entity_key(candidate.entity),
                "slot": store.slots.slot(candidate.language, candidate.kind),
                "text": candidate.text,
                "run_id": run_id,
                "at": at,
            }
    add_iris(connection, {candidate.entity for candidate in found})
    bulk.add_missing(connection, candidates, [rows[id] for id in sorted(rows)])


def read_candidates(
    store: Store, connection: Connection, ids: Iterable[str]
) -> dict[str, Candidate]:
    """Candidates by id, without evidence."""
    rows = list(rows_with(connection, select(candidates), candidates.c.id, ids))
    names = entity_ids(connection, {row.entity_key for row in rows})
    return {
        row.id: Candidate(names[row.entity_key], *store.slots.term(row.slot), row.text)
        for row in rows
    }


def read_evidence(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, Evidence]]:
    """The text that evidence was given for, and the evidence, by its id."""
    query = (
        select(evidence, sources.c.name, sources.c.kind, candidates.c.text)
        .join(sources, sources.c.id == evidence.c.source_id)
        .join(candidates, candidates.c.id == evidence.c.candidate_id)
    )
    rows = rows_with(connection, query, evidence.c.id, ids)
    return {row.id: (row.text, evidence_of(row)) for row in rows}


def evidence_of(row: Row[Any]) -> Evidence:
    """A row of evidence, with the name and kind of its source, as a value."""
    return from_row(Evidence, row, source=row.name, kind=SourceKind(row.kind))


def _source_ids(connection: Connection, kinds: Mapping[str, SourceKind]) -> dict[str, int]:
    """The ids of all sources by name; those of ``kinds`` are added where they are not there."""
    query = select(sources.c.name, sources.c.id)
    ids = {row.name: row.id for row in connection.execute(query)}
    new = sorted(kinds.keys() - ids.keys())
    if new:
        rows = [{"name": name, "kind": str(kinds[name]), "licence": ""} for name in new]
        bulk.add_missing(connection, sources, rows)
        ids = {row.name: row.id for row in connection.execute(query)}
    return ids


def _register(connection: Connection, source: SourceLike) -> int:
    """The id of a source that answers, with its present kind and licence."""
    id = _source_ids(connection, {source.name: source.kind})[source.name]
    kind = str(source.kind)
    changed = or_(sources.c.kind != kind, sources.c.licence != source.licence)
    values = {"kind": kind, "licence": source.licence}
    connection.execute(update(sources).where(sources.c.id == id, changed).values(values))
    return id


def _add_calls(
    connection: Connection, run_id: int, source_id: int, asked: Iterable[Call], at: str
) -> None:
    own = {"source_id": source_id, "run_id": run_id, "at": at}
    rows = [
        tuple(row[column.name] for column in calls.columns)
        for call in sorted(asked, key=lambda call: call.fingerprint)
        for row in [as_row(call, "source") | own]
    ]
    better = "calls.error != '' AND (excluded.error = '' OR excluded.answer != '')"
    bulk.replace(connection, calls, rows, better)


def add_evidence(connection: Connection, run_id: int, pieces: Sequence[Piece], at: str) -> None:
    """Add the evidence that is not there, and the sources that it names; its candidates are."""
    new = {piece.id: piece for piece in reversed(pieces) if can_keep(piece.candidate)}
    for row in rows_with(connection, select(evidence.c.id), evidence.c.id, new):
        del new[row.id]
    if new:
        kinds = {piece.evidence.source: piece.evidence.kind for piece in new.values()}
        ids = _source_ids(connection, kinds)
        rows = [
            {
                **as_row(piece.evidence, "source", "kind", "spelling"),
                "id": id,
                "candidate_id": piece.candidate.id,
                "source_id": ids[piece.evidence.source],
                "ord": piece.place,
                "run_id": run_id,
                "at": at,
            }
            for id, piece in sorted(new.items())
        ]
        bulk.add_missing(connection, evidence, rows)
