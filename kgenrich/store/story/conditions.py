"""What "current", "accepted", "decided", "open" and "there by now" mean, as conditions of SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, exists, literal_column, or_, select

from kgenrich.model import HARD, TermKind, Verdict
from kgenrich.store.tables import decisions, proposals, terms
from kgenrich.store.term_slots import KIND_CODES

ACCEPTING = (str(Verdict.ACCEPT), str(Verdict.EDIT))
"""The verdicts that make a term of a candidate."""

DECIDING = (*ACCEPTING, str(Verdict.REJECT))
"""The verdicts that settle a candidate; others leave it open."""

_ALIAS = KIND_CODES[TermKind.ALIAS]


def is_current(table: Table) -> ColumnElement[bool]:
    """The proposal or decision holds. It is the condition of the partial indexes to the letter:
    otherwise they are not used."""
    return literal_column(f"{table.name}.current")


def is_accepted() -> ColumnElement[bool]:
    """The decision holds and makes a term of its candidate."""
    return and_(is_current(decisions), decisions.c.verdict.in_(ACCEPTING))


def is_replacing() -> ColumnElement[bool]:
    """The decision holds and is on a label of the graph; as `is_current` to the letter."""
    return and_(is_current(decisions), literal_column("decisions.replaces != ''"))


def is_forbidden() -> ColumnElement[bool]:
    """A validator said of the proposal that it must not be written (`kgenrich.model.is_hard`)."""
    return proposals.c.codes.contains(f'"{HARD}', autoescape=True)


def is_alias(slot: ColumnElement[int]) -> ColumnElement[bool]:
    """The term is one of many."""
    return slot % 4 == _ALIAS


def is_missing(key: ColumnElement[int], slot: ColumnElement[int]) -> ColumnElement[bool]:
    """The graph has no such term of the entity."""
    return ~exists().where(terms.c.entity_key == key, terms.c.slot == slot)


def is_there_by_now(
    key: ColumnElement[int],
    slot: ColumnElement[int],
    wording: ColumnElement[str],
    replaces: ColumnElement[str],
) -> ColumnElement[bool]:
    """The graph has the term: any label or description in its place other than the one that it
    replaces, but of aliases only the same text, which may also be the label."""
    label = slot - _ALIAS + KIND_CODES[TermKind.LABEL]
    one = and_(~is_alias(slot), terms.c.slot == slot, terms.c.text != replaces)
    same = and_(is_alias(slot), terms.c.text == wording)
    places = terms.c.slot.in_([slot, label])
    return exists().where(terms.c.entity_key == key, places, or_(one, same))


def has_accepted(
    key: ColumnElement[int], slot: ColumnElement[int], *where: ColumnElement[bool]
) -> ColumnElement[bool]:
    """A candidate for the term was accepted."""
    return exists().where(
        decisions.c.entity_key == key, decisions.c.slot == slot, is_accepted(), *where
    )


def is_decided() -> ColumnElement[bool]:
    """The candidate of a proposal has a decision. That a text was accepted as a missing label
    does not say that it is to replace one."""
    rejected = decisions.c.verdict == Verdict.REJECT
    about = or_(rejected, and_(decisions.c.verdict.in_(ACCEPTING), _is_about_the_same()))
    mine = decisions.c.candidate_id == proposals.c.candidate_id
    return select(decisions.c.id).where(mine, is_current(decisions), about).exists()


def is_open() -> ColumnElement[bool]:
    """Nobody decided on the candidate of a proposal, and its label or description was neither
    accepted in another wording nor is it there by now; what it replaces still is."""
    key, slot, replaces = proposals.c.entity_key, proposals.c.slot, proposals.c.replaces
    place = (terms.c.entity_key == key, terms.c.slot == slot)
    wanted = or_(
        and_(replaces == "", is_missing(key, slot)),
        exists().where(*place, terms.c.text == replaces),
    )
    taken = has_accepted(key, slot, _is_about_the_same())
    return and_(~is_decided(), or_(is_alias(slot), and_(~taken, wanted)))


def _is_about_the_same() -> ColumnElement[bool]:
    return or_(proposals.c.replaces == "", decisions.c.replaces == proposals.c.replaces)
