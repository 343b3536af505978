"""What the describers read of an entity: its classes, the values that descriptions are made from,
and the cluster that bot-written series share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kgenrich.model import Entity, Value
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles

NOUNS = OF_WIKIDATA.all_of("occupation", "sport", "taxon_rank", "parent_taxon", "subclass_of")
"""Properties whose values are mentioned by common nouns."""

COUNTRY, OCCUPATION, PUBLICATION, BIRTH, DEATH = OF_WIKIDATA.all_of(
    "country", "occupation", "publication", "birth", "death"
)

MONTH = "month"

_DAY, _MONTH, _YEAR = 11, 10, 9
_MOST_VALUES = 4
_MOST_CLASSES = 3
_MOST_FEATURES = 6
_MOST_PROPERTIES = 8


class Roles(NamedTuple):
    """The properties that descriptions are made from: ``places`` and further ``values`` fill slots
    and select patterns, most telling first; ``dates`` fill slots; ``gender`` decides between forms.

    Those that have a role are called as in Wikidata; ``ids`` has what they are called in the graph
    where that is something else.
    """

    places: tuple[str, ...]
    values: tuple[str, ...]
    dates: tuple[str, ...]
    gender: str = ""
    ids: Mapping[str, str] = {}

    def claims(self, entity: Entity, name: str) -> Sequence[Value]:
        """The values that an entity has of a property."""
        return entity.claims.get(self.ids.get(name, name), ())


WIKIDATA = Roles(
    places=OF_WIKIDATA.all_of(
        "country", "citizenship", "country_of_origin", "located_in", "continent"
    ),
    values=NOUNS,
    dates=OF_WIKIDATA.all_of("publication", "inception", "birth", "death"),
    gender=OF_WIKIDATA.of("sex_or_gender"),
)


def find_roles(entities: Iterable[Entity], roles: PropertyRoles = OF_WIKIDATA) -> Roles:
    """`WIKIDATA` where entities have properties of these roles; in any other graph the most used
    properties with entities whose values repeat, and the most used ones with dates."""
    known = WIKIDATA._replace(ids=_ids(roles))
    uses: Counter[tuple[str, str]] = Counter()
    distinct: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entity in entities:
        if any(known.claims(entity, name) for name in (*known.places, *known.dates)):
            return known
        for name, values in entity.claims.items():
            for value in values[:1]:
                uses[value.kind, name] += 1
                distinct[value.kind, name].add(value.value)
    ranked = sorted(uses, key=lambda key: (-uses[key], key))
    repeated = [key for key in ranked if 2 * len(distinct[key]) <= uses[key]]
    return Roles(
        places=tuple(name for kind, name in repeated if kind == "entity")[:_MOST_PROPERTIES],
        values=(),
        dates=tuple(name for kind, name in ranked if kind == "time")[:_MOST_PROPERTIES],
    )


def _ids(roles: PropertyRoles) -> dict[str, str]:
    """What the graph calls properties that Wikidata calls otherwise; those that it has not are
    called nothing, for it may have another one of the number."""
    return {id: roles.of(role) for role, id in OF_WIKIDATA.ids.items() if roles.of(role) != id}


class Date(NamedTuple):
    """A point in time as digits; month and day are 0 where they are not known."""

    year: int
    month: int
    day: int


class Record(NamedTuple):
    """An entity reduced to what descriptions are made from.

    ``values`` maps a property to value ids in the order of the claims, ``features`` are the
    (property, value) pairs that select patterns, ``cluster`` names the class and country (or year)
    that the entity shares with the rest of a series.
    """

    id: str
    classes: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, Date]
    gender: str
    features: tuple[tuple[str, str], ...]
    cluster: str

    def all_values(self) -> dict[str, tuple[str, int]]:
        """Value id -> the first property that has it, and the place there."""
        found: dict[str, tuple[str, int]] = {}
        for name, values in self.values.items():
            for index, value in enumerate(values):
                found.setdefault(value, (name, index))
        return found


def month_value(month: int) -> str:
    """The value id under which the names of a month are learned."""
    return f"{MONTH}:{month:02d}"


def parse_date(text: str, precision: int) -> Date | None:
    """A Wikibase time with its precision, or None where it is coarser than a year, before the
    common era, or not a time at all."""
    parts = text.lstrip("+").split("T", 1)[0].split("-")
    if precision < _YEAR or text.startswith("-") or len(parts) != 3:
        return None
    if not all(part.isdecimal() for part in parts):
        return None
    year, month, day = (int(part) for part in parts)
    return Date(year, month if precision >= _MONTH else 0, day if precision >= _DAY else 0)


def record(entity: Entity, roles: Roles = WIKIDATA) -> Record:
    """Reduce an entity to what plays a role."""
    values: dict[str, tuple[str, ...]] = {}
    features: list[tuple[str, str]] = []
    for name in (*roles.places, *roles.values):
        found = [value.value for value in roles.claims(entity, name) if value.kind == "entity"]
        if found:
            values[name] = tuple(found[:_MOST_VALUES])
            features.append((name, found[0]))
    dates: dict[str, Date] = {}
    for name in roles.dates:
        for value in roles.claims(entity, name):
            date = parse_date(value.value, value.precision) if value.kind == "time" else None
            if date:
                dates[name] = max(dates.get(name, date), date, key=_detail)
        if name in dates and name == PUBLICATION:
            features.append((name, str(_detail(dates[name]))))
    if BIRTH in dates or DEATH in dates:
        features.append((DEATH, "dead" if roles.claims(entity, DEATH) else "alive"))
    genders = [v.value for v in roles.claims(entity, roles.gender) if v.kind == "entity"]
    gender = genders[0] if len(genders) == 1 else ("?" if OCCUPATION in values else "")
    classes = entity.classes[:_MOST_CLASSES]
    place = next((values[name][0] for name in roles.places if name in values), "")
    year = next((str(dates[name].year) for name in roles.dates if name in dates), "")
    return Record(
        entity.id,
        classes,
        values,
        dates,
        gender,
        tuple(features[:_MOST_FEATURES]),
        f"{classes[0] if classes else ''}|{place or year or entity.id}",
    )


def _detail(date: Date) -> int:
    return (date.month > 0) + (date.day > 0)
