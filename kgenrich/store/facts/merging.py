"""What an entity is by all that its origins say of it.

A pure function of their statements, whatever the order in which they came in: of several labels in
a language that of the best form is the label, the others are aliases that keep their form; texts
stand in the order of the wiki, if one says them, then by the alphabet. So what one origin says can
be taken out again, and the rest is what it would be without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kgenrich.store.ledger import PLAIN, PLAIN_LABEL, Members, Ranked

LABEL, DESCRIPTION, ALIAS, DEFINITION = range(4)
"""Kinds of terms as the last digit, to the base of four, of a slot."""
_KINDS = {"label": LABEL, "description": DESCRIPTION, "alias": ALIAS, "definition": DEFINITION}
_LAST = 1 << 30
"""The place of what has no order of its own."""

Order = Callable[[int], tuple[bool, str]]
"""What an origin is sorted by: whether it is no wiki, and its name."""


Claim = tuple[int | str, ...]
"""A property and the columns of a value; a class has zero for a property."""


class SaidTerm(NamedTuple):
    """That an origin says a term in a form; ``place`` is where it stands."""

    slot: int
    text: str
    origin: int
    form: int
    place: int


class SaidClaim(NamedTuple):
    """That an origin says a class or a claim in a form."""

    what: Claim
    origin: int
    form: int
    place: int


class MergedTerm(NamedTuple):
    """A term, its place, and who says it in which form."""

    slot: int
    text: str
    place: int
    members: Members


class MergedClaim(NamedTuple):
    """A class or a claim, its place, and who says it in which form."""

    what: Claim
    place: int
    members: Members


def kind_of(form: Ranked, kind: int) -> int:
    """What a form makes of a text that a row of this kind holds."""
    return kind if form.role is None else _KINDS.get(form.role, kind)


_Key = tuple[bool, int, str, str]
"""What texts are sorted by: wikis, rank or place, the origin, and the text."""


class _Texts:
    """The texts of one slot, each with its best key and all who say it."""

    def __init__(self) -> None:
        self.keys: dict[str, _Key] = {}
        self.members: dict[str, set[tuple[int, int]]] = {}

    def add(self, key: _Key, text: str, member: tuple[int, int]) -> None:
        known = self.keys.get(text)
        if known is None:
            self.keys[text], self.members[text] = key, {member}
        else:
            self.members[text].add(member)
            if key < known:
                self.keys[text] = key

    def merged(self, slot: int) -> Iterator[MergedTerm]:
        texts = self.keys if len(self.keys) == 1 else sorted(self.keys, key=self.keys.__getitem__)
        for place, text in enumerate(texts):
            yield MergedTerm(slot, text, place, frozenset(self.members[text]))


def merged_terms(
    said: Iterable[SaidTerm], ranked: Callable[[int], Ranked], order: Order
) -> list[MergedTerm]:
    """Terms by slot and place."""
    labels: dict[int, list[tuple[_Key, int, int]]] = {}
    others: dict[int, _Texts] = defaultdict(_Texts)
    for slot, text, origin, form, place in said:
        role = ranked(form)
        kind = kind_of(role, slot & 3)
        slot += kind - (slot & 3)
        is_other, name = order(origin)
        if kind == LABEL:
            key = (is_other, role.rank, name, text)
            labels.setdefault(slot, []).append((key, origin, form))
        elif kind == ALIAS:
            # Those of the wiki have an order, the others the alphabet's.
            key = (is_other, 0 if is_other else place, "", text)
            others[slot].add(key, text, (origin, form))
        else:
            others[slot].add((is_other, role.rank, name, text), text, (origin, form))
    result = []
    for slot, mine in labels.items():
        best = min(mine)[0][3] if len(mine) > 1 else mine[0][0][3]
        members = set()
        for (*_, text), origin, form in mine:
            if text == best:
                members.add((origin, PLAIN if form == PLAIN_LABEL else form))
            else:
                kept = PLAIN_LABEL if form == PLAIN else form
                others[slot + ALIAS].add((True, 0, "", text), text, (origin, kept))
        result.append(MergedTerm(slot, best, 0, frozenset(members)))
    for slot, texts in others.items():
        result.extend(texts.merged(slot))
    return result


def merged_claims(said: Iterable[SaidClaim], order: Order) -> list[MergedClaim]:
    """Classes or claims, with their places within their property."""
    found: dict[Claim, tuple[int, set[tuple[int, int]]]] = {}
    for what, origin, form, place in said:
        key = _LAST if order(origin)[0] else place
        known = found.get(what)
        if known is None:
            found[what] = key, {(origin, form)}
        else:
            known[1].add((origin, form))
            if key < known[0]:
                found[what] = key, known[1]
    ordered = sorted(found.items(), key=lambda item: (item[0][0], item[1][0], item[0]))
    result = []
    property: int | str | None = None
    place = 0
    for what, (_, members) in ordered:
        place = place + 1 if what[0] == property else 0
        property = what[0]
        result.append(MergedClaim(what, place, frozenset(members)))
    return result
