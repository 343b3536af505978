"""The source ``cldr``: names of territories, languages, scripts, currencies and of the cities of
time zones in Unicode's Common Locale Data Repository, which comes with Babel.

Babel has the main form alone, which for a few territories is a long one, not the short and variant
forms of the repository. A city that a language calls as the zone is called has no name of its own
there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from babel.core import get_cldr_version
from babel.localedata import load, locale_identifiers
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.languages import wikimedia
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.lookup import CITY, Dictionary, DictionarySource, Tables, agreed
from kgenrich.sources.dictionary.time_zones import zone_cities

LICENCE = "Unicode-3.0"

# CLDR's Portuguese is that of Brazil, Wikimedia's that of Portugal; its traditional Chinese is that
# of Taiwan, and stands for what is not divided by country only where Hong Kong says the same.
_LOCALES = {"pt": "pt_PT"}
_TABLES = {
    "territory": "territories",
    "language": "languages",
    "script": "scripts",
    "currency": "currency_names",
}


class NoOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """There is nothing to be told."""


class Cldr(Dictionary):
    licence = LICENCE

    def __init__(self) -> None:
        self.edition = f"CLDR {get_cldr_version()}"
        english = _cities(load("en"))
        self.places = [
            replace(place, name=english.get(place.code, place.name)) for place in zone_cities()
        ]

    @cached_property
    def _locales(self) -> dict[str, str]:
        """The locale of each language: the widest of those that have its code."""
        widest_last = sorted(locale_identifiers(), key=lambda name: (-len(name), name))
        return {wikimedia(name) or "": name for name in widest_last} | _LOCALES

    @cached_property
    def languages(self) -> frozenset[str]:
        return frozenset(self._locales)

    def tables(self, language: str) -> Tables:
        data = load(self._locales[language])
        found = {table: data.get(key, {}) for table, key in _TABLES.items()}
        found[CITY] = _cities(data)
        if language == "en":
            found[CITY] = {place.code: place.name for place in self.places}
        return agreed(found, self.tables("zh-hk")) if language == "zh-hant" else found


def _cities(data: Mapping[str, Any]) -> Mapping[str, str]:
    zones = data.get("time_zones", {})
    return {zone: names["city"] for zone, names in zones.items() if "city" in names}


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `UsageError` for options."""
    context.read(NoOptions)
    return DictionarySource(Cldr(), context)
