"""Which entities of the store a row of somebody's table is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from math import inf
from typing import Literal

from msgspec import Struct

from kgenrich.languages import CODES
from kgenrich.matching.comparison import FEATURES
from kgenrich.matching.matcher import Match
from kgenrich.model import Entity, Value
from kgenrich.store.facts.cards import claims_of
from kgenrich.store.facts.graph import find_entities
from kgenrich.store.keys import chunks, entity_ids, entity_key
from kgenrich.verbs.reconcile.reconciler import Named, Reconciler, open_reconciler
from kgenrich.verbs.reconcile.values import is_alike, term_of, terms_of
from kgenrich.verbs.workspace import Count, Options, Rows, Workspace

LONGEST_LIST = 50
"""Candidates that one query gets at most."""
USUAL_LIST = 10

_FOR, _AGAINST = 2.0, -2.0
"""What a value that agrees or differs is worth, in log-odds; one that is not stated is worth
nothing."""
_TOLD = {
    "same_name": "The name is the same",
    "same_words": "The words are the same, in whatever order and script",
    "word_likeness": "Likeness of the words in Latin letters",
    "sound_likeness": "Likeness of how they sound",
    "same_numbers": "The numbers in the name are the same",
}
FEATURE_NAMES = {**_TOLD, "statements": "Share of the given values that are stated"}
"""What is told of a candidate besides its score."""


class MatchOptions(Options, frozen=True, kw_only=True):
    """The ``names`` that are asked for, the ids of ``classes`` of which the entities are in one,
    how many of them are told of each name, and in which languages (``readers``)."""

    names: tuple[str, ...]
    classes: tuple[str, ...] = ()
    limit: Count = 5
    readers: tuple[str, ...] = ()


class Condition(Struct, frozen=True):
    """A property and values, any, all or none of which shall be stated; ``required``: or else it is
    not the entity."""

    property: str
    values: tuple[str, ...]
    quantifier: Literal["any", "all", "none"] = "any"
    required: bool = False


class Query(Struct, frozen=True):
    """A name, the classes that the entity is in one of (``every_class``: in all), and what else is
    known of it."""

    text: str
    classes: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    limit: int = USUAL_LIST
    languages: tuple[str, ...] = ()
    every_class: bool = False


class MatchedEntity(Struct, frozen=True):
    """An entity that may be meant: ``score`` is the chance of that in percent, ``is_sure`` whether
    it can be taken without a look, ``features`` pairs of an id and a number."""

    entity: Named
    classes: tuple[Named, ...]
    score: float
    is_sure: bool
    features: tuple[tuple[str, float], ...] = ()


def match_names(workspace: Workspace, options: MatchOptions) -> Rows:
    """A row for each entity that one of the names may stand for: the name, the entity, its label
    and description, the chance that it is meant, and whether that is sure."""
    reconciler = open_reconciler(workspace, options.readers)
    queries = [Query(name, options.classes, limit=options.limit) for name in options.names]
    return Rows(
        [
            {
                "name": query.text,
                "entity": one.entity.id,
                "label": one.entity.name,
                "description": one.entity.description,
                "probability": round(one.score / 100, 4),
                "sure": one.is_sure,
            }
            for query, found in zip(queries, match(reconciler, queries), strict=True)
            for one in found
        ]
    )


Found = list[tuple[Match, float | None]]


def match(reconciler: Reconciler, queries: Sequence[Query]) -> list[list[MatchedEntity]]:
    """What each query finds, the likeliest first."""
    found = [_find(reconciler, query)[: _limit(query)] for query in queries]
    languages = tuple(dict.fromkeys(code for query in queries for code in query.languages))
    keys = {one.key for each in found for one, _ in each}
    named = reconciler.named(keys, languages)
    classes = {id for one in named.values() for id in one.classes}
    class_names = reconciler.named_ids(classes, languages)
    return [
        [
            MatchedEntity(
                named[one.key],
                tuple(class_names[id] for id in named[one.key].classes),
                round(100 * one.chance, 2),
                one.is_sure,
                _features(one, agreed),
            )
            for one, agreed in each
            if one.key in named
        ]
        for each in found
    ]


def _limit(query: Query) -> int:
    return min(max(query.limit, 1), LONGEST_LIST)


def _find(reconciler: Reconciler, query: Query) -> Found:
    """The matches, and the share of the conditions that each of them meets."""
    if id := reconciler.known_id(query.text):
        return [(Match(entity_key(id), query.text, 1.0, True), None)]
    sets = [reconciler.members((id,)) for id in query.classes]
    members: set[int] = set().union(*sets)
    if query.every_class and len(sets) > 1:
        # An entity is in one of the first, and then in one of each of the others.
        members = sets[0]
    if not query.conditions:
        found: Found = [(one, None) for one in reconciler.matcher.match(query.text, members)]
        return _in_every(reconciler, found, sets[1:]) if query.every_class else found
    agreed: dict[int, float] = {}

    def more(keys: list[int]) -> list[float]:
        met = conditions_met(reconciler, query.conditions, keys)
        odds = []
        for key, mine in zip(keys, met, strict=True):
            known = [one for one in mine if one is not None]
            agreed[key] = sum(known) / len(query.conditions)
            pairs = zip(query.conditions, mine, strict=True)
            is_out = any(condition.required and not one for condition, one in pairs)
            odds.append(-inf if is_out else sum(_FOR if one else _AGAINST for one in known))
        return odds

    judged = reconciler.matcher.match(query.text, members, more)
    found = [(one, agreed.get(one.key)) for one in judged]
    return _in_every(reconciler, found, sets[1:]) if query.every_class else found


def _in_every(reconciler: Reconciler, found: Found, classes: Sequence[Collection[int]]) -> Found:
    """Those that are in one of each of these sets of classes."""
    named = reconciler.named(one.key for one, _ in found)
    mine = {key: {entity_key(id) for id in one.classes} for key, one in named.items()}
    return [
        pair for pair in found if all(mine.get(pair[0].key, set()) & {*each} for each in classes)
    ]


def conditions_met(
    reconciler: Reconciler, conditions: Sequence[Condition], keys: Sequence[int]
) -> list[list[bool | None]]:
    """For each entity whether it meets each condition; None where it states nothing of it."""
    store = reconciler.workspace.store
    properties = {one.property for one in conditions if term_of(one.property) is None}
    stated = claims_of(store, keys, properties)
    values = {
        value.value
        for mine in stated.values()
        for each in mine.values()
        for value in each
        if value.kind == "entity"
    }
    labels: dict[str, list[str]] = {}
    for chunk in chunks(values):
        for id, by_language in reconciler.workspace.graph.labels(chunk, CODES).items():
            labels[id] = list(by_language.values())
    entities: dict[int, Entity] = {}
    if len(properties) < len(conditions):
        with store.read() as connection:
            ids = entity_ids(connection, keys)
        entities = {entity_key(id): one for id, one in find_entities(store, ids.values()).items()}

    def values_of(key: int, property: str) -> Sequence[Value]:
        if (term := term_of(property)) is not None:
            entity = entities.get(key)
            texts = () if entity is None else terms_of(entity, *term)
            return [Value("text", text, term[1]) for text in texts]
        return stated.get(key, {}).get(property, ())

    return [
        [_is_met(one, values_of(key, one.property), labels) for one in conditions] for key in keys
    ]


def _is_met(
    condition: Condition, stated: Sequence[Value], labels: dict[str, list[str]]
) -> bool | None:
    if not stated:
        return True if condition.quantifier == "none" else None

    def is_stated(asked: str) -> bool:
        return any(is_alike(value, labels.get(value.value, ()), asked) for value in stated)

    combine: dict[str, Callable[[list[bool]], bool]] = {
        "any": any,
        "all": all,
        "none": lambda found: not any(found),
    }
    return combine[condition.quantifier]([is_stated(asked) for asked in condition.values])


def _features(match: Match, agreed: float | None) -> tuple[tuple[str, float], ...]:
    told = dict(zip(FEATURES, match.features, strict=True)) if match.features else {}
    named = [(name, round(float(told[name]), 4)) for name in _TOLD if name in told]
    return tuple(named if agreed is None else [*named, ("statements", round(agreed, 4))])
