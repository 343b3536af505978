"""What an origin said once and does not say any more.

A harvest that reads all there is notes what it meets; what it has not met is gone. That may be
wrong: a file may be an excerpt, or what is missing stood where it could not be read. So it is
believed only where the harvest was told so, or where little is missing, and never where something
that has no name could not be read.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from kgenrich.harvest.batch import Batch
from kgenrich.progress import Progress
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import Keys
from kgenrich.store.facts.load import retract
from kgenrich.store.facts.seen import forget_seen, noted, unseen

BELIEVED = 0.1
"""The share of an origin that is taken to be gone without a yes."""


class Whole(Enum):
    """Whether a harvest reads all that an origin says."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


class Met(Struct):
    """What a harvest has met: how many batches and entities, the ``newest`` revision, and how much
    is ``nameless``: could not be read, and nobody knows of which entity it is."""

    batches: int = 0
    entities: int = 0
    newest: int = 0
    nameless: int = 0

    def add(self, batch: Batch) -> list[str]:
        """Count a batch; the ids of what it has, of use or not."""
        ids = [entity.id for entity in batch.entities]
        self.batches += 1
        self.entities += len(ids)
        self.newest = max(self.newest, *(entity.revision for entity in batch.entities), 0)
        self.nameless += sum(not refused.entity for refused in batch.rejects)
        return ids + [refused.entity for refused in batch.rejects if refused.entity]


def take_out(
    store: Store,
    run_id: int,
    origin: int,
    met: Met,
    whole: Whole,
    allow_gone: int,
    progress: Progress,
) -> int:
    """Take what a run has not met out of what its origin says, if it is certain enough; of how many
    entities that was."""
    keys = noted(store, run_id)
    missing = missing_of(store, keys, origin, met, whole, allow_gone, progress)
    retract(store, origin, missing)
    store.write(lambda connection: forget_seen(connection, run_id))
    return len(missing)


def missing_of(
    store: Store,
    keys: Keys,
    origin: int,
    met: Met,
    whole: Whole,
    allow_gone: int,
    progress: Progress,
) -> list[int]:
    """What an origin had and is not among the ``keys`` that were met, if it is certain enough that
    it is gone. Without a yes no more than ``allow_gone``, and a share, are."""
    who = store.ledger.origins[origin]
    missing = list(unseen(store, keys, origin, met.newest if who.kind == "wiki" else None))
    told = f"{len(missing):,} entities that {who.name} had are missing now"
    is_likely = len(missing) <= min(allow_gone, BELIEVED * met.entities)
    if missing and met.nameless:
        progress.remark(
            f"{told}, but {met.nameless:,} parts could not be read, and may be these: they are "
            "kept. `kgenrich rejects` shows the parts.",
            grave=True,
        )
        return []
    if missing and whole is Whole.PERHAPS and not is_likely:
        progress.remark(f"{told}; they are kept. If this is all there is, give --complete.")
        return []
    return missing
