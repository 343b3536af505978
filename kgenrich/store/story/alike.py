"""Proposals that are alike: of one language and kind, for entities of the same classes, resting on
the same sources, and of descriptions in the same words. What something speaks against is like
nothing else."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import ColumnElement, exists

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.story.queue import QueueFilter, candidates_of, items
from kgenrich.store.story.queue_counts import Item, packed
from kgenrich.store.story.queue_upkeep import OPEN, SECOND
from kgenrich.store.tables import candidates, queue
from kgenrich.store.term_slots import KIND_CODES

MOST = 500
"""So many are decided together."""
LOOKED_AT = 5_000
"""Among so many items of the queue groups are looked for."""
_FEWEST = 3
_SENTENCES = {KIND_CODES[kind] for kind in (TermKind.DESCRIPTION, TermKind.DEFINITION)}
_NOTHING = packed(())


def alike(
    store: Store, chosen: QueueFilter, like: Item, text: str, reviewer: str, now: float
) -> list[Item]:
    """The items of a filter that are like one whose candidate says ``text``, with it, `MOST` at
    most, that the reviewer can decide on."""
    language, kind = store.slots.term(like.slot)
    same: list[ColumnElement[bool]] = [
        queue.c.classes == like.classes,
        queue.c.sources == like.sources,
        queue.c.codes == _NOTHING,
    ]
    if like.slot % 4 in _SENTENCES:
        mine = candidates.c.id == queue.c.candidate_id
        same.append(exists().where(mine, candidates.c.text == text))
    narrowed = replace(chosen, languages=(language,), kinds=(kind,), states=(OPEN, SECOND))
    return items(store, narrowed, limit=MOST, reviewer=reviewer, now=now, also=same)


def groups(store: Store, chosen: QueueFilter, reviewer: str, now: float) -> list[list[Item]]:
    """Groups of alike items among the first `LOOKED_AT` of a filter, the largest first."""
    narrowed = replace(chosen, states=(OPEN, SECOND))
    bare = [queue.c.codes == _NOTHING]
    found = items(store, narrowed, limit=LOOKED_AT, reviewer=reviewer, now=now, also=bare)
    sentences = [item.candidate_id for item in found if item.slot % 4 in _SENTENCES]
    texts = {id: one.text for id, one in candidates_of(store, sentences).items()}
    by_likeness: dict[tuple[int, str, str, str], list[Item]] = {}
    for item in found:
        likeness = item.slot, item.classes, item.sources, texts.get(item.candidate_id, "")
        by_likeness.setdefault(likeness, []).append(item)
    large = [group for group in by_likeness.values() if len(group) >= _FEWEST]
    return sorted(large, key=len, reverse=True)
