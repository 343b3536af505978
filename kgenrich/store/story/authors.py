"""Who decides: people under their names, and policies under their words and who ran them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from kgenrich.store.base import Store
from kgenrich.store.story.policies import POLICY_AUTHOR
from kgenrich.store.tables import decisions


def policy_author(policy: str, author: str) -> str:
    """The author of what a policy decides.

    >>> policy_author("over 0.95", "ann")
    'policy: over 0.95, by ann'
    """
    return f"{POLICY_AUTHOR}{policy}, by {author}"


def is_policy() -> ColumnElement[bool]:
    """A policy decided."""
    return decisions.c.author.startswith(POLICY_AUTHOR)


def policies_of(store: Store, author: str) -> list[str]:
    """The policies that somebody had decide, as the authors of decisions."""
    ran = decisions.c.author.endswith(f", by {author}", autoescape=True)
    query = select(decisions.c.author).where(is_policy(), ran).distinct()
    with store.read() as connection:
        return [*connection.execute(query).scalars()]
