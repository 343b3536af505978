"""The source ``kstars``: cities and countries of the planetarium KStars, from the package
``kstars-data`` (GPL) where it is installed. They are read in place.

The table of cities is a database of SQLite; the catalogues have each name with where it is as its
context ("City in Alabama USA", "City in Germany").
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from kgenrich.errors import InputError
from kgenrich.sources.base import SourceContext
from kgenrich.sources.dictionary.countries import country_codes
from kgenrich.sources.dictionary.gettext_catalogues import Catalogues
from kgenrich.sources.dictionary.lookup import CITY, DictionarySource
from kgenrich.sources.dictionary.packages import CataloguePackage, Message, installed
from kgenrich.sources.dictionary.places import Place
from kgenrich.text import vote_key

LICENCE = "GPL-2.0-or-later"
_FILE = "kstars/citydb.sqlite"
_DOMAIN = "kstars"
_CITIES = "SELECT Name, Province, Country, Latitude, Longitude FROM city ORDER BY id"

# Degrees, minutes, seconds: -121° 17' 00".
_POINT = re.compile(r"\s*(-?)(\d+)°\s*(\d+)'\s*(\d+)\"?\s*")


def read_package(folder: Path) -> CataloguePackage:
    """The package under a folder. Raises `InputError`."""
    cities: dict[str, Message] = {}
    territories: dict[str, Message] = {}
    places: list[Place] = []
    codes = country_codes()
    for name, province, country, latitude, longitude in _rows(folder / _FILE):
        code = codes.get(vote_key(country), "")
        north, east = _degrees(latitude), _degrees(longitude)
        if not name or not code or north is None or east is None:
            continue
        territories.setdefault(code, Message(country, ("Country name",)))
        key = f"{name} ({code} {north:.2f} {east:.2f})"
        where = " ".join(filter(None, (province, country)))
        cities[key] = Message(name, (f"City in {where}",))
        places.append(Place(key, name, code, north, east))
    catalogues = Catalogues(folder / "locale", [_DOMAIN])
    messages = {CITY: cities, "territory": territories}
    return CataloguePackage("KStars", LICENCE, catalogues, _DOMAIN, messages, places)


def _rows(file: Path) -> Iterator[tuple[str, ...]]:
    """Name, province, country, latitude and longitude of each city. Raises `InputError`."""
    if not file.is_file():
        raise InputError(f"There is no {file}.")
    try:
        # Nothing is written, nor waited for.
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as opened:
            for row in opened.execute(_CITIES):
                yield tuple(str(value or "") for value in row)
    except sqlite3.Error as error:
        raise InputError(f"{file} cannot be read: {error}.") from error


def _degrees(text: str) -> float | None:
    found = _POINT.fullmatch(text)
    if found is None:
        return None
    sign, degrees, minutes, seconds = found.groups()
    size = int(degrees) + int(minutes) / 60 + int(seconds) / 3600
    return -size if sign else size


def factory(context: SourceContext) -> DictionarySource:
    """The source. Raises `SourceStopped` where the package is not installed."""
    return installed(context, "kstars", read_package)
