"""What clients are told, in the words of the protocol: version 0.2 and 1.0-draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kgenrich.languages import bcp47, direction
from kgenrich.model import Value
from kgenrich.verbs.reconcile.extending import Extension
from kgenrich.verbs.reconcile.matching import FEATURE_NAMES, MatchedEntity
from kgenrich.verbs.reconcile.reconciler import Named
from kgenrich.verbs.reconcile.values import date_of, number_of

Json = dict[str, Any]


def results(found: Mapping[str, Sequence[MatchedEntity]]) -> Json:
    """What a batch of version 0.2 finds."""
    return {name: {"result": [_candidate(one) for one in each]} for name, each in found.items()}


def draft_results(found: Iterable[Sequence[MatchedEntity]]) -> Json:
    """What a batch of 1.0-draft finds."""
    return {"results": [{"candidates": [_draft_candidate(one) for one in each]} for each in found]}


def suggestions(found: Iterable[Named], notable: Mapping[str, Named], *, draft: bool) -> Json:
    """What somebody who types may mean; ``notable`` are the classes by id."""
    return {"result": [_suggestion(one, notable, draft=draft) for one in found]}


def proposal(found: Iterable[Named], class_id: str, limit: int, *, draft: bool) -> Json:
    """The properties that can be asked of a class."""
    listed = [{"id": one.id, "name": one.name, **_spoken(one, draft=draft)} for one in found]
    return {"properties": listed, "type": class_id, "limit": limit}


def extension(found: Extension, *, draft: bool) -> Json:
    """What entities have of properties."""
    meta = [
        {"id": one.id, "name": one.name, **_spoken(one, draft=draft)} for one in found.properties
    ]
    ids = [one.id for one in found.properties]
    if draft:
        rows: Any = [
            {
                "id": id,
                "properties": [
                    {"id": property, "values": [_value(*one, draft=True) for one in values]}
                    for property, values in zip(ids, each, strict=True)
                ],
            }
            for id, each in found.rows
        ]
    else:
        rows = {
            id: {
                property: [_value(*one, draft=False) for one in values]
                for property, values in zip(ids, each, strict=True)
            }
            for id, each in found.rows
        }
    return {"meta": meta, "rows": rows}


def _candidate(found: MatchedEntity) -> Json:
    told: Json = {
        "id": found.entity.id,
        "name": found.entity.name,
        "score": found.score,
        "match": found.is_sure,
        "type": [{"id": one.id, "name": one.name} for one in found.classes],
        "features": [{"id": id, "value": value} for id, value in found.features],
    }
    if found.entity.description:
        told["description"] = found.entity.description
    return told


def _draft_candidate(found: MatchedEntity) -> Json:
    return {
        **_candidate(found),
        "type": [{"id": one.id, "name": one.name, **_spoken(one)} for one in found.classes],
        "features": [
            {"id": id, "name": FEATURE_NAMES[id], "value": value, "lang": "en", "dir": "ltr"}
            for id, value in found.features
        ],
        **_spoken(found.entity),
    }


def _suggestion(found: Named, notable: Mapping[str, Named], *, draft: bool) -> Json:
    told: Json = {"id": found.id, "name": found.name, **_spoken(found, draft=draft)}
    if found.description:
        told["description"] = found.description
    if types := [notable[id] for id in found.classes if id in notable]:
        told["notable"] = [{"id": one.id, "name": one.name} for one in types]
    return told


def _spoken(named: Named, *, draft: bool = True) -> Json:
    """The language and direction of a name; without it where its description is in another."""
    if not draft or not named.language:
        return {}
    if named.description and named.description_language != named.language:
        return {"dir": "auto"}
    return {"lang": bcp47(named.language), "dir": direction(named.language)}


def _value(value: Value, named: Named | None, *, draft: bool) -> Json:
    if named is not None:
        return {"id": named.id, "name": named.name, **_spoken_name(named, draft=draft)}
    if value.kind == "time" and (date := date_of(value)):
        return {"date": date}
    if value.kind == "quantity" and (number := number_of(value)) is not None:
        return {"int": number} if isinstance(number, int) else {"float": number}
    text = value.value
    if value.kind == "time":
        text = _less_exact(value)
    if draft and value.language:
        return {
            "str": text,
            "lang": bcp47(value.language),
            "dir": direction(value.language),
        }
    return {"str": text}


def _spoken_name(named: Named, *, draft: bool) -> Json:
    if not draft or not named.language:
        return {}
    return {"lang": bcp47(named.language), "dir": direction(named.language)}


def _less_exact(value: Value) -> str:
    """A time as far as it is known: a year, or a month.

    >>> _less_exact(Value("time", "+1952-00-00T00:00:00Z", precision=9))
    '1952'
    """
    day = value.value.lstrip("+").partition("T")[0]
    sign, rest = ("-", day[1:]) if day.startswith("-") else ("", day)
    parts = rest.split("-")[: {9: 1, 10: 2}.get(value.precision, 3)]
    while len(parts) > 1 and parts[-1] == "00":
        parts.pop()
    return sign + "-".join(parts)
