"""Runs: what was asked for, how far it got, and what was put aside on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from kgenrich import __version__
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.faults import storable
from kgenrich.store.tables import rejects
from kgenrich.store.tables import runs as table

_EXCERPT = 500
# The harvests that read all there is; others read what they are told to.
_WHOLE = ("harvest dump", "harvest rdf")


class Run(Struct, frozen=True):
    """One run of a verb. ``position`` is how far it got, in the verb's own words."""

    id: int
    verb: str
    scope: dict[str, Any]
    settings_hash: str
    status: str
    position: str
    started: str
    finished: str
    counts: dict[str, Any]
    code_version: str = ""


class Reject(NamedTuple):
    """A part of an input that could not be used: where it is (a byte or line), and why."""

    input: str
    position: int
    reason: str
    excerpt: str


class RejectLike(Protocol):
    """What has the fields of a `Reject`."""

    @property
    def input(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def excerpt(self) -> str: ...


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def start_run(store: Store, verb: str, scope: Mapping[str, Any], settings_hash: str) -> Run:
    """Begin a run, or take up again the last unfinished one with the same verb, scope and
    settings: it keeps its id and position."""
    told = _json(scope)

    def work(connection: Connection) -> Run:
        same = (
            select(table)
            .where(
                table.c.verb == verb,
                table.c.scope == told,
                table.c.settings_hash == settings_hash,
                table.c.status.in_(("running", "stopped")),
            )
            .order_by(table.c.id.desc())
            .limit(1)
        )
        row = connection.execute(same).one_or_none()
        if row is None:
            values = {
                "verb": verb,
                "scope": told,
                "settings_hash": settings_hash,
                "code_version": __version__,
                "status": "running",
                "started": now(),
                "finished": "",
                "position": "",
                "counts": "{}",
            }
            row = connection.execute(insert(table).values(values).returning(table)).one()
        elif row.status != "running":
            connection.execute(
                update(table).where(table.c.id == row.id).values(status="running", finished="")
            )
            row = connection.execute(select(table).where(table.c.id == row.id)).one()
        return _run(row)

    return store.write(work)


def set_position(connection: Connection, run_id: int, position: str) -> None:
    """Note how far a run is, in the transaction of what it did."""
    connection.execute(update(table).where(table.c.id == run_id).values(position=position))


def finish_run(store: Store, run: Run, status: str, counts: Mapping[str, Any]) -> None:
    """Close a run as ``done``, ``stopped`` or ``failed``."""
    with store.begin() as connection:
        connection.execute(
            update(table)
            .where(table.c.id == run.id)
            .values(status=status, finished=now(), counts=_json(counts))
        )


def runs(store: Store, limit: int = 20) -> Iterator[Run]:
    """The latest runs, newest first."""
    with store.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.id.desc()).limit(limit)).all()
    for row in rows:
        yield _run(row)


def harvested_languages(store: Store) -> tuple[str, ...] | None:
    """The languages whose terms were harvested, sorted; None where no harvest left any out.

    In other languages a term that the store lacks may well exist in the graph. A finished harvest
    of a whole file in all languages makes up for those that took some.
    """
    query = select(table.c.verb, table.c.scope, table.c.status).where(
        table.c.verb.startswith("harvest "), table.c.position != ""
    )
    found: set[str] = set()
    with store.read() as connection:
        rows = connection.execute(query).all()
    for verb, told, status in rows:
        scope = msgspec.json.decode(told, type=dict[str, Any])
        found.update(scope.get("languages") or ())
        whole = verb in _WHOLE and not any(map(scope.get, ("languages", "classes", "limit")))
        if whole and status == "done":
            return None
    return tuple(sorted(found)) or None


def add_rejects(store: Store, rows: Sequence[RejectLike]) -> None:
    """Put aside what could not be used; the same place of the same input only once."""
    values = [
        {
            "input": storable(row.input),
            "position": row.position,
            "reason": storable(row.reason)[:_EXCERPT],
            "excerpt": storable(row.excerpt)[:_EXCERPT],
        }
        for row in rows
    ]
    store.write(lambda connection: bulk.add_missing(connection, rejects, values))


def find_rejects(store: Store, input: str | None = None, limit: int = 100) -> list[Reject]:
    """What was put aside, by input and position."""
    query = select(rejects).order_by(rejects.c.input, rejects.c.position).limit(limit)
    if input is not None:
        query = query.where(rejects.c.input == input)
    with store.read() as connection:
        return [Reject(*row) for row in connection.execute(query)]


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        verb=row.verb,
        scope=msgspec.json.decode(row.scope),
        settings_hash=row.settings_hash,
        status=row.status,
        position=row.position,
        started=row.started,
        finished=row.finished,
        counts=msgspec.json.decode(row.counts),
        code_version=row.code_version,
    )


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
