"""How many people decide on a term: by language, kept in the store so that it binds all who decide
there."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, delete, insert, select, update

from kgenrich.model import content_id
from kgenrich.store.base import Store
from kgenrich.store.rows import from_row, storable
from kgenrich.store.tables import languages, reviewers
from kgenrich.store.tables import review_policies as table

NEW, TRUSTED = "new", "trusted"
"""How far a reviewer is trusted."""
POLICY_AUTHOR = "policy: "
"""How the author of decisions begins that no person made."""


class Policy(Struct, frozen=True):
    """How a term of a language is decided: at least so many ``reviewers`` say something (0: rules
    may accept it, too), so many ``votes`` accept it (0: as many as there are reviewers). Without
    ``self_review`` nobody's own wording is accepted by its author. Of what ``new`` reviewers say, a
    share, ``sampled``, waits for a second opinion."""

    reviewers: int = 0
    votes: int = 0
    self_review: bool = True
    sampled: float = 0.0

    @property
    def needed(self) -> int:
        """The votes that accept a term."""
        return self.votes or max(self.reviewers, 1)

    @property
    def is_shared(self) -> bool:
        """Whether one person alone never decides."""
        return self.reviewers > 1 or self.needed > 1


DEFAULT = Policy()


class Policies(Struct, frozen=True):
    """The policies by the number of a language (None: all others), and who is ``new``."""

    by_language: Mapping[int | None, Policy] = {}
    new: frozenset[str] = frozenset()

    def of(self, slot: int, candidate: str = "", author: str = "") -> Policy:
        """The policy for a term; for a candidate that is sampled, and a new reviewer, one that asks
        for a second opinion."""
        default = self.by_language.get(None, DEFAULT)
        policy = self.by_language.get(slot >> 2, default)
        if author in self.new and not policy.is_shared and is_sampled(candidate, policy.sampled):
            return Policy(2, 2, policy.self_review, policy.sampled)
        return policy


def is_sampled(candidate: str, share: float) -> bool:
    """Whether a candidate is in a sample: always the same ones, chosen by hash."""
    return int(content_id("sampled", candidate)[:8], 16) < share * 2**32


def read_policies(connection: Connection) -> Policies:
    """All that are kept."""
    query = select(table, languages.c.id).outerjoin(languages, languages.c.code == table.c.language)
    rows = [row for row in connection.execute(query) if not row.language or row.id is not None]
    kept = {row.id if row.language else None: from_row(Policy, row) for row in rows}
    new: frozenset[str] = frozenset()
    if any(policy.sampled for policy in kept.values()):
        is_new = (reviewers.c.trust == NEW, reviewers.c.revoked == "")
        names = connection.execute(select(reviewers.c.name).where(*is_new)).scalars()
        new = frozenset(names)
    return Policies(kept, new)


def policies(store: Store) -> dict[str, Policy]:
    """The policies by the code of a language, that of all others under an empty one."""
    with store.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.language)).all()
        return {row.language: from_row(Policy, row) for row in rows}


def policy_of(store: Store, code: str) -> Policy:
    """The policy of a language."""
    kept = policies(store)
    return kept.get(code, kept.get("", DEFAULT))


def set_policy(store: Store, codes: tuple[str, ...], policy: Policy | None) -> None:
    """Have a policy hold for these languages, or none any more."""
    store.number_languages(code for code in codes if code)

    def work(connection: Connection) -> None:
        connection.execute(delete(table).where(table.c.language.in_(codes)))
        if policy is not None:
            rows = [{"language": code, **asdict(policy)} for code in codes]
            connection.execute(insert(table), rows)

    store.write(work)


def set_trust(store: Store, name: str, trust: str) -> bool:
    """Trust a reviewer so far; whether there is one of the name."""
    is_held = (reviewers.c.name == storable(name), reviewers.c.revoked == "")
    query = update(reviewers).where(*is_held).values(trust=trust)
    return store.write(lambda connection: connection.execute(query).rowcount > 0)
