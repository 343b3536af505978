"""What runs at the same time spend on a source together: each has its budget over all of them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, func, insert, select, text, update

from kgenrich.store.base import Store
from kgenrich.store.locks import is_held
from kgenrich.store.tables import spending as table

Fits = Callable[[int, float], None]
"""Raises where so many calls at this cost are too much."""


class Spending:
    """What a run spends on a source, beside what the runs spent that it met; what was spent by
    other runs that had ended when this one began does not count."""

    def __init__(self, store: Store, run_id: int, source: str) -> None:
        self._store, self._run_id, self._source = store, run_id, source
        self._row, self._before = store.write(self._begin)

    def add(self, calls: int, cost: float, fits: Fits) -> None:
        """Count calls before they are made, unless ``fits`` raises for what they come to together
        with those of the others."""

        def work(connection: Connection) -> None:
            if connection.dialect.name == "postgresql":
                # One at a time looks and adds; on SQLite every writer does.
                connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
            counts = table.c.source == self._source, table.c.id.not_in(self._before)
            spent = select(func.sum(table.c.calls), func.sum(table.c.cost)).where(*counts)
            spent_calls, spent_cost = connection.execute(spent).one()
            fits(spent_calls + calls, spent_cost + cost)
            more = {"calls": table.c.calls + calls, "cost": table.c.cost + cost}
            connection.execute(update(table).where(table.c.id == self._row).values(more))

        self._store.write(work)

    def _begin(self, connection: Connection) -> tuple[int, list[int]]:
        rows = connection.execute(select(table).where(table.c.source == self._source)).all()
        others = {row.run_id for row in rows} - {self._run_id}
        live = {run for run in others if is_held(connection, run)}
        # What this run spent before it was broken off is of its budget.
        over = [row.id for row in rows if row.run_id not in {*live, self._run_id}]
        if not live:
            connection.execute(delete(table).where(table.c.id.in_(over)))
            over = []
        values = {"run_id": self._run_id, "source": self._source, "calls": 0, "cost": 0.0}
        row: int = connection.execute(
            insert(table).values(values).returning(table.c.id)
        ).scalar_one()
        return row, over
