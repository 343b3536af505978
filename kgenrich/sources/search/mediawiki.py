"""The source ``mediawiki``: the search of Wikipedia, or of any family of MediaWikis.

Two things are asked: the wiki of the entity's own language for pages of its name, whose
inter-language links give the title in the language wanted; and the wiki in that language for the
name, where the emphasised terms of the snippets are the paper's.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.languages import wiki
from kgenrich.model import TermRequest
from kgenrich.net.liveness import Liveness
from kgenrich.net.mediawiki import MediaWiki
from kgenrich.net.session import Refused, Session
from kgenrich.sources.base import SourceContext
from kgenrich.sources.loose import number, objects, text
from kgenrich.sources.naturalise import named
from kgenrich.sources.plausible import plausible
from kgenrich.sources.remote_source import Reply, Suggestion, network, require_option
from kgenrich.sources.search.web import RESULTS, Query, Result, WebOptions, WebSearch, results
from kgenrich.text import strip_qualifier, vote_key


class MediaWikiOptions(WebOptions, frozen=True, kw_only=True):
    """``[sources.mediawiki]``: ``url`` of a wiki's API with ``{language}`` in it. The defaults are
    what Wikimedia allows an identified client."""

    concurrency: int = 3
    requests_per_minute: float = 200.0
    licence: str = "CC-BY-SA-4.0"


class _Said(Struct):
    # Where nothing is found it is left out.
    query: dict[str, Any] = {}


class WikiSearch(WebSearch):
    def __init__(self, context: SourceContext, options: MediaWikiOptions) -> None:
        super().__init__(context, options, "mediawiki")
        self._url, self.host = options.url, urlsplit(options.url).netloc
        self._session = Session(network(context, options), liveness=Liveness())

    def ask(self, request: TermRequest, body: Query) -> Reply:
        linked = self._linked(request, body)
        return self.reply(request, body, self.search(request, body)[:RESULTS], linked)

    def search(self, request: TermRequest, query: Query) -> list[Result]:
        """What the wiki in the language wanted has of the name."""
        parameters = {"list": "search", "srsearch": query.name, "srlimit": str(RESULTS)}
        said = self._get(request.language, {**parameters, "srprop": "snippet"})
        place = self._site(request.language)
        return [replace(one, url=place) for one in results(_listed(said, "search"), "snippet")]

    def _linked(self, request: TermRequest, query: Query) -> list[Suggestion]:
        """The titles in the language of pages that are called as the entity is."""
        parameters = {
            "generator": "search",
            "gsrsearch": query.name,
            "gsrlimit": str(RESULTS),
            "prop": "langlinks",
            "lllang": wiki(request.language),
            "lllimit": "max",
        }
        pages = _listed(self._get(query.language, parameters), "pages")
        entity = named(request.entity, request.language)
        names = {vote_key(name) for name in entity.names(query.language)}
        site = wiki(query.language).replace("-", "_") + "wiki"
        own = request.entity.sitelinks.get(site, "")
        found: dict[str, Suggestion] = {}
        pages.sort(key=lambda page: (text(page, "title") != own, number(page, "index")))
        for page in pages:
            name = text(page, "title")
            if name != own and vote_key(strip_qualifier(name)) not in names:
                continue
            for link in (objects(page, "langlinks") or ())[:1]:
                # Format version 1 calls the title ``*``.
                title = text(link, "title") or text(link, "*")
                found_text = plausible(request, strip_qualifier(title))
                if found_text and found_text not in found:
                    found[found_text] = Suggestion(
                        text=found_text,
                        from_language=query.language,
                        from_text=name,
                        raw=title,
                        rank=len(found) + 1,
                        url=self._site(request.language),
                        note=f"inter-language link of the page {name}",
                    )
        return list(found.values())[:3]

    def _get(self, language: str, parameters: dict[str, str]) -> dict[str, Any]:
        api = self._site(language)
        try:
            body = MediaWiki(self._session, api).get({"action": "query", **parameters})
            return msgspec.json.decode(body, type=_Said).query
        except Refused as error:
            if error.status in (401, 403):
                raise SourceStopped(str(error)) from None
            raise
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NetworkError(f"{api} sent an answer that is no list of pages.") from error

    def _site(self, language: str) -> str:
        return self._url.replace("{language}", wiki(language))


def _listed(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The pages or hits of an answer; format version 1 has pages by their number."""
    found = said.get(name) or []
    return objects(list(found.values()) if isinstance(found, dict) else found) or []


def factory(context: SourceContext) -> WikiSearch:
    """MediaWiki's search (a `SourceFactory`)."""
    options = context.read(MediaWikiOptions)
    require_option(options.url, "url", '"https://{language}.wikipedia.org/w/api.php"')
    return WikiSearch(context, options)
