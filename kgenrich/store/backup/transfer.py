"""A store into a backup and out of it again, each in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec
from sqlalchemy import Connection, MetaData, delete, func, select, table, text

from kgenrich import __version__
from kgenrich.errors import InputError, StoreError
from kgenrich.store import bulk
from kgenrich.store.backup import archive
from kgenrich.store.backup.archive import Block, Content, Footer, Header, Told
from kgenrich.store.backup.tables import decoder_of, renumber, rows_of, tables_of
from kgenrich.store.base import Store
from kgenrich.store.engine import file_of, make_engine, shown, version
from kgenrich.store.migrate import (
    let_readers_go_on,
    migrate,
    opened,
    refuse_in_use,
    refuse_unversioned,
)

_KNOWN_FROM_THE_START = ("meta", "languages", "origins", "forms", "sayings")
"""The tables that have rows in a store that nothing was put into."""


def back_up(url: str, out: BinaryIO, told: Told) -> tuple[Header, Footer]:
    """Write all that a store of any migration state holds at this moment, while others write.

    ``told`` hears of the rows written so far. Raises `StoreError` where there is no store.
    """
    engine = make_engine(url)
    try:
        path = file_of(engine.url)
        if path is not None and not path.exists():
            raise StoreError(f"There is no database {path}.")
        with Store(engine, "").read() as connection:
            revision = version(connection)
            if revision is None:
                raise StoreError(f"{shown(engine.url)} holds no store.")
            tables = tables_of(revision).tables
            base = select(text("value")).select_from(table("meta")).where(text("key = 'base'"))
            header = Header(revision, connection.scalar(base) or "", __version__)
            rows = ((name, rows_of(connection, tables[name])) for name in sorted(tables))
            return header, archive.write(out, header, rows, told)
    finally:
        engine.dispose()


def restore(
    url: str, file: Path, header: Header, footer: Footer, *, replace: bool, told: Told
) -> None:
    """Make a database what it was when a backup was written, and bring it to this version's state;
    ``replace``: also one that holds something. ``header`` and ``footer`` are those of the file.

    Everything is read again and compared before it holds; until then the database is as it was.
    ``told`` hears of the bytes read so far. Raises `StoreError` for a database that is not empty,
    or in use, and `InputError` where the file is damaged.
    """
    with opened(url) as engine:
        path = file_of(engine.url)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        let_readers_go_on(engine)
        with engine.begin() as connection:
            _clear(connection, replace)
            tables = _load(connection, file, header.revision, told)
            _compare(connection, tables, footer.tables)
            renumber(connection, tables)
            migrate(connection, "head")


def content_of(connection: Connection, tables: MetaData) -> dict[str, Content]:
    """What each table holds."""
    return {
        name: archive.content(rows_of(connection, found)) for name, found in tables.tables.items()
    }


def _clear(connection: Connection, replace: bool) -> None:
    """Take all tables of a store away."""
    refuse_unversioned(connection)
    current = version(connection)
    if current is None:
        return
    refuse_in_use(connection)
    tables = tables_of(current)
    if not replace:
        for name in tables.tables.keys() - set(_KNOWN_FROM_THE_START):
            if rows := connection.scalar(select(func.count()).select_from(tables.tables[name])):
                raise StoreError(
                    f"{shown(connection.engine.url)} is not empty ({rows:,} {name}): give another "
                    "store, or --replace to lose what it holds."
                )
    tables.drop_all(connection)
    connection.execute(delete(table("alembic_version")))


def _load(connection: Connection, file: Path, revision: str, told: Told) -> MetaData:
    tables = tables_of(revision)
    migrate(connection, revision)
    # A migration may have put rows into them.
    for found in tables.tables.values():
        connection.execute(delete(found))
    decoders = {name: decoder_of(found) for name, found in tables.tables.items()}
    for message in archive.read(file, told):
        if isinstance(message, Block):
            try:
                rows = decoders[message.table](message.rows)
            except (KeyError, msgspec.ValidationError) as error:
                raise InputError(f"The backup {file} is damaged: take another one.") from error
            bulk.add(connection, tables.tables[message.table], rows)
    return tables


def _compare(connection: Connection, tables: MetaData, wanted: Mapping[str, Content]) -> None:
    found = content_of(connection, tables)
    if wrong := [
        name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)
    ]:
        raise StoreError(
            f"What was restored differs from the backup ({', '.join(sorted(wrong))}); nothing was "
            "changed."
        )
