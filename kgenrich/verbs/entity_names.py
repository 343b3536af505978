"""Entities as people name and read them: by id or IRI, in the reader's language."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kgenrich.errors import StoreError, UsageError
from kgenrich.languages import CODES, chain, valid_codes
from kgenrich.verbs.workspace import Workspace

if TYPE_CHECKING:
    from kgenrich.model import Entity


def reader_language(asked: str = "") -> str:
    """The language asked for, else that of the environment, else English.

    Raises `UsageError` for an unknown one asked for.
    """
    if asked:
        return valid_codes([asked])[0]
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable, "").split(".")[0]:
            for code in (value, value.split("_")[0]):
                try:
                    return valid_codes([code])[0]
                except UsageError:
                    continue
    return "en"


def entity_labels(workspace: Workspace, ids: Iterable[str], reader: str) -> dict[str, str]:
    """A label for each entity that has one: in the reader's chain of languages, else in any."""
    unlabelled = set(ids)
    labels: dict[str, str] = {}
    for order in (chain(reader), CODES):
        for entity, by_language in workspace.graph.labels(unlabelled, order).items():
            labels[entity] = next(by_language[code] for code in order if code in by_language)
        unlabelled -= labels.keys()
        if not unlabelled:
            break
    return labels


def entity_named(workspace: Workspace, name: str) -> Entity:
    """The entity that a person names, as ``Q5``, ``q5`` or by its IRI.

    Raises `StoreError` when the store has not got it.
    """
    from kgenrich.store.facts.graph import find_entity
    from kgenrich.store.keys import read_id

    entity_id = read_id(name, workspace.store.base)
    entity = find_entity(workspace.store, entity_id)
    if entity is None:
        raise StoreError(f"The store has no entity {entity_id}: harvest it first.")
    return entity
