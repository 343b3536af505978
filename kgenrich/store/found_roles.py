"""Which properties of a wiki of one's own have which roles, as harvests found them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import delete, insert, select

from kgenrich.store.base import Store
from kgenrich.store.tables import meta

_KEY = "roles"


def found_roles(store: Store) -> dict[str, str]:
    """Properties by role, as far as they were found."""
    with store.read() as connection:
        told = connection.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar()
    return msgspec.json.decode(told, type=dict[str, str]) if told else {}


def note_roles(store: Store, roles: Mapping[str, str]) -> None:
    """Keep these for later commands, in the place of what was found before."""
    row = {"key": _KEY, "value": msgspec.json.encode(roles, order="sorted").decode()}
    with store.begin() as connection:
        connection.execute(delete(meta).where(meta.c.key == _KEY))
        connection.execute(insert(meta), [row])
