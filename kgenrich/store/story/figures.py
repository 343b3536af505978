"""What sources and people did, in numbers: for reports of runs and for metrics."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select

from kgenrich.model import TermKind, Verdict
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_ids
from kgenrich.store.story.authors import is_policy
from kgenrich.store.story.conditions import is_current, is_open
from kgenrich.store.tables import (
    calls,
    candidates,
    decisions,
    entities,
    evidence,
    is_alive,
    proposals,
    sources,
)
from kgenrich.text import vote_key

Runs = Sequence[int] | None
"""Runs of verbs by number; None for all that there were."""

_TERMS = 50_000
"""At most so many terms are compared."""


class SourceFigures(Struct):
    """A source: its ``calls`` (``failed`` ones among them), their ``seconds``, ``cost`` and tokens;
    proposals that it supports: all of them, and those that were ``accepted`` or ``rejected``. What
    a source that makes no calls was asked is not kept."""

    name: str
    kind: str
    calls: int = 0
    failed: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    tokens: int = 0
    proposals: int = 0
    accepted: int = 0
    rejected: int = 0


class Outcome(Struct):
    """Terms of one language and kind: candidates proposed, and decisions by verdict; of these
    ``by_policy``."""

    language: str
    kind: TermKind
    proposed: int = 0
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    by_policy: int = 0


class Agreement(Struct, frozen=True):
    """Of ``both`` terms that two sources answered, how often their first choices were the ``same``
    in normal form."""

    one: str
    other: str
    both: int
    same: int


class Waiting(Struct, frozen=True):
    """The open proposal that has waited longest, and how many wait."""

    count: int
    entity: str = ""
    language: str = ""
    kind: str = ""
    text: str = ""
    since: str = ""


def source_figures(store: Store, runs: Runs = None) -> list[SourceFigures]:
    """The sources that did anything in the runs, by name."""
    called = select(
        calls.c.source_id,
        func.count(),
        func.sum(case((calls.c.error != "", 1), else_=0)),
        func.sum(calls.c.seconds),
        func.sum(calls.c.cost),
        func.sum(calls.c.tokens_in + calls.c.tokens_out),
    ).group_by(calls.c.source_id)
    supported = (
        select(
            evidence.c.source_id,
            decisions.c.verdict,
            func.count(distinct(proposals.c.candidate_id)),
        )
        .select_from(
            proposals.join(evidence, evidence.c.candidate_id == proposals.c.candidate_id).outerjoin(
                decisions,
                and_(decisions.c.candidate_id == proposals.c.candidate_id, is_current(decisions)),
            )
        )
        .where(is_current(proposals))
        .group_by(evidence.c.source_id, decisions.c.verdict)
    )
    with store.read() as connection:
        named = connection.execute(select(sources.c.id, sources.c.name, sources.c.kind)).all()
        found = {id: SourceFigures(name, kind) for id, name, kind in named}
        for id, *numbers in connection.execute(_within(called, calls.c.run_id, runs)):
            one = found[id]
            one.calls, one.failed, one.seconds, one.cost, one.tokens = (n or 0 for n in numbers)
        for id, verdict, count in connection.execute(_within(supported, proposals.c.run_id, runs)):
            one = found[id]
            one.proposals += count
            one.accepted += count if verdict in (Verdict.ACCEPT, Verdict.EDIT) else 0
            one.rejected += count if verdict == Verdict.REJECT else 0
    used = [one for one in found.values() if one.calls or one.proposals]
    return sorted(used, key=lambda one: one.name)


def outcomes(store: Store, runs: Runs = None, since: str = "", until: str = "") -> list[Outcome]:
    """What was proposed in the runs, and decided between two times (empty: at any time), by
    language and kind. Of decisions those that hold count."""
    proposed = select(proposals.c.slot, func.count()).where(is_current(proposals))
    by_policy = func.sum(case((is_policy(), 1), else_=0))
    decided = select(decisions.c.slot, decisions.c.verdict, func.count(), by_policy).where(
        is_current(decisions)
    )
    if since:
        decided = decided.where(decisions.c.at >= since)
    if until:
        decided = decided.where(decisions.c.at <= until)
    found: dict[int, Outcome] = {}

    def of(slot: int) -> Outcome:
        return found.setdefault(slot, Outcome(*store.slots.term(slot)))

    with store.read() as connection:
        new = _within(proposed, proposals.c.run_id, runs).group_by(proposals.c.slot)
        for slot, count in connection.execute(new):
            of(slot).proposed = count
        grouped = decided.group_by(decisions.c.slot, decisions.c.verdict)
        for slot, verdict, count, policies in connection.execute(grouped):
            name = {Verdict.ACCEPT: "accepted", Verdict.EDIT: "edited"}.get(verdict, "rejected")
            setattr(of(slot), name, count)
            of(slot).by_policy += policies or 0
    return sorted(found.values(), key=lambda one: (one.language, one.kind))


def agreement(store: Store, runs: Runs = None) -> list[Agreement]:
    """How far sources agree on the terms for which the runs made new proposals, pairs by name."""
    proposed = _within(
        select(proposals.c.entity_key, proposals.c.slot).where(is_current(proposals)),
        proposals.c.run_id,
        runs,
    )
    asked = proposed.distinct().order_by("entity_key", "slot").limit(_TERMS).subquery()
    same_term = (candidates.c.entity_key == asked.c.entity_key, candidates.c.slot == asked.c.slot)
    query = (
        select(candidates.c.entity_key, candidates.c.slot, sources.c.name, candidates.c.text)
        .select_from(
            asked.join(candidates, and_(*same_term))
            .join(evidence, evidence.c.candidate_id == candidates.c.id)
            .join(sources, sources.c.id == evidence.c.source_id)
        )
        .order_by(
            candidates.c.entity_key, candidates.c.slot, sources.c.name, evidence.c.rank,
            evidence.c.ord, evidence.c.id,
        )
    )  # fmt: skip
    first: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    with store.read() as connection:
        for key, slot, name, text in connection.execute(
            query, execution_options={"yield_per": 10_000}
        ):
            first[key, slot].setdefault(name, text)
    both: Counter[tuple[str, str]] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for answers in first.values():
        if len(answers) > 1:
            keys = [(name, vote_key(text)) for name, text in answers.items()]
            for place, (one, key) in enumerate(keys):
                for other, its_key in keys[place + 1 :]:
                    both[one, other] += 1
                    same[one, other] += key == its_key
    return [Agreement(*pair, both[pair], same[pair]) for pair in sorted(both)]


def waiting(store: Store) -> Waiting:
    """What people have not decided yet."""
    undecided = (
        select(proposals.c.candidate_id, proposals.c.entity_key, proposals.c.at)
        .join(entities, entities.c.key == proposals.c.entity_key)
        .where(is_current(proposals), is_open(), *is_alive())
    )
    with store.read() as connection:
        count = connection.execute(
            select(func.count()).select_from(undecided.subquery())
        ).scalar_one()
        oldest = connection.execute(
            undecided.order_by(proposals.c.at, proposals.c.candidate_id).limit(1)
        ).first()
        if oldest is None:
            return Waiting(0)
        row = connection.execute(
            select(candidates.c.slot, candidates.c.text).where(
                candidates.c.id == oldest.candidate_id
            )
        ).one()
        entity = entity_ids(connection, [oldest.entity_key])[oldest.entity_key]
    language, kind = store.slots.term(row.slot)
    return Waiting(count, entity, language, str(kind), row.text, oldest.at)


def reviewed(store: Store) -> tuple[list[float], list[bool]]:
    """The probabilities of the candidates that people decided on, and whether they took them as
    they were."""
    query = (
        select(decisions.c.probability, decisions.c.verdict)
        .where(is_current(decisions), ~is_policy())
        .order_by(decisions.c.id)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [row.probability for row in rows], [row.verdict == Verdict.ACCEPT for row in rows]


def failures(store: Store, runs: Runs, limit: int = 20) -> list[tuple[str, str, int]]:
    """Source, error and number of the calls of the runs that failed, the most frequent first."""
    query = (
        select(sources.c.name, calls.c.error, func.count().label("number"))
        .join(sources, sources.c.id == calls.c.source_id)
        .where(calls.c.error != "")
        .group_by(sources.c.name, calls.c.error)
        .order_by(func.count().desc(), sources.c.name, calls.c.error)
        .limit(limit)
    )
    with store.read() as connection:
        rows = connection.execute(_within(query, calls.c.run_id, runs)).all()
    return [(row.name, row.error, row.number) for row in rows]


def _within(query: Select[Any], run_id: ColumnElement[int], runs: Runs) -> Select[Any]:
    return query if runs is None else query.where(run_id.in_(runs))
