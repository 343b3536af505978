"""The source ``brave``: Brave's Web Search API."""

from __future__ import annotations

from typing import Any

from kgenrich.errors import NetworkError
from kgenrich.model import TermRequest
from kgenrich.net.service import Service
from kgenrich.sources import loose
from kgenrich.sources.base import SourceContext
from kgenrich.sources.mt.codes import Codes
from kgenrich.sources.remote_source import network, require_option, secret
from kgenrich.sources.search.web import RESULTS, Query, Result, WebOptions, WebSearch, results


class BraveOptions(WebOptions, frozen=True, kw_only=True):
    """``[sources.brave]``: ``price`` for a thousand queries is needed, so that costs can be
    bounded; ``key_env`` names the variable that holds the key."""

    url: str = "https://api.search.brave.com"
    key_env: str = "BRAVE_API_KEY"
    requests_per_minute: float = 60.0
    concurrency: int = 1


class Brave(WebSearch):
    def __init__(self, context: SourceContext, options: BraveOptions, key: str) -> None:
        super().__init__(context, options, "brave")
        self._codes = Codes("brave")
        headers = {"X-Subscription-Token": key, "Accept": "application/json"}
        self._service = Service(network(context, options), options.url, headers=headers, secret=key)
        self.host, self.key_env = self._service.host, options.key_env

    def search(self, request: TermRequest, query: Query) -> list[Result]:
        wanted = [("search_lang", code) for code in self._codes.targets(request.language)]
        parameters = {"q": query.text[:400], "count": str(RESULTS), **dict(wanted)}
        said = self._service.get("/res/v1/web/search", parameters, dict[str, Any])
        # Without a single hit the field is left out.
        hits = loose.objects(said, "web", "results") if said.get("web") else []
        if hits is None:
            raise NetworkError(f"{self._service.host} sent an answer without results.")
        return results(hits, "description")


def factory(context: SourceContext) -> Brave:
    """Brave (a `SourceFactory`)."""
    options = context.read(BraveOptions)
    require_option(options.price, "price", "5.0")
    return Brave(context, options, secret(options.key_env))
