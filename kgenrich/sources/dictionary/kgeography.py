"""The source ``kgeography``: countries and their parts on the maps of KGeography, from the package
``kgeography-data`` (GPL) where it is installed. They are read in place.

Its maps have no codes. A map of one country and a country on another map have the code that CLDR
has for their English name; a part is an entity with a code of a subdivision of that country whose
English name is that of one part alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kgenrich.errors import InputError
from kgenrich.inputs import Input
from kgenrich.model import Entity
from kgenrich.property_roles import PropertyRoles
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.countries import country_codes
from kgenrich.sources.dictionary.gettext_catalogues import Catalogues
from kgenrich.sources.dictionary.lookup import DictionarySource, Entry
from kgenrich.sources.dictionary.packages import CataloguePackage, Message, Messages, installed
from kgenrich.text import clean, strip_qualifier, vote_key
from kgenrich.xml.units import units

LICENCE = "GPL-2.0-or-later"
_FOLDER = "kgeography"
_DOMAIN = "kgeography"
_PART = "part"


class Maps(CataloguePackage):
    """The countries by their code, the parts by country and English name."""

    def find(self, entity: Entity, roles: PropertyRoles) -> Iterator[Entry]:
        values = entity.claims.get(roles.of("subdivision_code"), ())
        countries = {value.value.partition("-")[0] for value in values}
        if len(countries) == 1:
            country = countries.pop()
            keys = {_key(country, name) for name in entity.names("en")}
            known = keys & self.originals[_PART].keys()
            if len(known) == 1:
                yield Entry(_PART, known.pop())


def read_package(folder: Path) -> Maps:
    """The package under a folder. Raises `InputError`."""
    codes = country_codes()
    territories: dict[str, Message] = {}
    parts: dict[str, Message] = {}
    seen: Counter[str] = Counter()
    files = sorted((folder / _FOLDER).glob("*.kgm"))
    if not files:
        raise InputError(f"There are no maps in {folder / _FOLDER}.")
    for file in files:
        title, names = _read_map(file)
        country = codes.get(vote_key(strip_qualifier(title)), "")
        for name in names:
            message = Message(name, (file.name,))
            if country:
                key = _key(country, name)
                seen[key] += 1
                parts[key] = message
            elif code := codes.get(vote_key(name)):
                territories.setdefault(code, message)
    messages: Messages = {
        "territory": territories,
        # One that is on two maps of a country, as a province and as a district, is neither.
        _PART: {key: message for key, message in parts.items() if seen[key] == 1},
    }
    catalogues = Catalogues(folder / "locale", [_DOMAIN])
    return Maps("KGeography", LICENCE, catalogues, _DOMAIN, messages)


def _read_map(file: Path) -> tuple[str, list[str]]:
    """The title of a map, and the names of what is on it that people are asked for."""
    title = ""
    names = []
    with Input(file) as source:
        for element, above, _ in units(source, ("name", "division")):
            if element.tag == "division":
                said = {part.tag: clean(part.text or "") for part in element}
                if said.get("name") and said.get("ignore", "no") == "no":
                    names.append(said["name"])
            elif len(above) == 1:
                title = clean(element.text or "")
    return title, names


def _key(country: str, name: str) -> str:
    return f"{vote_key(name)} ({country})"


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `SourceStopped` where the package is not installed."""
    return installed(context, "kgeography", read_package)
