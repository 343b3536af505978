"""Names of entities for the person who reads: in the language of the terminal, or the nearest."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kgenrich.model import Entity
    from kgenrich.store.base import Store


def reader_option(function: Any) -> Any:
    """The option ``--reader``: the language in which entities are named."""
    return click.option(
        "--reader", metavar="CODE", help="Your language; that of the terminal by default."
    )(function)


def reader_language(asked: str | None = None) -> str:
    """The language asked for, else that of the environment, else English.

    Raises `UsageError` for an unknown one asked for.
    """
    from kgenrich.errors import UsageError
    from kgenrich.languages import check

    if asked:
        return check([asked])[0]
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable, "").split(".")[0]:
            for code in (value, value.split("_")[0]):
                try:
                    return check([code])[0]
                except UsageError:
                    continue
    return "en"


def names(store: Store, ids: Iterable[str], reader: str) -> dict[str, str]:
    """A label for each entity that has one: in the reader's chain of languages, else in any."""
    from kgenrich.languages import CODES, chain
    from kgenrich.store.facts.graph import StoreGraph

    graph = StoreGraph(store)
    left = set(ids)
    found = {}
    for order in (chain(reader), CODES):
        for entity, labels in graph.labels(left, order).items():
            found[entity] = next(labels[code] for code in order if code in labels)
        left -= found.keys()
        if not left:
            break
    return found


def entity_named(store: Store, text: str) -> Entity:
    """The entity that a person names, as ``Q5``, ``q5`` or by its IRI.

    Raises `StoreError` when the store has not got it.
    """
    from kgenrich.errors import StoreError
    from kgenrich.store.facts.graph import find_entity
    from kgenrich.store.keys import read_id

    id = read_id(text, store.base)
    found = find_entity(store, id)
    if found is None:
        raise StoreError(f"The store has no entity {id}: harvest it first.")
    return found


def class_named(store: Store, text: str | None) -> str | None:
    """The id of the class that a person names; None for None.

    Raises `StoreError` when nothing in the store belongs to it.
    """
    from kgenrich.errors import StoreError
    from kgenrich.store.facts.graph import has_class
    from kgenrich.store.keys import read_id

    if text is None:
        return None
    id = read_id(text, store.base)
    if not has_class(store, id):
        raise StoreError(f"The store has nothing of the class {id}.")
    return id
