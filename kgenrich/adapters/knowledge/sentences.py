"""Sentences about entities, from local text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kgenrich.corpus import Page
from kgenrich.languages import site_language
from kgenrich.model import Entity

_END = re.compile(r"(?<=[.!?؟।])\s+|(?<=[。！？])|\n+")
_SHORTEST, _LONGEST = 12, 400


def sentences(text: str) -> list[str]:
    """The sentences of a text; what is too short or too long to be one is left out.

    >>> sentences("Rome is a city. It is the capital. 罗马是意大利的首都，也是最大的城市。")
    ['Rome is a city.', 'It is the capital.', '罗马是意大利的首都，也是最大的城市。']
    """
    parts = (" ".join(part.split()) for part in _END.split(text))
    return [part for part in parts if _SHORTEST <= len(part) <= _LONGEST]


def sentences_about(pages: Iterable[Page], entities: Sequence[Entity]) -> dict[str, list[str]]:
    """The sentences of the pages about each entity, by its id.

    A page without an id is about the entity that has a sitelink to its title.
    """
    ids = {entity.id for entity in entities}
    titles = {
        (site_language(site), title): entity.id
        for entity in entities
        for site, title in entity.sitelinks.items()
    }
    by_entity: dict[str, list[str]] = {}
    for page in pages:
        id = page.qid or titles.get((page.language, page.title), "")
        if id in ids:
            by_entity.setdefault(id, []).extend(sentences(page.text))
    return by_entity
