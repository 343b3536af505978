"""Opinions: what people say where one alone does not decide. They are kept with the decisions, hold
nothing by themselves, and bring a decision about once enough agree.

Each person has one opinion of a term (of aliases one of each candidate). It is blind: others see it
once the term is decided, or once opinions contradict each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row, literal_column, select, update

from kgenrich.model import Decision, TermKind, Verdict
from kgenrich.store import bulk
from kgenrich.store.base import Store
from kgenrich.store.keys import chunks, entity_key, rows_with
from kgenrich.store.rows import from_row
from kgenrich.store.story.conditions import ACCEPTING, DECIDING
from kgenrich.store.story.policies import POLICY_AUTHOR, Policy, read_policies
from kgenrich.store.tables import decisions as table
from kgenrich.store.tables import displaced, known_terms
from kgenrich.store.term_slots import KIND_CODES

GIVEN, SUGGESTED, KNOWN = "given", "suggested", "known"
"""The kinds: one that counts, a wording that its author may not accept alone, and what was said of
a known term."""

Places = Mapping[str, tuple[int, int]]
"""The entity key and slot of candidates."""


class Opinion(Struct, frozen=True):
    """An opinion as it is kept: its row, where it belongs, and what it says."""

    id: int
    entity_key: int
    slot: int
    kind: str
    decision: Decision

    @property
    def subject(self) -> tuple[int, int, str]:
        """What it is compared with: the term; of aliases the candidate."""
        return subject(self.entity_key, self.slot, self.decision.candidate)


def subject(key: int, slot: int, candidate: str) -> tuple[int, int, str]:
    """What opinions of a candidate are about."""
    return key, slot, candidate if slot % 4 == KIND_CODES[TermKind.ALIAS] else ""


def is_standing() -> ColumnElement[bool]:
    """The opinion stands; to the letter of its index, otherwise that is not used."""
    return literal_column("decisions.standing")


def standing(connection: Connection, keys: Iterable[int], *, known: bool = False) -> list[Opinion]:
    """The opinions that stand of these entities' terms, the first first; with ``known`` those of
    known terms, too."""
    query = select(table).where(is_standing())
    if not known:
        query = query.where(table.c.opinion != KNOWN)
    rows = rows_with(connection, query, table.c.entity_key, set(keys))
    return sorted(map(read_opinion, rows), key=lambda one: one.id)


def opinions_of(store: Store, entity: str, slot: int, candidate: str) -> list[Opinion]:
    """What people say of a term and stand to, the first first."""
    key = entity_key(entity)
    with store.read() as connection:
        wanted = subject(key, slot, candidate)
        return [one for one in standing(connection, [key], known=True) if one.subject == wanted]


def is_disagreement(opinions: Sequence[Opinion]) -> bool:
    """Whether opinions of one subject contradict each other, or wait for what others say of a
    wording."""
    wordings = {one.decision.text for one in opinions if one.decision.verdict in ACCEPTING}
    accepted = {one.decision.candidate for one in opinions if one.decision.verdict in ACCEPTING}
    rejected = {one.decision.candidate for one in opinions if one.decision.verdict not in ACCEPTING}
    is_suggested = any(one.kind == SUGGESTED for one in opinions)
    return len(wordings) > 1 or bool(accepted & rejected) or is_suggested


class Weighed(Struct, frozen=True):
    """What becomes of decisions: those that hold (``decided``), those that are but ``opinions``,
    with whether these stand still, and the candidates that are ``open`` again, since no longer
    enough agree, and those that are ``waiting`` for what others say."""

    decided: tuple[Decision, ...] = ()
    opinions: tuple[tuple[Decision, bool], ...] = ()
    open: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()


def weigh(
    connection: Connection,
    decisions: Sequence[Decision],
    places: Places,
    holding: Mapping[str, Decision],
    batch: str,
) -> Weighed:
    """Let decisions hold, or count them for opinions, as the policies of their languages say.
    Opinions that they take the place of stand no longer, which is noted for undoing the action."""
    policies = read_policies(connection)
    keys = {places[one.candidate][0] for one in decisions}
    before = standing(connection, keys, known=True)
    known = _known(connection, [one.candidate for one in decisions])
    if not (before or known or policies.by_language):
        return Weighed(tuple(decisions))
    stands: dict[tuple[int, int, str], list[Opinion]] = {}
    for opinion in before:
        stands.setdefault(opinion.subject, []).append(opinion)
    decided: list[Decision] = []
    rows: list[Decision] = []
    ended: list[int] = []
    reopened: set[str] = set()
    waiting: set[str] = set()
    for one in decisions:
        place = places[one.candidate]
        mine = stands.setdefault(subject(*place, one.candidate), [])
        policy = policies.of(place[1], one.candidate, one.author)
        kind = KNOWN if one.candidate in known else _kind(one, policy, mine)
        if kind == KNOWN and policy.is_shared:
            waiting.add(one.candidate)
        is_all = not kind and one.verdict in (*DECIDING, Verdict.REOPEN)
        if kind == KNOWN:
            is_all = one.verdict is Verdict.REOPEN
        gone = [o for o in mine if is_all or o.decision.author == one.author]
        if kind and any(o.kind == kind and _says(o.decision) == _says(one) for o in gone):
            continue
        ended += [o.id for o in gone if o.id]
        mine[:] = [o for o in mine if o not in gone]
        if not kind:
            decided.append(one)
            continue
        if kind != KNOWN:
            waiting.add(one.candidate)
        said = replace(one, opinion=kind)
        rows.append(said)
        if one.verdict is not Verdict.REOPEN:
            mine.append(Opinion(0, *place, kind, said))
        if kind == KNOWN:
            continue
        outcomes = [replace(made, opinion="") for made in _outcomes(mine, policy)]
        decided += outcomes
        waiting -= {outcome.candidate for outcome in outcomes}
        # What is rejected is done with; who thinks of it again begins anew.
        done = {made.candidate for made in outcomes if made.verdict is Verdict.REJECT}
        ended += [o.id for o in mine if o.id and o.decision.candidate in done]
        mine[:] = [o for o in mine if o.decision.candidate not in done]
        held = _held(one, place, places, holding, outcomes)
        reopened |= held - {outcome.candidate for outcome in outcomes}
    end_standing(connection, ended, batch)
    stand = {id(opinion.decision) for mine in stands.values() for opinion in mine}
    opinions = tuple((one, id(one) in stand) for one in rows)
    return Weighed(tuple(decided), opinions, frozenset(reopened), frozenset(waiting))


def _kind(one: Decision, policy: Policy, others: Sequence[Opinion]) -> str:
    """Of which kind of opinion a decision is; empty where it holds by itself."""
    if one.verdict not in DECIDING:
        return ""
    if one.author.startswith(POLICY_AUTHOR):
        return SUGGESTED if policy.reviewers or policy.is_shared else ""
    if one.verdict is Verdict.EDIT and not policy.self_review:
        said = (o.decision for o in others if o.decision.author != one.author)
        return GIVEN if any(one.text == o.text for o in said) else SUGGESTED
    return GIVEN if policy.is_shared else ""


def _known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the candidates that are of known terms."""
    query = select(known_terms.c.candidate_id)
    return {row[0] for row in rows_with(connection, query, known_terms.c.candidate_id, ids)}


