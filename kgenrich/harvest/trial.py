"""What a harvest would do to a store: loaded for the counts alone, and taken back."""

from __future__ import annotations

from collections.abc import Sequence

from kgenrich.harvest.batch import Batch
from kgenrich.harvest.completeness import Met, Whole, missing_of
from kgenrich.model import Entity, Origin
from kgenrich.progress import Progress
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import packed, unpacked
from kgenrich.store.facts.load import LoadCounts, load_entities
from kgenrich.store.facts.origins import read_ledger
from kgenrich.store.keys import entity_key
from kgenrich.store.ledger import HOME


class Trial:
    """Loads batches of what an ``origin`` says (None: the wiki of the bare ids) into a store that
    keeps nothing of it; what it says is counted against what the store has."""

    def __init__(self, store: Store, origin: Origin | None, whole: Whole, allow_gone: int) -> None:
        # With numbers of its own, which nobody else sees.
        self._store = Store(store.engine, store.base)
        with self._store.read() as connection:
            self._store.slots.read(connection)
        known = read_ledger(self._store).origins
        numbers = [n for n, one in known.items() if origin and one.name == origin.name]
        self._origin = HOME if origin is None else (numbers or [max(known) + 1])[0]
        if origin is not None:
            known[self._origin] = origin
        self._whole, self._allow_gone = whole, allow_gone
        self._met, self._keys = Met(), [b""]

    def load(
        self, batch: Batch, entities: Sequence[Entity], languages: Sequence[str]
    ) -> LoadCounts:
        """What would become of the entities that are taken of a batch."""
        self._keys.append(packed(map(entity_key, self._met.add(batch))))
        return load_entities(
            self._store,
            entities,
            origin=self._origin,
            languages=languages,
            live=batch.live,
            keep=False,
        )

    def gone(self, progress: Progress) -> int:
        """Of how many entities the origin would be taken to speak no more."""
        if self._whole is Whole.NO:
            return 0
        keys, most = unpacked(self._keys), self._allow_gone
        missing = missing_of(
            self._store, keys, self._origin, self._met, self._whole, most, progress
        )
        return len(missing)
