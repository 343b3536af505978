"""What is on its way: missing terms that were accepted, or that a proposal waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import and_, distinct, func, select

from kgenrich.model import EVERYTHING, Scope, TermKind
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_key
from kgenrich.store.scope import among, within
from kgenrich.store.story.conditions import (
    has_accepted,
    is_accepted,
    is_current,
    is_decided,
    is_forbidden,
    is_missing,
    is_there_by_now,
)
from kgenrich.store.tables import decisions, entities, proposals


class Pending(Struct, frozen=True):
    """Entities whose missing term was accepted, and others that have a valid open proposal."""

    accepted: int = 0
    proposed: int = 0


def pending(store: Store, scope: Scope = EVERYTHING) -> dict[tuple[str, TermKind], Pending]:
    """Counts by language and kind, for those that have any; each missing term counts once."""
    key, slot = decisions.c.entity_key, decisions.c.slot
    accepted = (
        select(slot, func.count(distinct(key)))
        .where(is_accepted(), is_missing(key, slot), *within(store, scope, key, slot))
        .group_by(slot)
    )
    key, slot = proposals.c.entity_key, proposals.c.slot
    # What is open of that which replaces nothing, without asking twice.
    proposed = (
        select(slot, func.count(distinct(key)))
        .where(is_current(proposals), ~is_forbidden(), proposals.c.replaces == "")
        .where(is_missing(key, slot), ~has_accepted(key, slot), ~is_decided())
        .where(*within(store, scope, key, slot))
        .group_by(slot)
    )
    with store.read() as connection:
        found = [connection.execute(query).all() for query in (accepted, proposed)]
    done, waiting = ({row[0]: row[1] for row in rows} for rows in found)
    return {
        store.slots.term(slot): Pending(done.get(slot, 0), waiting.get(slot, 0))
        for slot in sorted(done.keys() | waiting.keys())
    }


def accepted_terms(store: Store, ids: Sequence[str]) -> set[tuple[str, str, TermKind]]:
    """Entity, language and kind of the terms of these entities that have been accepted."""
    names = {entity_key(id): id for id in ids}
    query = select(decisions.c.entity_key, decisions.c.slot).where(
        is_accepted(), among(decisions.c.entity_key, ids)
    )
    with store.read() as connection:
        return {(names[key], *store.slots.term(slot)) for key, slot in connection.execute(query)}


def overtaken(store: Store, scope: Scope = EVERYTHING) -> Counter[str]:
    """How many accepted terms the graph has overtaken, by reason. Members of a class are those
    that still belong to it: deleted and merged entities do not."""
    accepted = (
        select(func.count())
        .select_from(decisions.join(entities, entities.c.key == decisions.c.entity_key))
        .where(is_accepted(), *within(store, scope, decisions.c.entity_key, decisions.c.slot))
    )
    term = (decisions.c.entity_key, decisions.c.slot, decisions.c.text, decisions.c.replaces)
    there = is_there_by_now(*term)
    merged = entities.c.redirect_key.is_not(None)
    reasons = {
        "the entity was merged into another": merged,
        "the entity was deleted": and_(entities.c.deleted, ~merged),
        "the graph has the term by now": and_(there, ~entities.c.deleted, ~merged),
    }
    with store.read() as connection:
        counts = {
            reason: connection.execute(accepted.where(condition)).scalar_one()
            for reason, condition in reasons.items()
        }
    return Counter({reason: count for reason, count in counts.items() if count})
