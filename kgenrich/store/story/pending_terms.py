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
    is_forbidden,
    is_missing,
    is_open,
    is_there_by_now,
)
from kgenrich.store.tables import candidates, decisions, entities, proposals


class Pending(Struct, frozen=True):
    """Entities whose missing term was accepted, and others that have a valid open proposal."""

    accepted: int = 0
    proposed: int = 0


def pending(store: Store, scope: Scope = EVERYTHING) -> dict[tuple[str, TermKind], Pending]:
    """Counts by language and kind, for those that have any; each missing term counts once."""
    accepted = (
        select(candidates.c.slot, func.count(distinct(candidates.c.entity_key)))
        .join(decisions, decisions.c.candidate_id == candidates.c.id)
        .where(is_accepted(), is_missing(candidates.c.entity_key, candidates.c.slot))
        .where(*within(store, scope, candidates.c.entity_key, candidates.c.slot))
        .group_by(candidates.c.slot)
    )
    key, slot = proposals.c.entity_key, proposals.c.slot
    proposed = (
        select(slot, func.count(distinct(key)))
        .where(is_current(proposals), ~is_forbidden(), is_open())
        .where(is_missing(key, slot), ~has_accepted(key, slot))
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
    query = (
        select(candidates.c.entity_key, candidates.c.slot)
        .join(decisions, decisions.c.candidate_id == candidates.c.id)
        .where(is_accepted(), among(candidates.c.entity_key, ids))
    )
    with store.read() as connection:
        return {(names[key], *store.slots.term(slot)) for key, slot in connection.execute(query)}


def overtaken(store: Store, scope: Scope = EVERYTHING) -> Counter[str]:
    """How many accepted terms the graph has overtaken, by reason. Members of a class are those
    that still belong to it: deleted and merged entities do not."""
    accepted = (
        select(func.count())
        .select_from(candidates)
        .join(decisions, decisions.c.candidate_id == candidates.c.id)
        .join(entities, entities.c.key == candidates.c.entity_key)
        .where(is_accepted())
        .where(*within(store, scope, candidates.c.entity_key, candidates.c.slot))
    )
    term = (candidates.c.entity_key, candidates.c.slot, decisions.c.text, decisions.c.replaces)
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
