"""What every page has: the site, the visitor, the languages, and the templates that escape all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kgenrich.errors import UsageError
from kgenrich.languages import bcp47, direction, valid_codes
from kgenrich.markup import with_differences, worded
from kgenrich.review.access import Access, Visitor
from kgenrich.review.sentences import told
from kgenrich.review.wording import LOCALES, chosen_locale, language_named, messages
from kgenrich.verbs.review_context import web_address
from kgenrich.verbs.reviewers import Reviewer
from kgenrich.verbs.workspace import Workspace

READS, INTERFACE = "kgenrich-reads", "kgenrich-interface"
"""Cookies with what a visitor reads, and the language of the interface."""
_FIELDS = 20
_LONGEST_FIELD = 4000


class Site:
    """What all requests share. One writes at a time: SQLite would have them wait in steps."""

    def __init__(self, workspace: Workspace, access: Access, stamps: Mapping[str, str]) -> None:
        self.workspace = workspace
        self.access = access
        self.stamps = stamps
        self.writing = Lock()
        self._templates: dict[str, Environment] = {}

    def templates(self, locale: str) -> Environment:
        """The templates in a language of the interface."""
        if locale not in self._templates:
            self._templates[locale] = _templates(locale, self.stamps)
        return self._templates[locale]


def _templates(locale: str, stamps: Mapping[str, str]) -> Environment:
    made = Environment(
        loader=PackageLoader("kgenrich.review"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        worded=worded,
        with_differences=with_differences,
        direction=direction,
        language_named=partial(language_named, locale=locale),
        told=partial(told, locale=locale),
        web_address=web_address,
        bcp47=bcp47,
        stamps=stamps,
        locales=LOCALES,
    )
    made.install_gettext_translations(messages(locale), newstyle=True)  # type: ignore[attr-defined]
    return made


class Here(Struct, frozen=True):
    """A request with what is known of it."""

    request: Request
    site: Site
    visitor: Visitor
    locale: str
    reads: tuple[str, ...]

    @property
    def workspace(self) -> Workspace:
        """What the verbs work in."""
        return self.site.workspace

    @property
    def reviewer(self) -> Reviewer:
        """Who has signed in."""
        if self.visitor.reviewer is None:
            raise UsageError("Sign in first.")
        return self.visitor.reviewer

    def page(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """A page from a template."""
        html = (
            self.site.templates(self.locale)
            .get_template(template)
            .render(
                here=self,
                locale=self.locale,
                interface_direction=direction(self.locale),
                visitor=self.visitor,
                reads=self.reads,
                path=self.request.url.path,
                **values,
            )
        )
        response = HTMLResponse(html, status)
        self.site.access.remember(response, self.visitor.key) if self.visitor.key else None
        return response

    def go(self, path: str, query: Mapping[str, str] | str = "") -> Response:
        """Lead on to another page; a form that was sent is not sent again by going back."""
        text = query if isinstance(query, str) else urlencode(query)
        return RedirectResponse(f"{path}?{text}" if text else path, 303)


def here(request: Request) -> Here:
    """What is known of a request."""
    site: Site = request.app.state.site
    visitor = site.access.visitor(request)
    asked = request.cookies.get(INTERFACE, "")
    locale = chosen_locale(asked, request.headers.get("accept-language", ""))
    given = request.cookies.get(READS, "")[:200]
    reads = visitor.reviewer.reads if visitor.reviewer else ("en",)
    if given:
        try:
            reads = valid_codes(given.split("."))
        except UsageError:
            given = ""
    return Here(request, site, visitor, locale, reads)


Page = Callable[[Request], Response]


def for_reviewers(page: Callable[[Here], Response]) -> Page:
    """A page that only those see who have signed in; others are asked to."""

    @wraps(page)
    def asked(request: Request) -> Response:
        known = here(request)
        if known.visitor.reviewer is None:
            target = request.url.path
            target += f"?{request.url.query}" if request.url.query else ""
            return known.go("/sign-in", {"to": target})
        return page(known)

    return asked


def for_forms(
    act: Callable[[Here, FormData], Response], *, signed_in: bool = True
) -> Callable[[Request], Awaitable[Response]]:
    """What a form does: only one of ours is taken, from somebody who has signed in."""
    from starlette.concurrency import run_in_threadpool

    @wraps(act)
    async def sent(request: Request) -> Response:
        known = here(request)
        async with request.form(
            max_files=0, max_fields=_FIELDS, max_part_size=_LONGEST_FIELD
        ) as form:
            if signed_in and known.visitor.reviewer is None:
                return known.go("/sign-in", {"to": "/"})
            if not known.visitor.is_own(text_of(form, "proof")):
                return refuse(request, "", 403)
            return await run_in_threadpool(act, known, form)

    return sent


def text_of(form: FormData, name: str) -> str:
    """A field of a form as text, bounded; empty where it is not there."""
    value = form.get(name, "")
    return value[:_LONGEST_FIELD] if isinstance(value, str) else ""


def refuse(request: Request, sentence: str, status: int) -> Response:
    """Say why something cannot be done."""
    return here(request).page("refused.html", status, sentence=sentence, status=status)
