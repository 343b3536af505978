"""Settlements of a dictionary that has no identifiers for them: one is found by its name *and* its
country *and* its coordinates, for an entity of a class of settlements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import asin, cos, radians, sin, sqrt

from msgspec import Struct

from kgenrich.model import Entity
from kgenrich.namespaces import GEOSPARQL
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.sources.base import Graph, LabelLookup
from kgenrich.text import vote_key

NEAR = 30.0
"""Kilometres within which two places of one name are one."""

_POINT = re.compile(r"POINT\s*\(\s*(\S+)\s+(\S+?)\s*\)", re.IGNORECASE)
_EARTH_RADIUS = 6371.0

# What a class of settlements is called in English, and those of Wikidata that most of them have,
# for graphs without the classes themselves.
_HEADS = re.compile(
    r"(?:.*\s)?(?:city|town|village|municipality|settlement|comm?une|capital|metropolis|megacity"
    r"|populated place|locality|county seat)(?:/town|\s(?:of|in|with|designated)\s.*)?",
    re.IGNORECASE,
)
_CLASSES = frozenset(
    f"Q{number}"
    for number in (
        515, 532, 3957, 5119, 15284, 62049, 174844, 200250, 484170, 486972, 747074, 1093829,
        1549591, 1637706, 2074737, 2264924, 7930989, 15127012, 42744322,
    )
)  # fmt: skip


class Place(Struct, frozen=True):
    """A settlement: the code of its entry, its English name, the ISO 3166-1 code of its country
    (alpha-2), and where it lies, in degrees north and east."""

    code: str
    name: str
    country: str
    latitude: float
    longitude: float


class PlaceIndex:
    """The settlements of a dictionary by name; ``graph`` has countries with their codes and classes
    with their labels."""

    def __init__(
        self, places: Iterable[Place], graph: Graph, roles: PropertyRoles = OF_WIKIDATA
    ) -> None:
        self._by_name: dict[str, list[Place]] = {}
        for place in places:
            self._by_name.setdefault(vote_key(place.name), []).append(place)
        self._graph = graph
        self._roles = roles
        self._labels = LabelLookup(graph)
        self._codes: dict[str, frozenset[str]] = {}

    def find(self, entity: Entity) -> Place | None:
        """The only settlement that the entity can be; None where there is none, or are several."""
        named = {
            place
            for key in set(map(vote_key, entity.names("en")))
            for place in self._by_name.get(key, ())
        }
        if not named or (point := coordinates(entity, self._roles)) is None:
            return None
        near = [one for one in named if distance(point, (one.latitude, one.longitude)) <= NEAR]
        if len(near) != 1 or not self._is_settlement(entity):
            return None
        return near[0] if near[0].country in self._countries(entity) else None

    def _is_settlement(self, entity: Entity) -> bool:
        if not _CLASSES.isdisjoint(entity.classes):
            return True
        labels = self._labels.get(entity.classes, ("en",))
        return any(_HEADS.fullmatch(names.get("en", "")) for names in labels.values())

    def _countries(self, entity: Entity) -> Iterator[str]:
        for value in entity.claims.get(self._roles.of("country"), ()):
            if value.value not in self._codes:
                self._codes[value.value] = frozenset(
                    code.value
                    for country in self._graph.entities([value.value])
                    for code in country.claims.get(self._roles.of("country_code"), ())
                )
            yield from self._codes[value.value]


def coordinates(entity: Entity, roles: PropertyRoles = OF_WIKIDATA) -> tuple[float, float] | None:
    """Where an entity lies on Earth, in degrees north and east; None where that is not known or
    there are several places."""
    properties = (*roles.all_of("coordinates"), f"{GEOSPARQL}asWKT")
    points = {value.value for name in properties for value in entity.claims.get(name, ())}
    if len(points) != 1 or (point := _POINT.fullmatch(points.pop())) is None:
        return None
    try:
        longitude, latitude = float(point[1]), float(point[2])
    except ValueError:
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 360 else None


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two points on a sphere (haversine).

    >>> round(distance((52.52, 13.40), (48.86, 2.35)))
    877
    """
    (north, east), (other_north, other_east) = (map(radians, point) for point in (one, other))
    chord = sin((other_north - north) / 2) ** 2
    chord += cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    return 2 * _EARTH_RADIUS * asin(sqrt(min(1.0, chord)))
