"""Signing in and out, and what a visitor reads."""

from __future__ import annotations

from math import ceil

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from kgenrich.languages import valid_codes
from kgenrich.review.access import Visitor
from kgenrich.review.page import INTERFACE, READS, Here, for_forms, for_reviewers, here, text_of
from kgenrich.review.wording import LOCALES

_LIFE = 365 * 24 * 3600


def sign_in(request: Request) -> Response:
    """Where a token is given. The form needs no proof: it gives nothing that is known already."""
    known = here(request)
    return known.page("sign-in.html", to=_inside(request.query_params.get("to", "/")), wait=0)


async def enter(request: Request) -> Response:
    """Sign in with a token."""
    from starlette.concurrency import run_in_threadpool

    known = here(request)
    async with request.form(max_files=0, max_fields=3, max_part_size=1000) as form:
        token, to = text_of(form, "token").strip(), _inside(text_of(form, "to"))
    access = known.site.access
    wait = access.wait(request)
    reviewer = None if wait else await run_in_threadpool(access.sign_in, request, token)
    if reviewer is None:
        status = 429 if wait else 403
        page = known.page("sign-in.html", status, to=to, wait=ceil(access.wait(request)) or 1)
        page.headers["Retry-After"] = str(ceil(access.wait(request)))
        return page
    response = known.go(to)
    access.remember(response, Visitor(token, reviewer).key)
    return response


def _inside(path: str) -> str:
    """A path of this site; anything else leads to the queue."""
    is_path = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_path and len(path) < 2000 else "/"


def _leave(known: Here, form: FormData) -> Response:
    response = known.go("/sign-in")
    known.site.access.forget(response)
    return response


@for_reviewers
def settings(known: Here) -> Response:
    """What the visitor reads, and the language of the interface."""
    return known.page("settings.html")


def _save_settings(known: Here, form: FormData) -> Response:
    codes = text_of(form, "reads").replace(",", " ").split()
    reads = valid_codes(codes[:20]) if codes else known.reviewer.reads
    response = known.go("/")
    response.set_cookie(READS, ".".join(reads), _LIFE, httponly=True, samesite="strict")
    if (interface := text_of(form, "interface")) in LOCALES:
        response.set_cookie(INTERFACE, interface, _LIFE, httponly=True, samesite="strict")
    return response


leave, save_settings = for_forms(_leave), for_forms(_save_settings)
