"""Whose decisions may be published: those of people whose languages cover source and target."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from kgenrich.languages import base
from kgenrich.model import MUL, UNDETERMINED, ProvenanceRow
from kgenrich.store.base import Store
from kgenrich.store.story.policies import POLICY_AUTHOR
from kgenrich.store.story.reviewers import reviewers

BY_POLICY = "a policy decided, and no person"
NOBODY = "decided by somebody whose languages are not recorded"
REVOKED = "decided by somebody who may review no longer"
NO_TARGET = "decided by somebody who is not recorded to write the language"
NO_SOURCE = "decided by somebody who is not recorded to read what it was made from"


class Languages(Struct, frozen=True):
    """The codes of the languages that a person reads and writes; ``revoked`` says that they may
    review no longer."""

    reads: frozenset[str]
    writes: frozenset[str]
    revoked: bool = False


def recorded_languages(store: Store) -> dict[str, Languages]:
    """The languages of people, by name. Whoever was invited to write all languages has none that
    somebody recorded."""
    found: dict[str, Languages] = {}
    for row in reviewers(store):
        reads, writes = (frozenset(filter(None, c.split(","))) for c in (row.reads, row.writes))
        # Who was invited anew may review.
        if not row.revoked or row.name not in found:
            found[row.name] = Languages(reads, writes, bool(row.revoked))
    return found


def obstacle(row: ProvenanceRow, people: Mapping[str, Languages], *, policies: bool) -> str:
    """Why an accepted term may not be published; empty for one that may."""
    if row.decision is None:
        return NOBODY
    author = row.decision.author
    if author.startswith(POLICY_AUTHOR):
        return "" if policies else BY_POLICY
    person = people.get(author)
    if person is None or not person.writes:
        return NOBODY
    if person.revoked:
        return REVOKED
    if row.term.language not in person.writes:
        return NO_TARGET
    sources = source_languages(row)
    if sources and not any(_reads(person, code) for code in sources):
        return NO_SOURCE
    return ""


def source_languages(row: ProvenanceRow) -> frozenset[str]:
    """The languages that a term was made from; what has none, or is for all, asks for nobody."""
    codes: Iterable[str] = (one.evidence.from_language for one in row.evidence)
    return frozenset(code for code in codes if code not in ("", MUL, UNDETERMINED))


def _reads(person: Languages, code: str) -> bool:
    known: Collection[str] = person.reads | person.writes
    return code in known or base(code) in {base(one) for one in known}
