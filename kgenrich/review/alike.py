"""Alike proposals on the page: groups, a sample to look at, and one action for all."""

from __future__ import annotations

from msgspec.structs import asdict
from starlette.datastructures import FormData
from starlette.responses import Response

from kgenrich.errors import UsageError
from kgenrich.model import RejectReason
from kgenrich.review.filters import linked, options_of, query_of
from kgenrich.review.page import Here, for_forms, for_reviewers, text_of
from kgenrich.store.story.known import find_shown
from kgenrich.verbs.alike import (
    AlikeOptions,
    accept_alike,
    groups,
    reject_alike,
    sample,
)


def _options(here: Here, form: FormData | None = None, reason: str = "") -> AlikeOptions:
    chosen = asdict(options_of(query_of(here.request), here.reviewer.writes))
    candidate = here.request.path_params["candidate"]
    stamp = text_of(form, "stamp") if form else ""
    return AlikeOptions(
        **chosen, candidate=candidate, author=here.reviewer.name, stamp=stamp, reason=reason
    )


@for_reviewers
def overview(here: Here) -> Response:
    """The groups of a filter."""
    query = query_of(here.request)
    options = options_of(query, here.reviewer.writes)
    found = groups(here.workspace, options, here.reads, here.reviewer.name)
    return here.page(
        "alike-groups.html", groups=found, query=linked(query), back=f"/?{linked(query)}"
    )


@for_reviewers
def one_group(here: Here) -> Response:
    """What is like a candidate."""
    query = query_of(here.request)
    return here.page(
        "alike.html",
        sample=sample(here.workspace, _options(here), here.reads),
        query=linked(query),
        back=f"/alike?{linked(query)}",
        reasons=[*RejectReason],
    )


def _decide(here: Here, form: FormData) -> Response:
    _refuse_foreign(here, here.request.path_params["candidate"])
    action, _, reason = text_of(form, "action").partition(":")
    with here.site.writing:
        if action == "accept":
            report = accept_alike(here.workspace, _options(here, form))
        elif action == "reject":
            report = reject_alike(here.workspace, _options(here, form, reason=reason))
        else:
            raise UsageError("The form does not say what to do.")
    query = linked(query_of(here.request))
    return here.page("alike-done.html", report=report, query=query, back=f"/alike?{query}")


decide_group = for_forms(_decide)


def _refuse_foreign(here: Here, candidate: str) -> None:
    """Raise `UsageError` for a language that the reviewer does not write."""
    language = find_shown(here.workspace.store, candidate).proposal.candidate.language
    if here.reviewer.writes and language not in here.reviewer.writes:
        raise UsageError(f"{here.reviewer.name} was not invited to decide on {language}.")
