"""The source ``name-suggestion-index``: brands, operators and networks as they are written on maps,
from the package of that name of npm (BSD-3-Clause) where it is installed.

A brand is found by its item of Wikidata: that is the entity itself, or what it says is the same.
One that is written in two ways in a language has no name there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path

from msgspec import Struct

from kgenrich.languages import wikimedia
from kgenrich.model import Entity
from kgenrich.property_roles import WIKIDATA_BASE, PropertyRoles
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.files.graphs import SAME
from kgenrich.sources.dictionary.lookup import Dictionary, DictionarySource, Entry, Tables
from kgenrich.sources.dictionary.packages import installed, name_in, read_json

LICENCE = "BSD-3-Clause"
_FILE = "name-suggestion-index/dist/json/nsi.min.json"
_BRAND = "brand"
_ITEM = re.compile(r"(brand|operator|network):wikidata")


class _Item(Struct, frozen=True):
    tags: dict[str, str] = {}


class _Category(Struct, frozen=True):
    items: tuple[_Item, ...] = ()


class _Index(Struct, frozen=True):
    nsi: dict[str, _Category]


class BrandNames(Dictionary):
    """The names of brands by language and item; ``is_wikidata`` where ids of the graph are those
    of the items."""

    licence = LICENCE
    edition = "name-suggestion-index"

    def __init__(self, names: Mapping[str, Mapping[str, str]], *, is_wikidata: bool) -> None:
        self._names, self._is_wikidata = names, is_wikidata
        self._items = frozenset(item for by_item in names.values() for item in by_item)

    @cached_property
    def languages(self) -> frozenset[str]:
        return frozenset(self._names) | {"en"}

    def tables(self, language: str) -> Tables:
        return {_BRAND: self._names.get(language, {})}

    def find(self, entity: Entity, roles: PropertyRoles) -> Iterator[Entry]:
        same = (*roles.all_of("exact_match"), *SAME)
        iris = (value.value for name in same for value in entity.claims.get(name, ()))
        ids = {iri.removeprefix(WIKIDATA_BASE) for iri in iris if iri.startswith(WIKIDATA_BASE)}
        if self._is_wikidata:
            ids.add(entity.id)
        if len(known := ids & self._items) == 1:
            yield Entry(_BRAND, known.pop())


def read_package(folder: Path, *, is_wikidata: bool = True) -> BrandNames:
    """The package under a folder. Raises `InputError`."""
    found: dict[str, dict[str, set[str]]] = {}
    index = read_json(folder / _FILE, _Index)
    for tags in (item.tags for category in index.nsi.values() for item in category.items):
        for key, entity in tags.items():
            if said := _ITEM.fullmatch(key):
                for language, name in _names(tags, said[1]):
                    found.setdefault(language, {}).setdefault(entity, set()).add(name)
    names = {
        language: {item: min(names) for item, names in by_item.items() if len(names) == 1}
        for language, by_item in found.items()
    }
    return BrandNames(names, is_wikidata=is_wikidata)


def _names(tags: Mapping[str, str], what: str) -> Iterator[tuple[str, str]]:
    """The names of a ``brand:ja`` and its like, by language."""
    for key, text in tags.items():
        head, _, tag = key.partition(":")
        if head == what and tag not in {"", "wikidata", "wikipedia"}:
            language = wikimedia(tag)
            if language and (name := name_in(text)):
                yield language, name


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `SourceStopped` where the package is not installed."""
    read = partial(read_package, is_wikidata=context.settings.is_wikidata)
    return installed(context, "name-suggestion-index", read)
