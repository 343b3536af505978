"""The source ``kalzium``: chemical elements, from the package ``kalzium-data`` (GPL) where it is
installed. They are read in place.

The catalogue begins every name with a capital letter; what others write small is made small.
"""

from __future__ import annotations

from pathlib import Path

from kgenrich.inputs import Input
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.gettext_catalogues import Catalogues
from kgenrich.sources.dictionary.lookup import DictionarySource, Tables
from kgenrich.sources.dictionary.packages import CataloguePackage, Message, installed, small
from kgenrich.text import clean
from kgenrich.xml.units import inner, units

LICENCE = "GPL-2.0-or-later"
_FILE = "libkdeedu/data/elements.xml"
_DOMAIN = "kalzium"


class Elements(CataloguePackage):
    """The elements by their symbol."""

    def tables(self, language: str) -> Tables:
        return {
            table: {code: small(name, language) for code, name in names.items()}
            for table, names in super().tables(language).items()
        }


def read_package(folder: Path) -> Elements:
    """The package under a folder. Raises `InputError`."""
    messages: dict[str, Message] = {}
    with Input(folder / _FILE) as source:
        for atom, *_ in units(source, ("atom",)):
            said = {
                part.get("dictRef"): clean(part.get("value", "")) for part in inner(atom, "label")
            }
            symbol, name = said.get("bo:symbol"), said.get("bo:name")
            if symbol and name and symbol != "Xx":
                messages[symbol] = Message(name)
    catalogues = Catalogues(folder / "locale", [_DOMAIN])
    return Elements("Kalzium", LICENCE, catalogues, _DOMAIN, {"element": messages})


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `SourceStopped` where the package is not installed."""
    return installed(context, "kalzium", read_package)
