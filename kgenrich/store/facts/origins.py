"""The origins of a store: who they are, and how they come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row, func, select, text, update

from kgenrich.errors import UsageError
from kgenrich.model import Origin
from kgenrich.property_roles import WIKIDATA_BASE
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.ledger import EARLIER, HOME, PLAIN, Ledger, packed
from kgenrich.store.rows import as_row, from_row
from kgenrich.store.tables import origins, presence, sayings

WIKIDATA_LICENCE = "CC0-1.0"
"""That of Wikidata's entities (wikidata.org/wiki/Wikidata:Licensing)."""
_PAGE = 5000


def register(store: Store, origin: Origin) -> int:
    """Note an origin, or what is new of one; its number. Raises `UsageError` where the name is
    that of another kind."""

    def work(connection: Connection) -> int:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"LOCK TABLE {origins.name} IN SHARE ROW EXCLUSIVE MODE"))
        row = as_row(origin, "prefixes")
        row["prefixes"] = msgspec.json.encode(origin.prefixes, order="sorted").decode()
        found = connection.execute(select(origins).where(origins.c.name == origin.name)).first()
        if found is None:
            last = connection.execute(select(func.max(origins.c.id))).scalar() or EARLIER
            row["id"] = max(last, EARLIER) + 1
            bulk.add_missing(connection, origins, [row])
            return int(row["id"])
        if found.kind != origin.kind:
            raise UsageError(
                f"The origin {origin.name!r} is a {found.kind} here, not a {origin.kind}: "
                "give this one another name with --origin."
            )
        new = {key: value for key, value in row.items() if value and value != "{}"}
        connection.execute(update(origins).where(origins.c.id == found.id).values(new))
        return int(found.id)

    number = store.write(work)
    read_ledger(store)
    return number


def read_ledger(store: Store) -> Ledger:
    """The ledger of a store as it is now."""
    with store.read() as connection:
        store.ledger.read(connection)
    return store.ledger


def origin_number(store: Store, name: str) -> int:
    """The number of an origin by its name. Raises `UsageError` naming those there are."""
    known = {origin.name: number for number, origin in read_ledger(store).origins.items()}
    if name not in known:
        known = {one: known[one] for one in entities_by_origin(store)}
        raise UsageError(f"There is no origin {name!r}; there are: {', '.join(sorted(known))}.")
    return known[name]


def find_origin(store: Store, name: str) -> Origin | None:
    """An origin by its name."""
    with store.read() as connection:
        row = connection.execute(select(origins).where(origins.c.name == name)).first()
    return None if row is None else _origin(row)


def home(store: Store, **fields: str) -> Origin:
    """The wiki that bare ids belong to, with what is new of it."""
    return replace(read_ledger(store).origins[HOME], **fields)


def all_origins(store: Store) -> list[Origin]:
    """Every origin, as it was last harvested, in the order in which they came."""
    with store.read() as connection:
        rows = connection.execute(select(origins).order_by(origins.c.id)).all()
    return [_origin(row) for row in rows]


def entities_by_origin(store: Store) -> dict[str, int]:
    """Of how many entities each origin speaks."""
    query = (
        select(origins.c.name, func.count(presence.c.entity_key))
        .join(presence, presence.c.origin_id == origins.c.id)
        .where(presence.c.type >= 0)
        .group_by(origins.c.name)
    )
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def count_entities(store: Store, origin: int) -> int:
    """Of how many entities an origin speaks."""
    query = select(func.count()).where(presence.c.origin_id == origin, presence.c.type >= 0)
    with store.read() as connection:
        return connection.execute(query).scalar_one()


def keys_of(store: Store, origin: int) -> Iterator[int]:
    """The keys of the entities that an origin speaks of, in order; the store may be written to
    meanwhile."""
    last = None
    while True:
        query = select(presence.c.entity_key).where(presence.c.origin_id == origin)
        if last is not None:
            query = query.where(presence.c.entity_key > last)
        query = query.order_by(presence.c.entity_key).limit(_PAGE)
        with store.read() as connection:
            keys = connection.execute(query).scalars().all()
        if not keys:
            return
        yield from keys
        last = keys[-1]


def drop(store: Store, origin: int) -> None:
    """Forget where an origin that says nothing any more was and when; its name and number stay, for
    what was decided may rest on it."""
    empty = dict.fromkeys(("place", "licence", "profile", "language", "retrieved", "digest"), "")
    gone = update(origins).where(origins.c.id == origin).values(prefixes="{}", **empty)
    store.write(lambda connection: connection.execute(gone))


def settle_home(connection: Connection, base: str) -> None:
    """Note the origin that bare ids belong to, and the set of all that it says."""
    name = urlsplit(base).netloc or base
    empty = dict.fromkeys(("licence", "profile", "language", "retrieved", "digest", "place"), "")
    home = {"id": HOME, "name": name, "kind": "wiki", "prefixes": "{}", **empty}
    if base == WIKIDATA_BASE:
        home["licence"] = WIKIDATA_LICENCE
    bulk.add_missing(connection, origins, [home])
    bulk.add_missing(connection, sayings, [{"id": 1, "members": packed({(HOME, PLAIN)})}])


def _origin(row: Row[Any]) -> Origin:
    return from_row(Origin, row, prefixes=msgspec.json.decode(row.prefixes))
