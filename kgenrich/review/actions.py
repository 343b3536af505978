"""What forms do: decide, skip, take back."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.responses import Response

from kgenrich.errors import UsageError
from kgenrich.model import Verdict
from kgenrich.review.filters import linked, query_of
from kgenrich.review.page import Here, for_forms, text_of
from kgenrich.review.pages import taken_next
from kgenrich.verbs.decide import DecideOptions, accept, edit, leave_open, reject
from kgenrich.verbs.review import skip
from kgenrich.verbs.undoing import UndoOptions
from kgenrich.verbs.undoing import undo as take_back


def _decide(here: Here, form: FormData) -> Response:
    candidate = here.request.path_params["candidate"]
    action, _, of = text_of(form, "action").partition(":")
    do = _ACTIONS.get(action)
    if do is None:
        raise UsageError("The form does not say what to do.")
    with here.site.writing:
        do(here, form, candidate, of)
    then = taken_next(here)
    return here.go(f"/item/{then}" if then else "/next", linked(query_of(here.request)))


def _options(here: Here, form: FormData, candidate: str) -> DecideOptions:
    return DecideOptions(
        candidates=(candidate,),
        author=here.reviewer.name,
        comment=text_of(form, "comment").strip(),
        unless_decided=text_of(form, "seen") != "decided",
        writes=here.reviewer.writes,
    )


def _accept(here: Here, form: FormData, candidate: str, of: str) -> None:
    text = " ".join(text_of(form, "text").split(" ")).strip()
    options = _options(here, form, of or candidate)
    if text and not of:
        edit(here.workspace, _with(options, text=text))
    else:
        accept(here.workspace, options)


def _reject(here: Here, form: FormData, candidate: str, of: str) -> None:
    reject(here.workspace, _with(_options(here, form, candidate), reason=of))


def _unsure(here: Here, form: FormData, candidate: str, of: str) -> None:
    leave_open(here.workspace, Verdict.UNSURE, _options(here, form, candidate))


def _discuss(here: Here, form: FormData, candidate: str, of: str) -> None:
    options = _options(here, form, candidate)
    if not options.comment:
        raise UsageError("A discussion begins with a note.")
    leave_open(here.workspace, Verdict.DISCUSS, options)


def _skip(here: Here, form: FormData, candidate: str, of: str) -> None:
    skip(here.workspace, candidate, here.reviewer.name)


def _with(options: DecideOptions, **changes: str) -> DecideOptions:
    from msgspec.structs import replace

    return replace(options, **changes)


_ACTIONS: dict[str, Callable[[Here, FormData, str, str], None]] = {
    "accept": _accept,
    "reject": _reject,
    "unsure": _unsure,
    "discuss": _discuss,
    "skip": _skip,
}


def _undo(here: Here, form: FormData) -> Response:
    with here.site.writing:
        options = UndoOptions(action=text_of(form, "batch"), author=here.reviewer.name)
        report = take_back(here.workspace, options)
    query = linked(query_of(here.request))
    if len(report.candidates) == 1:
        return here.go(f"/item/{report.candidates[0]}", query)
    return here.go("/log")


def _reopen(here: Here, form: FormData) -> Response:
    candidate = here.request.path_params["candidate"]
    options = DecideOptions(
        candidates=(candidate,), author=here.reviewer.name, writes=here.reviewer.writes
    )
    with here.site.writing:
        leave_open(here.workspace, Verdict.REOPEN, options)
    return here.go(f"/item/{candidate}", linked(query_of(here.request)))


decide, undo, reopen = for_forms(_decide), for_forms(_undo), for_forms(_reopen)
