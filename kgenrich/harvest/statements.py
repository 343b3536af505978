"""The values of a Wikibase entity's statements (Wikibase's ``docs/topics/json.md``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from kgenrich.harvest.texts import fact
from kgenrich.languages import current
from kgenrich.model import Value

_ID = re.compile(r"[A-Z][1-9][0-9]*(-[A-Z][1-9][0-9]*)?")
_LETTERS = {"item": "Q", "property": "P", "lexeme": "L"}
_READ = frozenset(
    {"string", "wikibase-entityid", "time", "monolingualtext", "quantity", "globecoordinate"}
)
_EARTH = "entity/Q2"


class DataValue(Struct, gc=False):
    """A value and the type of its JSON."""

    type: str = ""
    value: Any = None


class Snak(Struct, gc=False):
    """A property's value, or that there is none, or an unknown one."""

    snaktype: str = ""
    datavalue: DataValue | None = None


class Statement(Struct, gc=False):
    """A claim with its rank; qualifiers and references are passed over."""

    mainsnak: Snak
    rank: str = "normal"


def best_values(statements: Sequence[Statement]) -> tuple[tuple[Value, ...], int]:
    """The values of the statements of the best rank, each once, and how many of them could not be
    read: too long, or not of the form that their type has. Unknown values, and those of types that
    are not kept, are none. A place is a string, as it is in Wikibase's RDF (``Point(LONGITUDE
    LATITUDE)``, behind the globe in angle brackets where that is not Earth)."""
    best = [s for s in statements if s.rank == "preferred"]
    best = best or [s for s in statements if s.rank == "normal"]
    values = [
        value
        for s in best
        if s.mainsnak.snaktype == "value" and (value := _value(s.mainsnak.datavalue))
    ]
    unread = 0
    if len(values) < len(best):
        data = [s.mainsnak.datavalue for s in best if s.mainsnak.snaktype == "value"]
        unread = sum(each is None or each.type in _READ for each in data) - len(values)
    return tuple(values) if len(values) < 2 else tuple(dict.fromkeys(values)), unread


def _value(data: DataValue | None) -> Value | None:
    if data is None:
        return None
    kind, value = data.type, data.value
    if kind == "string":
        return Value("string", text) if isinstance(value, str) and (text := fact(value)) else None
    if not isinstance(value, dict):
        return None
    if kind == "wikibase-entityid":
        name = value.get("id")
        kind_of_entity = value.get("entity-type")
        if name is None and isinstance(kind_of_entity, str) and kind_of_entity in _LETTERS:
            # Older documents have the number alone.
            name = f"{_LETTERS[kind_of_entity]}{value.get('numeric-id')}"
        return Value("entity", name) if isinstance(name, str) and _ID.fullmatch(name) else None
    if kind == "time":
        moment, precision = value.get("time"), value.get("precision")
        if isinstance(moment, str) and isinstance(precision, int) and 0 <= precision <= 14:
            return Value("time", fact(moment), precision=precision)
    elif kind == "monolingualtext":
        words, language = value.get("text"), value.get("language")
        if isinstance(words, str) and isinstance(language, str) and (words := fact(words)):
            return Value("text", words, current(fact(language)))
    elif kind == "quantity":
        amount = value.get("amount")
        if isinstance(amount, str):
            return Value("quantity", fact(amount).removeprefix("+"))
    elif kind == "globecoordinate":
        return _place(value)
    return None


def _place(value: dict[str, Any]) -> Value | None:
    longitude, latitude, globe = map(value.get, ("longitude", "latitude", "globe"))
    if not isinstance(longitude, int | float) or not isinstance(latitude, int | float):
        return None
    on_earth = not isinstance(globe, str) or globe.endswith(_EARTH)
    point = f"Point({longitude:.14g} {latitude:.14g})"
    return Value("string", point if on_earth else fact(f"<{globe}> {point}"))
