"""Runs: what was asked for, how far it got, and what was put aside on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, func, insert, literal_column, select, update

from kgenrich import __version__
from kgenrich.errors import Halted, StoreError
from kgenrich.model import Reject
from kgenrich.progress import SILENT, Progress
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.locks import hold, is_held, me
from kgenrich.store.rows import as_json, as_row, from_row
from kgenrich.store.story.in_flight import release_all
from kgenrich.store.tables import rejects
from kgenrich.store.tables import runs as table

MOST_KNOWN = 200
"""Runs of a verb that are looked through for an equal one."""
_EXCERPT = 500
# Two of them fit into an entry of an index.
_NAME = 300
# The conditions of the partial indexes to the letter: otherwise they are not used.
_is_harvest: ColumnElement[bool] = literal_column("runs.verb LIKE 'harvest %'")
_is_unfinished: ColumnElement[bool] = literal_column("runs.status != 'done'")
# The harvests that read all there is; others read what they are told to.
_WHOLE = ("harvest dump", "harvest rdf")


class Run(Struct):
    """One run of a verb. ``position`` is how far it got, in the verb's own words; ``counts`` are
    what it counted, noted when it ends."""

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
    holder: str = ""


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def running(
    store: Store,
    verb: str,
    scope: Mapping[str, Any],
    settings_hash: str,
    *,
    alone: bool = False,
    progress: Progress = SILENT,
) -> Iterator[Run]:
    """A run of a verb, noted in the store; one with the same verb, scope and settings that did not
    get to its end is taken up again, with its id and position.

    It ends as ``done``, on an error as ``failed``, and as ``stopped`` when it is broken off
    (`Halted`, Ctrl-C, a generator that is closed), with the ``counts`` that it has then. One that a
    live process has is left to it: there is another one, or where it must be ``alone`` a
    `StoreError`. The ``progress`` is told of it.
    """
    run, release = _take(store, verb, as_json(scope), settings_hash, alone)
    try:
        progress.begin_run(run.id)
        try:
            yield run
        except BaseException as error:
            broken_off = isinstance(error, Halted) or not isinstance(error, Exception)
            # Of two errors the first one says what is wrong.
            with suppress(StoreError):
                _end(store, run, "stopped" if broken_off else "failed")
            raise
        _end(store, run, "done")
    finally:
        release()


def set_position(connection: Connection, run_id: int, position: str) -> None:
    """Note how far a run is, in the transaction of what it did."""
    connection.execute(update(table).where(table.c.id == run_id).values(position=position))


def runs(store: Store, limit: int = 20, id: int | None = None, verb: str = "") -> Iterator[Run]:
    """The latest runs, of one verb or of all, newest first, or the one of this ``id``."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if id is not None:
        query = query.where(table.c.id == id)
    if verb:
        query = query.where(table.c.verb == verb)
    with store.read() as connection:
        rows = connection.execute(query).all()
    yield from map(_run, rows)


def latest_runs(store: Store, verb: str, limit: int = MOST_KNOWN) -> list[Run]:
    """The latest runs of a verb, newest first."""
    query = select(table).where(table.c.verb == verb).order_by(table.c.id.desc()).limit(limit)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [_run(row) for row in rows]


