"""The application: which address leads to what, in both versions of the protocol.

Version 0.2 is asked at ``/``, 1.0-draft at ``/draft``: one manifest cannot be that of both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, QueryParams
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kgenrich.errors import KgenrichError, UsageError
from kgenrich.services.address import ServiceAddress
from kgenrich.services.answers import answered
from kgenrich.services.guard import Guard, refused
from kgenrich.services.reconcile import reading, writing
from kgenrich.services.reconcile.manifests import draft_manifest, manifest
from kgenrich.services.reconcile.preview import flyout, preview_page
from kgenrich.store.facts.cards import largest_classes
from kgenrich.verbs.reconcile.extending import extend
from kgenrich.verbs.reconcile.matching import match
from kgenrich.verbs.reconcile.reconciler import Reconciler
from kgenrich.verbs.reconcile.suggesting import KINDS, MOST, propose_properties, suggest

Json = dict[str, Any]

_DEFAULT_TYPES = 10
_USUAL_PAGE, _USUAL_PROPERTIES = 10, 50
_LONGEST_ID = 2000


class Service:
    """What is asked, in whatever version."""

    def __init__(self, reconciler: Reconciler, address: ServiceAddress) -> None:
        self.reconciler = reconciler
        self.address = address

    def manifest(self, *, draft: bool) -> Json:
        """What the service says of itself."""
        ids = largest_classes(self.reconciler.workspace.store, _DEFAULT_TYPES)
        types = list(self.reconciler.named_ids(ids).values())
        if draft:
            return draft_manifest(self.reconciler, types)
        return manifest(self.reconciler, self.address.url, types)

    def match(self, text: str | bytes, languages: tuple[str, ...]) -> Json:
        """A batch of version 0.2."""
        asked = reading.read_batch(text, languages)
        found = match(self.reconciler, list(asked.values()))
        return writing.results(dict(zip(asked, found, strict=True)))

    def match_draft(self, text: bytes, languages: tuple[str, ...]) -> Json:
        """A batch of 1.0-draft."""
        asked = reading.read_draft_batch(text, languages)
        return writing.draft_results(match(self.reconciler, asked))

    def extend(self, text: str | bytes, languages: tuple[str, ...], *, draft: bool) -> Json:
        """What entities have of properties."""
        ids, properties = reading.read_extension(text)
        return writing.extension(extend(self.reconciler, ids, properties, languages), draft=draft)

    def suggest(self, request: Request, *, draft: bool) -> Json:
        """What somebody who types may mean."""
        kind = request.path_params["kind"]
        query, languages = request.query_params, _languages(request)
        if kind not in KINDS:
            raise UsageError(f"There is nothing of the kind {kind!r} to suggest.")
        offset = _number(query, "offset") or _number(query, "cursor")
        limit = min(_number(query, "limit") or _USUAL_PAGE, MOST)
        beginning = query.get("prefix", "")[:_LONGEST_ID]
        found = suggest(self.reconciler, kind, beginning, languages, offset, limit)
        ids = {id for one in found for id in one.classes}
        notable = self.reconciler.named_ids(ids, languages)
        return writing.suggestions(found, notable, draft=draft)

    def propose(self, request: Request, *, draft: bool) -> Json:
        """The properties that can be asked of a class."""
        query = request.query_params
        class_id = query.get("type", "")[:_LONGEST_ID]
        limit = min(_number(query, "limit") or _USUAL_PROPERTIES, MOST)
        found = propose_properties(self.reconciler, class_id, limit, _languages(request))
        return writing.proposal(found, class_id, limit, draft=draft)

    def preview(self, request: Request) -> Response:
        """A small page on an entity."""
        id = request.query_params.get("id", "")[:_LONGEST_ID]
        page = preview_page(self.reconciler, id, _languages(request))
        return HTMLResponse(page) if page else refused(f"There is no entity {id!r}.", 404)

    def flyout(self, request: Request) -> Response:
        """A few words on an entity, a class or a property."""
        id = request.query_params.get("id", "")[:_LONGEST_ID]
        told = {"id": id, "html": flyout(self.reconciler, id, _languages(request))}
        return answered(told, request.query_params.get("callback"))


def make_app(reconciler: Reconciler, address: ServiceAddress) -> Starlette:
    """The reconciliation service of a store at an address."""
    service = Service(reconciler, address)

    def root(request: Request) -> Response:
        query = request.query_params
        return answered(_asked(service, query, request), query.get("callback"))

    async def posted(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            return answered(await run_in_threadpool(_asked, service, form, request))

    def draft(request: Request) -> Response:
        return answered(service.manifest(draft=True))

    def with_body(work: Callable[[bytes, tuple[str, ...]], Json]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            body = await request.body()
            return answered(await run_in_threadpool(work, body, _languages(request)))

        return answer

    def got(work: Callable[..., Json], *, draft: bool) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            callback = None if draft else request.query_params.get("callback")
            return answered(work(request, draft=draft), callback)

        return answer

    def extend_draft(text: bytes, languages: tuple[str, ...]) -> Json:
        return service.extend(text, languages, draft=True)

    return Starlette(
        routes=[
            Route("/", root),
            Route("/", posted, methods=["POST"]),
            Route("/suggest/{kind}", got(service.suggest, draft=False)),
            Route("/properties", got(service.propose, draft=False)),
            Route("/preview", service.preview),
            Route("/flyout/{kind}", service.flyout),
            Route("/draft", draft),
            Route("/draft/", draft),
            Route("/draft/match", with_body(service.match_draft), methods=["POST"]),
            Route("/draft/suggest/{kind}", got(service.suggest, draft=True)),
            Route("/draft/preview", service.preview),
            Route("/draft/extend", with_body(extend_draft), methods=["POST"]),
            Route("/draft/extend/propose", got(service.propose, draft=True)),
        ],
        middleware=[Middleware(Guard, hosts=address.hosts)],
        exception_handlers={
            KgenrichError: _told,
            404: lambda request, error: refused("There is nothing here.", 404),
            405: lambda request, error: refused("There is nothing to do so with.", 405),
        },
    )


def _asked(service: Service, given: QueryParams | FormData, request: Request) -> Json:
    """What ``/`` is asked in version 0.2: queries, or an extension, or what the service is."""
    if isinstance(text := given.get("queries"), str):
        return service.match(text, _languages(request))
    if isinstance(text := given.get("extend"), str):
        return service.extend(text, _languages(request), draft=False)
    if request.method == "POST":
        raise UsageError("The form has no field `queries` and none `extend`.")
    return service.manifest(draft=False)


def _languages(request: Request) -> tuple[str, ...]:
    return reading.accepted_languages(request.headers.get("accept-language", ""))


def _number(params: QueryParams, name: str) -> int:
    text = params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _told(request: Request, error: Exception) -> Response:
    status = 413 if isinstance(error, reading.TooMany) else 400
    return refused(str(error), status if isinstance(error, UsageError) else 500)
