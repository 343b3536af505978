"""The properties of a wiki, from its API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct, field

from kgenrich.errors import NetworkError
from kgenrich.harvest.shapes import PROPERTY
from kgenrich.net.mediawiki import MOST_VALUES, MediaWiki

MOST_PROPERTIES = 2_000
"""Properties of a wiki that are asked for."""


def properties_of(wiki: MediaWiki) -> Iterator[bytes]:
    """The documents of the properties of a wiki, at most `MOST_PROPERTIES`, as its API gives them:
    answers of ``wbgetentities``. Raises as `MediaWiki.get` does."""
    ids: list[str] = []
    spaces = ask(wiki, {"meta": "siteinfo", "siprop": "namespaces"}).query.namespaces
    number = next((n for n, space in spaces.items() if space.model == "wikibase-property"), "")
    more: Mapping[str, str] = {"list": "allpages", "apnamespace": number, "aplimit": "max"}
    while number and more and len(ids) < MOST_PROPERTIES:
        answer = ask(wiki, more)
        titles = (page.title.rpartition(":")[2] for page in answer.query.allpages)
        ids += filter(PROPERTY.fullmatch, titles)
        more = {**more, **answer.onwards} if answer.onwards else {}
    for at in range(0, min(len(ids), MOST_PROPERTIES), MOST_VALUES):
        some = ids[at : at + MOST_VALUES]
        props = "labels|aliases|claims"
        yield wiki.get({"action": "wbgetentities", "ids": "|".join(some), "props": props})


class _Namespace(Struct):
    model: str = field(name="defaultcontentmodel", default="")
    name: str = ""


class _Page(Struct):
    title: str


class _Query(Struct):
    namespaces: dict[str, _Namespace] = {}
    allpages: list[_Page] = []


class _Answer(Struct):
    query: _Query = field(default_factory=_Query)
    onwards: dict[str, str] = field(name="continue", default_factory=dict)


def ask(wiki: MediaWiki, parameters: Mapping[str, str]) -> _Answer:
    """What a query gives. Raises as `MediaWiki.get` does."""
    try:
        return msgspec.json.decode(wiki.get({"action": "query", **parameters}), type=_Answer)
    except msgspec.MsgspecError as error:
        raise NetworkError(f"{wiki.api} sent something else than a list: {error}.") from error
