"""What is in a store, in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Table, func, or_, select, text

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.engine import file_of, shown
from kgenrich.store.facts.coverage_counts import by_slot, unpack
from kgenrich.store.keys import ALL
from kgenrich.store.story.conditions import is_current
from kgenrich.store.tables import (
    HEAD,
    calls,
    candidates,
    coverage,
    decisions,
    entities,
    evidence,
    meta,
    proposals,
    rejects,
    runs,
    totals,
)
from kgenrich.store.term_slots import KIND_CODES


class Info(Struct, frozen=True):
    """Counts of a store; ``bytes`` is the space it takes. ``labels``, ``descriptions`` and
    ``definitions`` count terms, ``gone`` deleted and redirected entities, ``proposals`` and
    ``decisions`` those that hold."""

    database: str
    state: str
    base: str
    created_by: str
    bytes: int
    entities: int
    gone: int
    classes: int
    languages: int
    labels: int
    descriptions: int
    definitions: int
    candidates: int
    evidence: int
    calls: int
    proposals: int
    decisions: int
    rejects: int
    runs: int


def info(store: Store) -> Info:
    """Look at a store. What the summary knows is not counted again."""
    with store.read() as connection:
        known = {row.key: row.value for row in connection.execute(select(meta))}
        is_gone = or_(entities.c.deleted, entities.c.redirect_key.is_not(None))
        alive = connection.scalar(select(totals.c.entities).where(totals.c.class_key == ALL))
        packed = connection.scalar(select(coverage.c.counts).where(coverage.c.class_key == ALL))
        counts = by_slot(unpack(packed)) if packed else {}
        terms = ((slot, n[0]) for slot, n in counts.items() if slot > 0)
        explicit = {slot: count for slot, count in terms if count}
        return Info(
            database=shown(store.engine.url),
            state=HEAD,
            base=known["base"],
            created_by=known["created_by"],
            bytes=_size(store, connection),
            entities=alive or 0,
            gone=_count(connection, entities, is_gone),
            classes=_count(connection, totals, totals.c.class_key != ALL, totals.c.entities > 0),
            languages=len({slot >> 2 for slot in explicit}),
            labels=_terms(explicit, TermKind.LABEL),
            descriptions=_terms(explicit, TermKind.DESCRIPTION),
            definitions=_terms(explicit, TermKind.DEFINITION),
            proposals=_count(connection, proposals, is_current(proposals)),
            decisions=_count(connection, decisions, is_current(decisions)),
            **{
                table.name: _count(connection, table)
                for table in (candidates, evidence, calls, rejects, runs)
            },
        )


def engine_version(store: Store) -> str:
    """The kind of the database and its version."""
    with store.read() as connection:
        numbers = connection.dialect.server_version_info or ()
    name = "PostgreSQL" if store.engine.dialect.name == "postgresql" else "SQLite"
    return " ".join([name, ".".join(map(str, numbers))])


def _count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(*where)
    return int(connection.execute(query).scalar_one())


def _terms(explicit: Mapping[int, int], kind: TermKind) -> int:
    return sum(n for slot, n in explicit.items() if slot & 3 == KIND_CODES[kind])


def _size(store: Store, connection: Connection) -> int:
    path = file_of(store.engine.url)
    if path is None:
        tables = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' "
        query = text(tables + "AND relnamespace = current_schema()::regnamespace")
        return int(connection.execute(query).scalar() or 0)
    wal = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
