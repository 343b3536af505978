"""Marking entities that were loaded, for the review queue may say otherwise than they do now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, literal_column, select

from kgenrich.store import bulk
from kgenrich.store.keys import rows_with
from kgenrich.store.tables import proposals, unsettled


def mark_unsettled(connection: Connection, keys: Iterable[int]) -> None:
    """Mark those of the entities that anything is proposed for. Their rows are locked (`load`), so
    that no proposal comes in between."""
    column = proposals.c.entity_key
    proposed = select(column).where(literal_column("proposals.current")).distinct()
    rows = rows_with(connection, proposed, column, keys)
    bulk.add_missing(connection, unsettled, [{"entity_key": key} for (key,) in sorted(rows)])
