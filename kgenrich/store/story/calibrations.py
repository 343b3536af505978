"""The calibration by people's decisions that holds, and those that held: proposals name theirs."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.tables import meta

_CURRENT, _EACH = "calibration", "calibration "


def save_calibration(store: Store, name: str, curves: bytes) -> None:
    """Have the calibration of this name hold; with an empty name none."""

    def work(connection: Connection) -> None:
        connection.execute(delete(meta).where(meta.c.key == _CURRENT))
        if name:
            rows = [{"key": _CURRENT, "value": name}]
            rows += [{"key": f"{_EACH}{name}", "value": curves.decode()}]
            bulk.add_missing(connection, meta, rows)

    store.write(work)


def calibrations(store: Store) -> tuple[str, dict[str, bytes]]:
    """The name of the one that holds (empty: none), and all that ever did, by name."""
    query = select(meta).where(meta.c.key.startswith(_CURRENT))
    with store.read() as connection:
        found = {row.key: row.value for row in connection.execute(query)}
    current = found.pop(_CURRENT, "")
    return current, {key.removeprefix(_EACH): value.encode() for key, value in found.items()}
