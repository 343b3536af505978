"""The source ``searxng``: one's own SearXNG, which asks other engines; ``url`` is the server."""

from __future__ import annotations

from typing import Any

from kgenrich.errors import NetworkError
from kgenrich.languages import locale
from kgenrich.model import TermRequest
from kgenrich.net.faults import told
from kgenrich.net.service import Service
from kgenrich.sources import loose
from kgenrich.sources.base import SourceContext
from kgenrich.sources.remote_source import network, require_option
from kgenrich.sources.search.web import Query, Result, WebOptions, WebSearch, results

_HINT = 'Its settings must allow JSON: search: formats: ["html", "json"].'


class Searxng(WebSearch):
    def __init__(self, context: SourceContext, options: WebOptions) -> None:
        super().__init__(context, options, "searxng")
        self._service = Service(network(context, options), options.url, hints={403: _HINT})
        self.host = self._service.host

    def search(self, request: TermRequest, query: Query) -> list[Result]:
        parameters = {"q": query.text, "format": "json", "language": locale(request.language)}
        said = self._service.get("/search", parameters, dict[str, Any])
        hits = loose.objects(said, "results")
        if hits is None:
            raise NetworkError(f"{self._service.host} sent an answer without results.")
        if not hits and (silent := _silent(said.get("unresponsive_engines"))):
            raise NetworkError(
                f"{self._service.host} has no results, for its engines fail: {silent}."
            )
        return results(hits, "content")


def _silent(engines: Any) -> str:
    """The engines that did not answer, each with the reason."""
    engines = engines if isinstance(engines, list) else []
    rows = [row if isinstance(row, list) else [row] for row in engines]
    return told("; ".join(": ".join(map(str, row[:2])) for row in rows[:10]))


def factory(context: SourceContext) -> Searxng:
    """SearXNG (a `SourceFactory`)."""
    options = context.read(WebOptions)
    require_option(options.url, "url", '"http://127.0.0.1:8888"')
    return Searxng(context, options)