def find_run(store: Store, run_id: int) -> Run | None:
    """A run by its number; None where there is none."""
    with store.read() as connection:
        row = connection.execute(select(table).where(table.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def live_runs(connection: Connection) -> list[Run]:
    """The runs that live processes have."""
    rows = connection.execute(select(table).where(_is_unfinished, table.c.holder != "")).all()
    return [_run(row) for row in rows if is_held(connection, row.id)]


def latest_harvest(store: Store) -> int:
    """The id of the last harvest, 0 where there was none."""
    query = select(func.max(table.c.id)).where(_is_harvest)
    with store.read() as connection:
        return connection.execute(query).scalar_one() or 0


def harvested_languages(store: Store) -> tuple[str, ...] | None:
    """The languages whose terms were harvested, sorted; None where no harvest left any out.

    In other languages a term that the store lacks may well exist in the graph. A finished harvest
    of a whole file in all languages makes up for those that took some.
    """
    query = select(table.c.verb, table.c.scope, table.c.status).where(
        _is_harvest, table.c.position != ""
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


def add_rejects(connection: Connection, run_id: int, rows: Iterable[Reject]) -> None:
    """Put aside what a run could not use; the same place of the same input only once."""
    values = {}
    for row in rows:
        told = as_row(row, "run")
        key = told["input"][:_NAME], told["position"], told["entity"][:_NAME]
        values[key] = (*key, run_id, told["reason"][:_EXCERPT], told["excerpt"][:_EXCERPT])
    bulk.replace(connection, rejects, list(values.values()))


def find_rejects(store: Store, run: int | None = None, limit: int = 100) -> list[Reject]:
    """What was put aside, in one run or in all of them, the latest one first; then by input and
    position."""
    c = rejects.c
    query = select(c.input, c.position, c.reason, c.excerpt, c.entity, c.run_id)
    query = query.order_by(c.run_id.desc(), c.input, c.position, c.entity).limit(limit)
    if run is not None:
        query = query.where(c.run_id == run)
    with store.read() as connection:
        return [Reject(*row) for row in connection.execute(query)]


def _take(
    store: Store, verb: str, scope: str, settings_hash: str, alone: bool
) -> tuple[Run, Callable[[], None]]:
    known = {"verb": verb, "scope": scope, "settings_hash": settings_hash}
    taken = 0
    while True:
        run = store.write(lambda connection: _find(connection, known, taken))  # noqa: B023
        release = hold(store.engine, run.id)
        if release is None:
            if alone:
                raise StoreError(
                    f"The same run is going on already, by {run.holder or 'another process'}: "
                    "wait for its end, or end it; what it has by then is kept."
                )
            taken = run.id
            continue
        try:
            begun = store.write(lambda connection: _begin(connection, run.id))  # noqa: B023
        except BaseException:
            release()
            raise
        if begun is not None:
            return begun, release
        # It came to its end meanwhile.
        release()


def _find(connection: Connection, known: Mapping[str, str], taken: int) -> Run:
    """The latest of the equal runs that did not get to their end, of those after one that is
    taken; a new one where there is none."""
    unfinished = (
        select(table)
        .where(
            *(table.c[name] == value for name, value in known.items()),
            _is_unfinished,
            table.c.id > taken,
        )
        .order_by(table.c.id.desc())
        .limit(1)
    )
    row = connection.execute(unfinished).one_or_none()
    if row is None:
        values = {**known, "code_version": __version__, "started": now(), "status": "running"}
        values |= {"finished": "", "position": "", "counts": "{}"}
        row = connection.execute(insert(table).values(values).returning(table)).one()
    return _run(row)


def _begin(connection: Connection, run_id: int) -> Run | None:
    """The run, now of this process; None where it is over."""
    values = {"status": "running", "finished": "", "holder": f"{me()} since {now()}"}
    which = table.c.id == run_id, table.c.status != "done"
    row = connection.execute(update(table).where(*which).values(values).returning(table)).first()
    if row is None:
        return None
    # What it asked when it was killed.
    release_all(connection, run_id)
    return _run(row)


def _end(store: Store, run: Run, status: str) -> None:
    def work(connection: Connection) -> None:
        values = {"status": status, "finished": now(), "counts": as_json(run.counts), "holder": ""}
        connection.execute(update(table).where(table.c.id == run.id).values(values))
        release_all(connection, run.id)

    store.write(work)
    store.analyze()


def _run(row: Row[Any]) -> Run:
    scope, counts = msgspec.json.decode(row.scope), msgspec.json.decode(row.counts)
    return from_row(Run, row, scope=scope, counts=counts)
