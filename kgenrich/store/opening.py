"""What happens when a store is opened: look, create, compare versions, note languages."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import Connection, delete, insert, inspect, select

from kgenrich import __version__
from kgenrich.errors import StoreError
from kgenrich.languages import CODES, fallbacks, script
from kgenrich.store.base import Store
from kgenrich.store.engine import BUSY_SECONDS, file_of, make_engine, shown, version, was_left_open
from kgenrich.store.faults import translated
from kgenrich.store.tables import HEAD, meta
from kgenrich.store.term_slots import number_alone, number_known


def open_store(
    url: str,
    *,
    create: bool = False,
    base: str = "http://www.wikidata.org/entity/",
    timeout: float = BUSY_SECONDS,
) -> Store:
    """Open a database that is in this version's migration state; ``create`` makes a missing one.

    ``url`` is an SQLAlchemy URL of SQLite or PostgreSQL. ``timeout`` is how long to wait for a
    lock, in seconds. Raises `StoreError` for a database that is missing, locked, damaged, out of
    reach, or of another version, saying what to do.
    """
    engine = make_engine(url, timeout)
    store = Store(engine, base)
    try:
        prepare(store, create=create)
    except BaseException:
        store.close()
        raise
    return store


def prepare(store: Store, *, create: bool) -> None:
    """Bring a store to where it can be used, or raise `StoreError` saying why it cannot."""
    url = store.engine.url
    name = shown(url)
    path = file_of(url)
    if path is not None and not path.exists():
        if not create:
            raise StoreError(f"There is no database {name}: make it with `kgenrich db upgrade`.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder of {name} cannot be made: {error.strerror}.") from error
    try:
        with store.read() as connection:
            current = version(connection)
            known = _meta(connection)
    except StoreError as error:
        if store.read_only and was_left_open(url):
            raise StoreError(
                f"{name} is read-only here and was not closed: copy it, together with {name}-wal, "
                "to where it can be written."
            ) from error
        raise
    if current is None and create:
        from kgenrich.store.migrate import upgrade_engine

        upgrade_engine(store.engine)
    elif current is None:
        raise StoreError(f"{name} holds no store yet: make it with `kgenrich db upgrade`.")
    elif current != HEAD:
        from kgenrich.store.migrate import known_revisions

        if current in known_revisions():
            raise StoreError(
                f"The database {name} is in the older state {current}: run `kgenrich db upgrade`."
            )
        raise StoreError(
            f"The database {name} is in the state {current}, made by a newer kgenrich: "
            "update kgenrich."
        )
    wanted = {"base": store.base, "languages": languages_digest()}
    if known.get("base", store.base) != store.base:
        raise StoreError(
            f"The bare ids of {name} belong to {known['base']}, not to {store.base}: "
            "set `base` in the settings or use another store."
        )
    if any(known.get(key) != value for key, value in wanted.items()):
        with translated(name):
            store.write(lambda connection: _settle(store, connection, wanted))
    with store.read() as connection:
        store.slots.read(connection)


def languages_digest() -> str:
    """Changes when the languages, their scripts or their fallback chains do."""
    told = "\n".join(f"{code} {script(code)} {' '.join(fallbacks(code))}" for code in CODES)
    return blake2b(told.encode(), digest_size=8).hexdigest()


def _meta(connection: Connection) -> dict[str, str]:
    if not inspect(connection).has_table("meta"):
        return {}
    return {row.key: row.value for row in connection.execute(select(meta))}


def _settle(store: Store, connection: Connection, wanted: dict[str, str]) -> None:
    from kgenrich.store.facts.origins import settle_home
    from kgenrich.store.facts.recount import repair

    number_alone(connection)
    known = _meta(connection)
    store.slots.read(connection)
    number_known(connection)
    if known.get("languages", wanted["languages"]) != wanted["languages"]:
        # What is reachable depends on the fallback chains.
        repair(connection, store.slots)
    settle_home(connection, store.base)
    known = {"created_by": __version__, **known, **wanted}
    connection.execute(delete(meta))
    connection.execute(insert(meta), [{"key": key, "value": known[key]} for key in sorted(known)])
