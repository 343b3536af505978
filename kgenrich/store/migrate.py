"""Migrations up and down, and whether a database is sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, exists, func, inspect, select, text

from kgenrich.errors import StoreError, UsageError
from kgenrich.resources import resource
from kgenrich.store.engine import file_of, make_engine, shown, version
from kgenrich.store.facts.recount import differences
from kgenrich.store.facts.recount import repair as repair_coverage
from kgenrich.store.faults import translated
from kgenrich.store.story.job_runs import live_job_runs
from kgenrich.store.story.queue_upkeep import rebuild as rebuild_queue
from kgenrich.store.story.queue_upkeep import wrong_entities
from kgenrich.store.story.runs import live_runs
from kgenrich.store.tables import (
    HEAD,
    candidates,
    classes,
    decisions,
    entities,
    evidence,
    iris,
    metadata,
    proposals,
    terms,
)
from kgenrich.store.term_slots import Slots

_LOCK = 0x6B67656E
"""The advisory lock of PostgreSQL under which one process migrates at a time."""
_COUNTED = "0008"
"""From this state on coverage is counted as now."""
_QUEUED = "0015"
"""From this state on the review queue is counted as now."""
_BELONGS = (
    ("terms belong to no entity", terms.c.entity_key, entities.c.key),
    ("classes belong to no entity", classes.c.entity_key, entities.c.key),
    ("entities have no IRI", entities.c.key, iris.c.key),
    ("evidence belong to no candidate", evidence.c.candidate_id, candidates.c.id),
    ("proposals belong to no candidate", proposals.c.candidate_id, candidates.c.id),
    ("decisions belong to no candidate", decisions.c.candidate_id, candidates.c.id),
)


def upgrade(url: str, revision: str = "head") -> None:
    """Make a database, or bring it to a newer migration state. Nothing is left half done."""
    with opened(url) as engine:
        path = file_of(engine.url)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        upgrade_engine(engine, revision)


def upgrade_engine(engine: Engine, revision: str = "head") -> None:
    """`upgrade` over an open engine."""
    let_readers_go_on(engine)
    with engine.begin() as connection:
        refuse_unversioned(connection)
        migrate(connection, revision)


def let_readers_go_on(engine: Engine) -> None:
    """Have readers of an SQLite database go on while one writes: a property of the file."""
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            raw.close()


def refuse_unversioned(connection: Connection) -> None:
    """Raise `StoreError` where there are tables of a store, and nothing that says their state."""
    tables = set(inspect(connection).get_table_names()) & set(metadata.tables)
    if tables and version(connection) is None:
        raise StoreError(
            f"{shown(connection.engine.url)} has tables of a store "
            f"({', '.join(sorted(tables)[:3])}, ...) but not the one that says their version "
            "(alembic_version): restore a copy of it, or give another database."
        )


def refuse_in_use(connection: Connection) -> None:
    """Raise `StoreError` while a run goes on in a store of this version's state."""
    if version(connection) != HEAD:
        return
    live = [f"{run.verb} by {run.holder}" for run in live_runs(connection)]
    live += [f"the job {run.job} by {run.holder}" for run in live_job_runs(connection)]
    if live:
        name = shown(connection.engine.url)
        raise StoreError(f"{name} is in use ({'; '.join(live)}): wait, or end it.")


def downgrade(url: str, revision: str = "base") -> None:
    """Bring a database to an older migration state; what that state cannot hold is lost. Raises
    `StoreError` while a run goes on."""
    current = state(url)[0]
    if current is None:
        raise StoreError("There is no store here to bring to an older state.")
    with opened(url) as engine, engine.begin() as connection:
        refuse_in_use(connection)
        migrate(connection, revision, up=False)


def state(url: str) -> tuple[str | None, str]:
    """The migration state of a database (None: no store yet) and that of this version."""
    with opened(url) as engine:
        path = file_of(engine.url)
        if path is not None and not path.exists():
            return None, HEAD
        with engine.execution_options(kgenrich_write=False).connect() as connection:
            return version(connection), HEAD


def migrate(connection: Connection, revision: str, *, up: bool = True) -> None:
    """Bring a database to a newer state, or an older one, in a transaction that is open."""
    known = known_revisions()
    current = version(connection)
    if current is not None and current not in known:
        raise StoreError(
            f"The database is in the state {current}, made by a newer kgenrich: update kgenrich."
        )
    if revision not in (*known, "head", "base"):
        raise UsageError(f"There is no migration {revision}. Known: {', '.join(known)}.")
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    config = _config()
    config.attributes["connection"] = connection
    (command.upgrade if up else command.downgrade)(config, revision)
    if current is not None and current < _COUNTED and version(connection) == HEAD:
        slots = Slots()
        slots.read(connection)
        repair_coverage(connection, slots)
    if current is not None and current < _QUEUED and version(connection) == HEAD:
        rebuild_queue(connection)


def known_revisions() -> list[str]:
    """The migrations of this version, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return [found.revision for found in script.walk_revisions()][::-1]


def check(url: str, *, repair: bool = False) -> list[str]:
    """What is wrong with a database, one sentence each; ``repair`` counts coverage anew,
    and fills the review queue."""
    current, head = state(url)
    if current != head:
        raise StoreError(
            "There is no store yet: make it with `kgenrich db upgrade`."
            if current is None
            else f"The database is in the state {current}, not {head}: run `kgenrich db upgrade`."
        )
    with opened(url) as engine, engine.connect() as connection:
        connection.execution_options(kgenrich_write=repair)
        with connection.begin():
            return _problems(connection, repair)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine in whatever state the database is; its errors are sentences."""
    engine = make_engine(url)
    try:
        with translated(shown(engine.url)):
            yield engine
    finally:
        engine.dispose()


def _problems(connection: Connection, repair: bool) -> list[str]:
    found = []
    if connection.dialect.name == "sqlite":
        told = connection.execute(text("PRAGMA quick_check(5)")).scalars().all()
        found += [f"The file is damaged: {line}." for line in told if line != "ok"]
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found += [
        f"The tables differ from the migrations: {_told(difference)}."
        for difference in compare_metadata(context, metadata)
    ]
    slots = Slots()
    slots.read(connection)
    if wrong := differences(connection, slots):
        if repair:
            repair_coverage(connection, slots)
        else:
            found.append(
                f"The coverage summary differs from the terms in {wrong} rows: "
                "run `kgenrich db check --repair`."
            )
    if wrong := wrong_entities(connection):
        if repair:
            rebuild_queue(connection)
        else:
            found.append(
                f"The review queue differs from proposals and decisions in {wrong} places: "
                "run `kgenrich db check --repair`."
            )
    for what, child, parent in _BELONGS:
        lost = select(func.count()).select_from(child.table).where(~exists().where(parent == child))
        if parent is iris.c.key:
            lost = lost.where(child < 0)
        if count := connection.execute(lost).scalar():
            found.append(f"{count} rows of {what}.")
    return found


def _told(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_told(part) for part in difference)
    return " ".join(str(part) for part in difference if part is not None)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resource("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
