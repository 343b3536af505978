"""The cities that zones of the tz database are called after, with their country and place, from the
table ``zone.tab`` that every system has beside the zones (tzdata, public domain)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import TZPATH

from kgenrich.errors import InputError
from kgenrich.inputs import read_lines
from kgenrich.sources.dictionary.places import Place

_TABLE = "zone.tab"
# Degrees, minutes and perhaps seconds (ISO 6709).
_POINT = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?([+-])(\d{3})(\d\d)(\d\d)?")


def zone_cities() -> Iterator[Place]:
    """The city of each zone, by its id; none where the system has no table."""
    path = next((path for path in (Path(one) / _TABLE for one in TZPATH) if path.is_file()), None)
    if path is None:
        return
    try:
        for line in read_lines(path):
            country, point, zone, *_ = [*line.split("\t"), "", ""]
            if place := _POINT.fullmatch(point):
                name = zone.rpartition("/")[2].replace("_", " ")
                north, east = _degrees(*place.groups()[:4]), _degrees(*place.groups()[4:])
                yield Place(zone, name, country, north, east)
    except InputError:
        return


def _degrees(sign: str, degrees: str, minutes: str, seconds: str | None) -> float:
    size = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -size if sign == "-" else size
