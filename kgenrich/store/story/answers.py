"""What sources answered: calls, candidates and evidence, each kept once and for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, and_, select, update

from kgenrich.model import Call, Candidate, Evidence, SourceKind, content_id
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.faults import storable
from kgenrich.store.keys import chunks, entity_ids, entity_key, new_iris
from kgenrich.store.story.runs import now
from kgenrich.store.tables import calls, candidates, evidence, iris, sources
from kgenrich.store.term_slots import number


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

    A call that failed gives way to one that was answered. Candidates whose text no database can
    keep are left out.
    """
    found = [candidate for answer in answers for candidate in answer.candidates]
    register(store, found)
    asked = [answer.call for answer in answers if answer.call is not None]

    def work(connection: Connection) -> None:
        at = now()
        ids = _add_sources(connection, found, source)
        add_candidates(store, connection, run_id, found, at)
        _add_calls(connection, run_id, ids[source.name], asked, at)
        _add_evidence(connection, run_id, ids, answers, at)

    store.write(work)


def known_answers(
    store: Store, source: str, fingerprints: Sequence[str]
) -> dict[str, tuple[Candidate, ...]]:
    """The candidates of calls that were answered, by fingerprint, in the order of the answer and
    with the evidence of that call alone; an answer without candidates is an empty tuple."""
    known: dict[str, tuple[Candidate, ...]] = {}
    with store.read() as connection:
        for chunk in chunks(dict.fromkeys(fingerprints), 1000):
            query = (
                select(calls.c.fingerprint)
                .join(sources, sources.c.id == calls.c.source_id)
                .where(
                    calls.c.fingerprint.in_(chunk), calls.c.error == "", sources.c.name == source
                )
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
                    with_evidence(texts[candidate], said) for candidate, said in found.items()
                )
    return known


def with_evidence(candidate: Candidate, said: Iterable[Evidence]) -> Candidate:
    """The candidate with this evidence instead of its own."""
    return Candidate(
        candidate.entity, candidate.language, candidate.kind, candidate.text, tuple(said)
    )


def evidence_id(candidate: Candidate, piece: Evidence) -> str:
    """Content hash of a piece of evidence for a candidate: the same is never kept twice.

    Evidence for another spelling is that of the candidate so spelled.
    """
    text = piece.spelling or candidate.text
    spelled = content_id(candidate.entity, candidate.language, candidate.kind, text)
    fields = (name for name in piece.__struct_fields__ if name != "spelling")
    return content_id(spelled, *(str(getattr(piece, name)) for name in fields))


def can_keep(candidate: Candidate) -> bool:
    """Whether a database can keep the text."""
    return storable(candidate.text) == candidate.text


def register(store: Store, found: Iterable[Candidate]) -> None:
    """Number the languages that the store has not seen."""
    unknown = store.slots.unknown({candidate.language for candidate in found})
    if unknown:
        store.write(lambda connection: number(connection, unknown))
        with store.read() as connection:
            store.slots.read(connection)


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
    new = new_iris(connection, {candidate.entity for candidate in found})
    bulk.add_missing(connection, iris, [{"key": key, "iri": iri} for key, iri in new])
    bulk.add_missing(connection, candidates, _sorted(rows, "id"))


def read_candidates(
    store: Store, connection: Connection, ids: Iterable[str]
) -> dict[str, Candidate]:
    """Candidates by id, without evidence."""
    found: dict[str, Candidate] = {}
    for chunk in chunks(dict.fromkeys(ids), 1000):
        rows = connection.execute(select(candidates).where(candidates.c.id.in_(chunk))).all()
        names = entity_ids(connection, {row.entity_key for row in rows})
        for row in rows:
            language, kind = store.slots.language(row.slot), store.slots.kind(row.slot)
            found[row.id] = Candidate(names[row.entity_key], language, kind, row.text)
    return found


