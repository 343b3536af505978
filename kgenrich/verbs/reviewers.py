"""Inviting people to review: tokens, and the languages that each reads and writes."""

from __future__ import annotations

from secrets import token_urlsafe

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.languages import valid_codes
from kgenrich.store.story.policies import NEW, TRUSTED
from kgenrich.store.story.reviewers import ReviewerRow, add_reviewer, find_reviewer
from kgenrich.store.story.reviewers import reviewers as stored_reviewers
from kgenrich.store.story.reviewers import revoke as revoke_token
from kgenrich.verbs.workspace import Options, Rows, Workspace

_LONGEST = 100


class Reviewer(Struct, frozen=True):
    """A person with the languages that they read and write; ``writes`` is empty for all."""

    name: str
    reads: tuple[str, ...] = ("en",)
    writes: tuple[str, ...] = ()


class InviteOptions(Options, frozen=True, kw_only=True):
    """Whom, the ``languages`` that they write, and those that they read besides; ``trusted``: not
    as somebody new."""

    name: str
    languages: tuple[str, ...]
    reads: tuple[str, ...] = ()
    trusted: bool = False


def invite(workspace: Workspace, options: InviteOptions) -> str:
    """A token with which a person signs in to the review page. It is kept nowhere: only its hash
    is. Raises `UsageError` for a name that is taken or none, and for unknown languages."""
    name = " ".join(options.name.split())
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise UsageError("A reviewer needs a name, of 100 characters at most.")
    if name.startswith("policy:"):
        raise UsageError("Names that begin with `policy:` are those of policies.")
    writes = valid_codes(options.languages) if options.languages else ()
    reads = tuple(dict.fromkeys((*valid_codes(options.reads or ("en",)), *writes)))
    token = token_urlsafe(24)
    trust = TRUSTED if options.trusted else NEW
    add_reviewer(workspace.store, name, token, ",".join(reads), ",".join(writes), trust)
    return token


def revoke(workspace: Workspace, name: str) -> None:
    """Have a reviewer's token open nothing any more. Raises `UsageError` where there is none."""
    if not revoke_token(workspace.store, " ".join(name.split())):
        raise UsageError(f"{name[:200]!r} has no token: `kgenrich review people` lists who has.")


def people(workspace: Workspace) -> Rows:
    """Everybody who was ever invited."""
    return Rows(
        [
            {
                "name": one.name,
                "reads": one.reads,
                "writes": one.writes,
                "trust": one.trust,
                "invited": one.invited,
                "revoked": one.revoked,
            }
            for one in stored_reviewers(workspace.store)
        ]
    )


def reviewer_of(workspace: Workspace, token: str) -> Reviewer | None:
    """Whose token this is."""
    row = find_reviewer(workspace.store, token)
    return None if row is None else _reviewer(row)


def _reviewer(row: ReviewerRow) -> Reviewer:
    reads, writes = (tuple(filter(None, codes.split(","))) for codes in (row.reads, row.writes))
    return Reviewer(row.name, reads, writes)
