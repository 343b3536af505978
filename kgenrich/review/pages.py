"""The pages that are looked at: the queue, one proposal, what was decided."""

from __future__ import annotations

from starlette.responses import Response

from kgenrich.model import RejectReason, TermKind
from kgenrich.review.filters import again_command, linked, options_of, query_of
from kgenrich.review.page import Here, for_reviewers
from kgenrich.store.story.queue_upkeep import STATES
from kgenrich.verbs.evaluate_review import EvaluateReviewOptions, evaluate_review
from kgenrich.verbs.review import next_candidate, open_candidate, review_item
from kgenrich.verbs.review_queue import review_queue
from kgenrich.verbs.undoing import ActionsOptions, list_actions

_SHOWN = 20
_ACTIONS = 50


@for_reviewers
def queue(here: Here) -> Response:
    """The queue with its counts, and its first items."""
    query = query_of(here.request)
    options = options_of(query, here.reviewer.writes)
    after = here.request.query_params.get("after", "")
    overview = review_queue(
        here.workspace,
        options,
        here.reads,
        limit=_SHOWN,
        after=after,
        reviewer=here.reviewer.name,
    )

    def link(**changes: str) -> str:
        return f"/?{linked(query, **changes)}"

    return here.page(
        "queue.html",
        overview=overview,
        query=query,
        options=options,
        link=link,
        start=f"/next?{linked(query)}",
        again=again_command(query),
        kinds=[*TermKind],
        states=STATES,
        linked=linked,
    )


@for_reviewers
def next_item(here: Here) -> Response:
    """On to the next item of the filter."""
    query = query_of(here.request)
    if candidate := taken_next(here):
        return here.go(f"/item/{candidate}", linked(query))
    return here.page("done.html", back=f"/?{linked(query)}")


def taken_next(here: Here) -> str:
    """The next candidate of the filter, which the reviewer has for a while; empty where none is
    left."""
    options = options_of(query_of(here.request), here.reviewer.writes)
    with here.site.writing:
        return next_candidate(here.workspace, options, here.reviewer.name)


@for_reviewers
def item(here: Here) -> Response:
    """One proposal with all that helps to decide on it."""
    query = query_of(here.request)
    found = review_item(
        here.workspace, here.request.path_params["candidate"], here.reads, here.reviewer.name
    )
    with here.site.writing:
        held_by = open_candidate(here.workspace, found.candidate, here.reviewer.name)
    return here.page(
        "item.html",
        item=found,
        held_by=held_by,
        query=linked(query),
        back=f"/?{linked(query)}",
        reasons=[*RejectReason],
        meanings={str(reason): reason.meaning for reason in RejectReason},
        may_write=not here.reviewer.writes or found.language in here.reviewer.writes,
        said=here.request.query_params.get("said", ""),
    )


@for_reviewers
def people(here: Here) -> Response:
    """What each person did, and how far they agree."""
    return here.page("people.html", report=evaluate_review(here.workspace, EvaluateReviewOptions()))


@for_reviewers
def log(here: Here) -> Response:
    """What was decided by whom."""
    author = here.request.query_params.get("author", "")[:200]
    viewer = here.reviewer.name
    chosen = ActionsOptions(author=author or None, limit=_ACTIONS, viewer=viewer)
    rows = list_actions(here.workspace, chosen)
    return here.page("log.html", rows=rows, author=author)
