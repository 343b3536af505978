"""What kind of graph is in a store, at a look: whose ids, and which kinds of terms."""

from __future__ import annotations

from sqlalchemy import select

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.facts.coverage_counts import by_slot, unpack
from kgenrich.store.keys import ALL
from kgenrich.store.tables import coverage, entities
from kgenrich.store.term_slots import KINDS


def kinds_held(store: Store) -> frozenset[TermKind]:
    """The kinds of which the graph has any term."""
    query = select(coverage.c.counts).where(coverage.c.class_key == ALL)
    with store.read() as connection:
        packed = connection.scalar(query)
    counts = by_slot(unpack(packed)) if packed else {}
    return frozenset(KINDS[slot & 3] for slot, numbers in counts.items() if slot > 0 and numbers[0])


def is_wikibase(store: Store) -> bool:
    """Whether entities have the bare ids of a Wikibase (``Q42``), or there are none yet."""
    key = entities.c.key
    with store.read() as connection:
        bare, other = (
            connection.scalar(select(key).where(chosen).limit(1)) for chosen in (key > 0, key < 0)
        )
    return bare is not None or other is None
