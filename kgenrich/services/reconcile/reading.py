"""What clients ask, in the words of the protocol: version 0.2 and 1.0-draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.verbs.reconcile.extending import MOST_ENTITIES, MOST_PROPERTIES, PropertyAsked
from kgenrich.verbs.reconcile.matching import USUAL_LIST, Condition, Query
from kgenrich.verbs.reconcile.reconciler import read_tags

MOST_QUERIES = 50
"""Queries of one batch."""
_MOST_CONDITIONS, _MOST_VALUES, _MOST_TYPES, _MOST_LANGUAGES = 20, 50, 20, 10
_LONGEST = 2000
_ACCEPTED = re.compile(r"\s*([A-Za-z0-9-]{1,64})\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


class TooMany(UsageError):
    """A batch is larger than the manifest says."""


class _Reference(Struct):
    id: str


class _Property(Struct):
    pid: str
    v: Any = None


class _Query02(Struct):
    query: str | int | float | None = None
    type: str | _Reference | list[str | _Reference] | None = None
    type_strict: str = "any"
    limit: int | float | None = None
    properties: list[_Property] | None = None
    lang: str = ""


class _DraftCondition(Struct, rename="camel"):
    match_type: str
    property_id: str = ""
    property_value: Any = None
    pid: str = ""
    v: Any = None
    required: bool = False
    match_quantifier: str = "any"


class _DraftQuery(Struct):
    conditions: list[_DraftCondition]
    type: str | None = None
    limit: int | float | None = None
    lang: str = ""


class _DraftBatch(Struct):
    queries: list[_DraftQuery]


class _PropertyWanted(Struct):
    id: str
    settings: dict[str, Any] = {}


class _ExtensionQuery(Struct):
    ids: list[str]
    properties: list[_PropertyWanted]


def read_batch(text: str | bytes, languages: Sequence[str]) -> dict[str, Query]:
    """The queries of a batch in version 0.2, by the names that the client gives them.

    Raises `UsageError` for what the protocol does not allow, `TooMany` for a batch that is larger
    than allowed.
    """
    asked = _decoded(text, dict[str, _Query02])
    _refuse_many(len(asked), MOST_QUERIES, "queries")
    return {name: _read_query(query, languages) for name, query in asked.items()}


def read_draft_batch(text: bytes, languages: Sequence[str]) -> list[Query]:
    """The queries of a batch in 1.0-draft. Raises as `read_batch`."""
    asked = _decoded(text, _DraftBatch).queries
    _refuse_many(len(asked), MOST_QUERIES, "queries")
    return [_read_draft_query(query, languages) for query in asked]


def read_extension(text: str | bytes) -> tuple[list[str], list[PropertyAsked]]:
    """The entities and the properties of a data extension query, in both versions."""
    asked = _decoded(text, _ExtensionQuery)
    _refuse_many(len(asked.ids), MOST_ENTITIES, "entities")
    _refuse_many(len(asked.properties), MOST_PROPERTIES, "properties")
    return asked.ids, [PropertyAsked(one.id, _wanted(one.settings)) for one in asked.properties]


def accepted_languages(header: str) -> tuple[str, ...]:
    """The codes of what a client accepts (RFC 9110) with their fallbacks, the most wanted first.

    >>> accepted_languages("fr-CH, de;q=0.5, en;q=0.9, *;q=0.1, xx;q=0")
    ('fr-ch', 'fr', 'en', 'de')
    """
    found: list[tuple[float, int, str]] = []
    for part in header[:_LONGEST].split(",")[:_MOST_LANGUAGES]:
        read = _ACCEPTED.fullmatch(part)
        if read and (quality := float(read[2] or 1)) > 0:
            found.append((-quality, len(found), read[1]))
    return read_tags(tag for _, _, tag in sorted(found))


def _decoded(text: str | bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"The query is none of the protocol: {error}.") from error


def _refuse_many(number: int, most: int, what: str) -> None:
    if number > most:
        raise TooMany(f"There are {number} {what}: ask for {most} at a time.")


def _read_query(asked: _Query02, languages: Sequence[str]) -> Query:
    types = asked.type if isinstance(asked.type, list) else [asked.type] if asked.type else []
    ids = [one.id if isinstance(one, _Reference) else one for one in types[:_MOST_TYPES]]
    given = (asked.properties or [])[:_MOST_CONDITIONS]
    return Query(
        str(asked.query if asked.query is not None else "")[:_LONGEST],
        tuple(id for id in ids if id) if asked.type_strict != "should" else (),
        tuple(Condition(one.pid, values) for one in given if (values := _values(one.v))),
        _limit(asked.limit),
        (*read_tags([asked.lang] if asked.lang else []), *languages),
        every_class=asked.type_strict == "all",
    )


def _read_draft_query(asked: _DraftQuery, languages: Sequence[str]) -> Query:
    names: list[str] = []
    conditions = []
    for one in asked.conditions[:_MOST_CONDITIONS]:
        values = _values(one.property_value if one.property_value is not None else one.v)
        if one.match_type == "name":
            names += values
            continue
        if one.match_type != "property" or one.match_quantifier not in ("any", "all", "none"):
            raise UsageError("A condition is of the matchType name or property, any, all or none.")
        property = one.property_id or one.pid
        if not property:
            raise UsageError("A condition on a property names it by its propertyId.")
        conditions.append(Condition(property, values, one.match_quantifier, one.required))  # type: ignore[arg-type]
    return Query(
        names[0] if names else "",
        (asked.type,) if asked.type else (),
        tuple(conditions),
        _limit(asked.limit),
        (*read_tags([asked.lang] if asked.lang else []), *languages),
    )


def _limit(given: float | None) -> int:
    return USUAL_LIST if given is None or given < 1 else int(min(given, 1_000_000))


def _values(given: Any) -> tuple[str, ...]:
    """Values as texts, of entities their ids."""
    several = given if isinstance(given, list) else [given]
    texts: Iterable[str] = (_text(one) for one in several[:_MOST_VALUES])
    return tuple(text for text in texts if text)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:_LONGEST] if isinstance(value, str | int | float) else ""


def _wanted(settings: dict[str, Any]) -> int:
    """How many values a property setting asks for; 0 for all."""
    try:
        return max(int(settings.get("limit") or 0), 0)
    except (TypeError, ValueError, OverflowError):
        return 0
