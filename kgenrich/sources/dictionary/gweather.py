"""The source ``libgweather``: cities and countries of GNOME's weather, from the package
``libgweather-4-common`` (GPL) where it is installed. They are read in place.

A doubtful name has a context there ("City in Alabama, United States"); one without a context is
asked for only where no other place of the file has the name.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kgenrich.inputs import Input
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.gettext_catalogues import Catalogues
from kgenrich.sources.dictionary.lookup import CITY, DictionarySource
from kgenrich.sources.dictionary.packages import CataloguePackage, Message, installed
from kgenrich.sources.dictionary.places import Place
from kgenrich.text import clean
from kgenrich.xml.units import units

LICENCE = "GPL-2.0-or-later"
_FILE = "libgweather-4/Locations.xml"
_DOMAIN = "libgweather-4.0-locations"


def read_package(folder: Path) -> CataloguePackage:
    """The package under a folder. Raises `InputError`."""
    cities: dict[str, Message] = {}
    territories: dict[str, Message] = {}
    places: list[Place] = []
    names: Counter[str] = Counter()
    country = Message("")
    code = ""
    with Input(folder / _FILE) as source:
        for element, above, _ in units(source, ("_name", "iso-code", "city")):
            within = above[-1][0] if above else ""
            if element.tag == "iso-code":
                code = clean(element.text or "")
                territories[code] = country
            elif element.tag == "_name" and within == "country":
                country = Message(clean(element.text or ""))
            elif element.tag == "city":
                parts = {part.tag: part for part in element}
                point = clean(parts["coordinates"].text or "") if "coordinates" in parts else ""
                name = parts.get("_name")
                place = _place(clean((name.text if name is not None else "") or ""), code, point)
                if name is not None and place:
                    context = clean(name.get("msgctxt", ""))
                    cities[place.code] = Message(place.name, (context,) if context else ("",))
                    names[place.name] += not context
                    places.append(place)
    cities = {
        key: message
        for key, message in cities.items()
        if message.contexts != ("",) or names[message.text] == 1
    }
    catalogues = Catalogues(folder / "locale", [_DOMAIN])
    return CataloguePackage(
        "libgweather 4",
        LICENCE,
        catalogues,
        _DOMAIN,
        {CITY: cities, "territory": territories},
        [place for place in places if place.code in cities],
    )


def _place(name: str, country: str, point: str) -> Place | None:
    try:
        north, east = map(float, point.split())
    except ValueError:
        return None
    return Place(f"{name} ({country} {north:.2f} {east:.2f})", name, country, north, east)


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `SourceStopped` where the package is not installed."""
    return installed(context, "libgweather", read_package)
