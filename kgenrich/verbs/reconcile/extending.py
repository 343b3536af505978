"""What is stated of entities, for whoever knows which ones are meant: values of properties, and
terms in any language."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kgenrich.model import Entity, Value
from kgenrich.store.facts.graph import find_entities
from kgenrich.verbs.reconcile.reconciler import Named, Reconciler
from kgenrich.verbs.reconcile.suggesting import property_named
from kgenrich.verbs.reconcile.values import term_of, terms_of

MOST_ENTITIES, MOST_PROPERTIES = 500, 50
"""What one request may ask for."""
_MOST_VALUES = 100


class PropertyAsked(Struct, frozen=True):
    """A property, and how many of its values are wanted at most (0: all)."""

    id: str
    limit: int = 0


class Extension(Struct, frozen=True):
    """The properties by name, and for each entity the values of each, in the order asked for; a
    value that is an entity has its name beside it."""

    properties: tuple[Named, ...]
    rows: tuple[tuple[str, tuple[tuple[tuple[Value, Named | None], ...], ...]], ...]


def extend(
    reconciler: Reconciler,
    ids: Sequence[str],
    properties: Sequence[PropertyAsked],
    languages: Sequence[str] = (),
) -> Extension:
    """What the entities have of the properties. An entity that the store has not got has
    nothing."""
    entities = find_entities(reconciler.workspace.store, ids)
    values = {
        id: [_values(entities[id], one) if id in entities else () for one in properties]
        for id in ids
    }
    linked = {
        value.value
        for each in values.values()
        for mine in each
        for value in mine
        if value.kind == "entity"
    }
    names = reconciler.named_ids(linked, languages)
    known = reconciler.named_ids((one.id for one in properties), languages)
    return Extension(
        tuple(property_named(reconciler, one.id, known) for one in properties),
        tuple(
            (
                id,
                tuple(
                    tuple((v, names[v.value] if v.kind == "entity" else None) for v in mine)
                    for mine in each
                ),
            )
            for id, each in values.items()
        ),
    )


def _values(entity: Entity, asked: PropertyAsked) -> Sequence[Value]:
    most = min(asked.limit or _MOST_VALUES, _MOST_VALUES)
    if (term := term_of(asked.id)) is not None:
        return [Value("text", text, term[1]) for text in terms_of(entity, *term)][:most]
    return entity.claims.get(asked.id, ())[:most]
