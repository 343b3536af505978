"""How long the review queue takes, by its size: `python -m benchmarks.review_queue URL ITEMS`.

The items are made by the database itself (one in two for Italian, in 50 classes, of 20 sources),
with the counts that keeping them would have made; all else is what the page and the terminal ask.
Times are medians and 95th percentiles, in milliseconds.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from sqlalchemy import text

from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.leases import take_next
from kgenrich.store.story.queue import QueueFilter, count_items, facets, items, progress

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})",
    "postgresql": "WITH n(i) AS (SELECT * FROM generate_series(1, {}))",
}
_ITEMS = """INSERT INTO queue
(entity_key, slot, candidate_id, language, links, probability, state, classes, sources, codes)
{} SELECT i * 4, {it} + (i % 2) * 4, {id}, ({it} + (i % 2) * 4) / 4, 1000 / (1 + i % 1000),
(i % 100) / 100.0, 'open', ' ' || (i % 50 * 4) || ' ', ' ' || (1 + i % 20) || ' ', ' ' FROM n"""
_COUNTS = """INSERT INTO queue_counts (facet, slot, value, band, state, number)
SELECT '{facet}', slot, {value}, {band}, state, count(*) FROM queue GROUP BY 1, 2, 3, 4, 5"""
_BAND = "CAST(floor(probability * 20 + 1e-9) AS INTEGER)"
_FACETS = {
    "": ("''", _BAND),
    "class": ("trim(classes)", "CASE WHEN probability >= 0.5 THEN 10 ELSE 0 END"),
    "source": ("trim(sources)", _BAND),
}


def fill(store: Store, number: int) -> None:
    """So many items."""
    kind = store.engine.dialect.name
    it = store.slots.labels["it"]
    id = "printf('%032x', i)" if kind == "sqlite" else "lpad(to_hex(i), 32, '0')"
    with store.begin() as connection:
        made = _ITEMS.format(_NUMBERS[kind].format(number), it=it, id=id)
        connection.exec_driver_sql(made.replace("%", "%%") if kind == "postgresql" else made)
        for facet, (value, band) in _FACETS.items():
            connection.execute(text(_COUNTS.format(facet=facet, value=value, band=band)))
    store.analyze()


def timed(name: str, work: Callable[[], object], times: int = 20) -> None:
    """Print how long it takes."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - begun))
    late = sorted(taken)[int(0.95 * times)]
    print(f"{name:<34}{statistics.median(taken):8.1f}{late:8.1f}")


def main(url: str, number: int) -> None:
    """Measure."""
    store = open_store(url, create=True)
    fill(store, number)
    italian = QueueFilter(languages=("it",))
    timed("count, all", lambda: count_items(store, QueueFilter()))
    timed("count, one language", lambda: count_items(store, italian))
    timed("count, a class", lambda: count_items(store, QueueFilter(("it",), class_id="Q7")))
    timed("counts by class, source, code", lambda: facets(store, italian))
    timed("progress of languages", lambda: progress(store))
    timed("first 20 items", lambda: items(store, italian, limit=20))
    timed("next item, with its lease", lambda: take_next(store, italian, "ann", time.time()))
    both = QueueFilter(("it",), class_id="Q7", source="x")
    timed("count, class and source (bounded)", lambda: count_items(store, both), 5)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
