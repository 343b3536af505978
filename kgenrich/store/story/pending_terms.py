"""What is on its way: missing terms that were accepted, or that a proposal waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, and_, distinct, exists, func, or_, select

from kgenrich.model import EVERYTHING, Scope, TermKind
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_key
from kgenrich.store.scope import within
from kgenrich.store.story.decisions import HOLDS
from kgenrich.store.tables import candidates, decisions, entities, proposals, terms
from kgenrich.store.term_slots import KIND_CODES


class Pending(Struct, frozen=True):
    """Entities whose missing term was accepted, and others that have a valid open proposal."""

    accepted: int = 0
    proposed: int = 0


def pending(store: Store, scope: Scope = EVERYTHING) -> dict[tuple[str, TermKind], Pending]:
    """Counts by language and kind, for those that have any; each missing term counts once."""
    accepted = (
        select(candidates.c.slot, func.count(distinct(candidates.c.entity_key)))
        .join(decisions, decisions.c.candidate_id == candidates.c.id)
        .where(decisions.c.current, decisions.c.verdict.in_(HOLDS))
        .where(_missing(candidates.c.entity_key, candidates.c.slot))
        .where(*within(store, scope, candidates.c.entity_key, candidates.c.slot))
        .group_by(candidates.c.slot)
    )
    decided = proposals.c.candidate_id == decisions.c.candidate_id
    proposed = (
        select(proposals.c.slot, func.count(distinct(proposals.c.entity_key)))
        .where(proposals.c.current, ~proposals.c.codes.like('%"E%'))
        .where(*within(store, scope, proposals.c.entity_key, proposals.c.slot))
        .where(_missing(proposals.c.entity_key, proposals.c.slot))
        .where(~exists().where(decided, decisions.c.current))
        .where(~_accepted(proposals.c.entity_key, proposals.c.slot))
        .group_by(proposals.c.slot)
    )
    with store.read() as connection:
        done, open_ = _counts(connection, accepted), _counts(connection, proposed)
    return {
        (store.slots.language(slot), store.slots.kind(slot)): Pending(
            done.get(slot, 0), open_.get(slot, 0)
        )
        for slot in sorted(done.keys() | open_.keys())
    }


def settled(store: Store, entities: Sequence[str]) -> set[tuple[str, str, TermKind]]:
    """Entity, language and kind of the terms that have been accepted, among some entities."""
    found = set()
    for chunk in chunks(entities):
        names = {entity_key(id): id for id in chunk}
        query = (
            select(candidates.c.entity_key, candidates.c.slot)
            .join(decisions, decisions.c.candidate_id == candidates.c.id)
            .where(decisions.c.current, decisions.c.verdict.in_(HOLDS))
            .where(candidates.c.entity_key.in_(list(names)))
        )
        with store.read() as connection:
            for key, slot in connection.execute(query):
                found.add((names[key], store.slots.language(slot), store.slots.kind(slot)))
    return found


def overtaken(store: Store, scope: Scope = EVERYTHING) -> Counter[str]:
    """How many accepted terms the graph has overtaken, by reason. Members of a class are those
    that still belong to it: deleted and merged entities do not."""
    accepted = (
        select(func.count())
        .select_from(candidates)
        .join(decisions, decisions.c.candidate_id == candidates.c.id)
        .join(entities, entities.c.key == candidates.c.entity_key)
        .where(decisions.c.current, decisions.c.verdict.in_(HOLDS))
        .where(*within(store, scope, candidates.c.entity_key, candidates.c.slot))
    )
    merged = entities.c.redirect_key.is_not(None)
    reasons = {
        "the entity was merged into another": merged,
        "the entity was deleted": and_(entities.c.deleted, ~merged),
        "the graph has the term by now": and_(there_by_now(), ~entities.c.deleted, ~merged),
    }
    with store.read() as connection:
        counts = {
            reason: connection.execute(accepted.where(condition)).scalar_one()
            for reason, condition in reasons.items()
        }
    return Counter({reason: count for reason, count in counts.items() if count})


def there_by_now() -> ColumnElement[bool]:
    """The graph has the accepted term: any label or description in its place other than the one
    that it replaces, but of aliases only the same text, which may also be the label."""
    alias = KIND_CODES[TermKind.ALIAS]
    label = candidates.c.slot - alias + KIND_CODES[TermKind.LABEL]
    same = and_(
        candidates.c.slot % 4 == alias,
        terms.c.slot.in_([candidates.c.slot, label]),
        terms.c.text == decisions.c.text,
    )
    one = and_(
        candidates.c.slot % 4 != alias,
        terms.c.slot == candidates.c.slot,
        terms.c.text != decisions.c.replaces,
    )
    return (
        select(terms.c.slot)
        .where(terms.c.entity_key == candidates.c.entity_key, or_(one, same))
        .correlate(candidates, decisions)
        .exists()
    )


def _missing(key: ColumnElement[int], slot: ColumnElement[int]) -> ColumnElement[bool]:
    return ~exists().where(terms.c.entity_key == key, terms.c.slot == slot)


def _accepted(key: ColumnElement[int], slot: ColumnElement[int]) -> ColumnElement[bool]:
    other = candidates.alias("other")
    return (
        exists()
        .where(other.c.entity_key == key, other.c.slot == slot)
        .where(decisions.c.candidate_id == other.c.id, decisions.c.current)
        .where(decisions.c.verdict.in_(HOLDS))
    )


def _counts(connection: Connection, query: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(query)}
