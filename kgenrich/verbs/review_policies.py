"""How many people decide on the terms of a language, and how far a reviewer is trusted."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from kgenrich.errors import UsageError
from kgenrich.languages import valid_codes
from kgenrich.store.story.policies import NEW, TRUSTED, Policy, policies, set_policy, set_trust
from kgenrich.verbs.workspace import Options, Rows, Share, Workspace


class ReviewPolicyOptions(Options, frozen=True, kw_only=True):
    """The policy of these ``languages`` (none: of all that have none of their own), as
    `kgenrich.store.story.policies.Policy` has it; ``remove`` takes it away."""

    languages: tuple[str, ...] = ()
    reviewers: Annotated[int, Meta(ge=0, le=2)] = 0
    votes: Annotated[int, Meta(ge=0, le=9)] = 0
    self_review: bool = True
    sampled: Share = 0.0
    remove: bool = False


def set_review_policy(workspace: Workspace, options: ReviewPolicyOptions) -> None:
    """Have a policy hold from now on; what was decided stays. Raises `UsageError` for languages
    that there are not."""
    codes = valid_codes(options.languages) if options.languages else ("",)
    policy = Policy(options.reviewers, options.votes, options.self_review, options.sampled)
    set_policy(workspace.store, codes, None if options.remove else policy)


def review_policies(workspace: Workspace) -> Rows:
    """The policies, by language; an empty one stands for all others."""
    return Rows(
        [
            {
                "language": code,
                "reviewers": one.reviewers,
                "votes": one.needed,
                "self_review": one.self_review,
                "sampled": one.sampled,
            }
            for code, one in policies(workspace.store).items()
        ]
    )


def trust(workspace: Workspace, name: str, *, new: bool = False) -> None:
    """Trust a reviewer, or, as ``new``, sample what they decide. Raises `UsageError` where there is
    none of the name."""
    if not set_trust(workspace.store, " ".join(name.split()), NEW if new else TRUSTED):
        raise UsageError(f"{name[:200]!r} was not invited: `kgenrich review people` lists who was.")
