"""The source ``searxng``: one's own SearXNG, which asks other engines; ``url`` is the server."""

from __future__ import annotations

from msgspec import Struct

from kgenrich.languages import bcp47
from kgenrich.model import TermRequest
from kgenrich.net.service import Service
from kgenrich.sources.base import SourceContext
from kgenrich.sources.remote_source import network, require_option
from kgenrich.sources.search.web import Query, Result, WebOptions, WebSearch

_HINT = 'Its settings must allow JSON: search: formats: ["html", "json"].'


class _Hit(Struct):
    title: str = ""
    content: str | None = ""
    url: str = ""


class _Hits(Struct):
    results: list[_Hit]


class Searxng(WebSearch):
    def __init__(self, context: SourceContext, options: WebOptions) -> None:
        super().__init__(context, options, "searxng")
        self._service = Service(network(context, options), options.url, hints={403: _HINT})

    def search(self, request: TermRequest, query: Query) -> list[Result]:
        parameters = {"q": query.text, "format": "json", "language": bcp47(request.language)}
        hits = self._service.get("/search", parameters, _Hits).results
        return [Result(hit.title, hit.content or "", hit.url) for hit in hits]


def factory(context: SourceContext) -> Searxng:
    """SearXNG (a `SourceFactory`)."""
    options = context.read(WebOptions)
    require_option(options.url, "url", '"http://127.0.0.1:8888"')
    return Searxng(context, options)
