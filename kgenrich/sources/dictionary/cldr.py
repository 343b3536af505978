"""The source ``cldr``: names of territories, languages, scripts and currencies of Unicode's Common
Locale Data Repository, which comes with Babel.

Babel has the main form alone, which for a few territories is a long one, not the short and variant
forms of the repository.
"""

from __future__ import annotations

from functools import cached_property

from babel.core import get_cldr_version
from babel.localedata import load, locale_identifiers
from msgspec import Struct

from kgenrich.languages import wikimedia
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.lookup import Dictionary, DictionarySource, Tables

NAME = "cldr"
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
        if language != "zh-hant":
            return found
        elsewhere = self.tables("zh-hk")
        return {
            table: {c: name for c, name in names.items() if elsewhere[table].get(c) == name}
            for table, names in found.items()
        }


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `UsageError` for options."""
    context.read(NoOptions)
    return DictionarySource(context.name or NAME, Cldr(), context.languages, context.roles)