def _says(one: Decision) -> tuple[str, ...]:
    return one.candidate, one.verdict, one.author, one.text, one.comment, one.reason


def _outcomes(opinions: Sequence[Opinion], policy: Policy) -> Iterator[Decision]:
    """What opinions of one subject decide: a wording that enough accept, and more than any other or
    than reject it; else what enough reject, and more than accept it."""
    votes = [one.decision for one in opinions if one.kind == GIVEN]
    if len({one.author for one in votes}) < policy.reviewers:
        return
    accepting = [one for one in votes if one.verdict in ACCEPTING]
    rejects = Counter(one.candidate for one in votes if one.verdict is Verdict.REJECT)
    wordings = Counter(one.text for one in accepting)
    for text, number in wordings.items():
        last = next(one for one in reversed(accepting) if one.text == text)
        others = max((n for other, n in wordings.items() if other != text), default=0)
        if number >= policy.needed and number > max(others, rejects[last.candidate]):
            yield last
            return
    for candidate, number in rejects.items():
        accepts = sum(one.candidate == candidate for one in accepting)
        if number >= policy.reviewers and number > accepts:
            yield next(
                one
                for one in reversed(votes)
                if one.candidate == candidate and one.verdict is Verdict.REJECT
            )


def _held(
    one: Decision,
    place: tuple[int, int],
    places: Places,
    holding: Mapping[str, Decision],
    outcomes: Sequence[Decision],
) -> set[str]:
    """The candidates whose decision an opinion puts in question: its own, and what was accepted for
    the same term where nothing is any more."""
    held = {one.candidate} & holding.keys()
    is_alias = place[1] % 4 == KIND_CODES[TermKind.ALIAS]
    if is_alias or any(outcome.verdict in ACCEPTING for outcome in outcomes):
        return held
    return held | {
        id
        for id, other in holding.items()
        if places.get(id) == place and other.verdict in ACCEPTING
    }


def end_standing(connection: Connection, ids: Sequence[int], batch: str) -> None:
    """Have opinions stand no longer, and note that the action did it."""
    _set_standing(connection, ids, batch, False)


def restore_standing(connection: Connection, ids: Sequence[int], batch: str) -> None:
    """Have opinions stand again, and note that the action did it."""
    _set_standing(connection, ids, batch, True)


def _set_standing(connection: Connection, ids: Sequence[int], batch: str, standing: bool) -> None:
    for chunk in chunks(sorted(set(ids))):
        query = update(table).where(table.c.id.in_(chunk)).values(standing=standing)
        connection.execute(query)
    rows = [{"batch": batch, "decision_id": id, "restored": standing} for id in sorted(set(ids))]
    bulk.add_missing(connection, displaced, rows)


def read_opinion(row: Row[Any]) -> Opinion:
    """A row of the table as a value."""
    decision = from_row(Decision, row, candidate=row.candidate_id, verdict=Verdict(row.verdict))
    return Opinion(row.id, row.entity_key, row.slot, row.opinion, decision)
