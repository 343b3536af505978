"""In which namespaces a wiki keeps its entities."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from kgenrich.harvest.property_pages import ask
from kgenrich.model import EntityType
from kgenrich.net.mediawiki import MediaWiki

_TYPES: Mapping[str, EntityType] = {
    "wikibase-item": "item",
    "wikibase-property": "property",
    "wikibase-lexeme": "lexeme",
}
TYPE_OF: Mapping[str, EntityType] = {"Q": "item", "P": "property", "L": "lexeme"}
"""The type of an entity by the first letter of its id."""


class Space(Struct, frozen=True):
    """A namespace: its number, and what stands before an id in a title."""

    number: int
    prefix: str


WIKIDATA: Mapping[EntityType, Space] = {
    "item": Space(0, ""),
    "property": Space(120, "Property:"),
    "lexeme": Space(146, "Lexeme:"),
}
"""Those of Wikidata, and of a wiki that does not say."""


def entity_spaces(wiki: MediaWiki) -> dict[EntityType, Space]:
    """The namespaces of a wiki by what is in them. Raises as `MediaWiki.get` does."""
    found = dict(WIKIDATA)
    answer = ask(wiki, {"meta": "siteinfo", "siprop": "namespaces"})
    for number, space in answer.query.namespaces.items():
        if type := _TYPES.get(space.model):
            found[type] = Space(int(number), f"{space.name}:" if space.name else "")
    return found