def read_evidence(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, Evidence]]:
    """The text that evidence was given for, and the evidence, by its id."""
    found: dict[str, tuple[str, Evidence]] = {}
    for chunk in chunks(dict.fromkeys(ids), 1000):
        query = (
            select(evidence, sources.c.name, sources.c.kind, candidates.c.text)
            .join(sources, sources.c.id == evidence.c.source_id)
            .join(candidates, candidates.c.id == evidence.c.candidate_id)
            .where(evidence.c.id.in_(chunk))
        )
        for row in connection.execute(query).mappings():
            found[row["id"]] = row["text"], evidence_of(row)
    return found


def evidence_of(row: Mapping[Any, Any]) -> Evidence:
    """A row of evidence, with the name and kind of its source, as a value."""
    return Evidence(
        source=row["name"],
        kind=SourceKind(row["kind"]),
        call=row["call"],
        from_language=row["from_language"],
        from_text=row["from_text"],
        raw=row["raw"],
        score=row["score"],
        rank=row["rank"],
        url=row["url"],
        licence=row["licence"],
        note=row["note"],
    )


def _add_sources(
    connection: Connection, found: Iterable[Candidate], source: SourceLike
) -> dict[str, int]:
    """The ids of the sources of evidence, by name; ``source`` is that which answered."""
    told = {piece.source: str(piece.kind) for c in found for piece in c.evidence}
    rows = {name: {"name": name, "kind": kind, "licence": ""} for name, kind in told.items()}
    known = {row.name: row for row in connection.execute(select(sources))}
    own = {"name": source.name, "kind": str(source.kind), "licence": source.licence}
    rows[source.name] = own
    before = known.get(source.name)
    if before is not None and (before.kind, before.licence) != (own["kind"], own["licence"]):
        connection.execute(update(sources).where(sources.c.name == source.name).values(own))
    new = {name: row for name, row in rows.items() if name not in known}
    if new:
        bulk.add_missing(connection, sources, _sorted(new, "name"))
        known = {row.name: row for row in connection.execute(select(sources))}
    return {name: known[name].id for name in rows}


def _add_calls(
    connection: Connection, run_id: int, source_id: int, asked: Iterable[Call], at: str
) -> None:
    for call in sorted(asked, key=lambda call: call.fingerprint):
        row = {
            "fingerprint": call.fingerprint,
            "source_id": source_id,
            "run_id": run_id,
            "at": at,
            "seconds": call.seconds,
            "model_requested": storable(call.model_requested),
            "model_resolved": storable(call.model_resolved),
            "tokens_in": call.tokens_in,
            "tokens_out": call.tokens_out,
            "cost": call.cost,
            "licence": call.licence,
            "answer": storable(call.answer),
            "error": storable(call.error),
        }
        bulk.add_missing(connection, calls, [row])
        if not call.error:
            answered = and_(calls.c.fingerprint == call.fingerprint, calls.c.error != "")
            connection.execute(update(calls).where(answered).values(row))


def _add_evidence(
    connection: Connection,
    run_id: int,
    ids: Mapping[str, int],
    answers: Sequence[AnswerLike],
    at: str,
) -> None:
    """Add the evidence that is not there, in the order of each answer."""
    rows: dict[str, dict[str, Any]] = {}
    for answer in answers:
        pieces = [(c, piece) for c in answer.candidates if can_keep(c) for piece in c.evidence]
        for place, (candidate, piece) in enumerate(pieces):
            row = _evidence_row(candidate, piece, ids[piece.source], place, run_id, at)
            rows.setdefault(row["id"], row)
    bulk.add_missing(connection, evidence, _sorted(rows, "id"))


def _evidence_row(
    candidate: Candidate, piece: Evidence, source_id: int, place: int, run_id: int, at: str
) -> dict[str, Any]:
    return {
        "id": evidence_id(candidate, piece),
        "candidate_id": candidate.id,
        "source_id": source_id,
        "call": piece.call,
        "ord": place,
        "from_language": piece.from_language,
        "from_text": storable(piece.from_text),
        "raw": storable(piece.raw),
        "score": piece.score,
        "rank": piece.rank,
        "url": storable(piece.url),
        "licence": piece.licence,
        "note": storable(piece.note),
        "run_id": run_id,
        "at": at,
    }


def _sorted(rows: Mapping[str, dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return sorted(rows.values(), key=lambda row: str(row[key]))
