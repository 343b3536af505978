"""The source ``brave``: Brave's Web Search API."""

from __future__ import annotations

from typing import Any

from kgenrich.errors import NetworkError
from kgenrich.model import TermRequest
from kgenrich.net.service import Service
from kgenrich.sources import loose
from kgenrich.sources.base import SourceContext
from kgenrich.sources.remote_source import network, require_option, secret
from kgenrich.sources.search.web import RESULTS, Query, Result, WebOptions, WebSearch, results

LANGUAGES = {
    "ja": "jp",
    "pt": "pt-pt",
    "zh": "zh-hans",
    "zh-cn": "zh-hans",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "simple": "en",
}
"""Where Brave's code of a language is another one."""

_KNOWN = """
ar eu bn bg ca zh-hans zh-hant hr cs da nl en en-gb et fi fr gl de el gu he hi hu is it jp kn ko lv
lt ms ml mr nb pl pt-br pt-pt pa ro ru sr sk sl es sv ta te th tr uk vi
"""
_CODES = frozenset(_KNOWN.split())


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
        headers = {"X-Subscription-Token": key, "Accept": "application/json"}
        self._service = Service(network(context, options), options.url, headers=headers, secret=key)
        self.host, self.key_env = self._service.host, options.key_env

    def search(self, request: TermRequest, query: Query) -> list[Result]:
        code = LANGUAGES.get(request.language, request.language)
        wanted = {"search_lang": code} if code in _CODES else {}
        parameters = {"q": query.text[:400], "count": str(RESULTS), **wanted}
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
