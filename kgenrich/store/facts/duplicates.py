"""Whether another entity already has a label together with a description."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, select

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_key
from kgenrich.store.tables import is_indexed_label, terms


def taken_in(store: Store) -> Callable[[str, str, str, str], bool]:
    """A look-up of (entity, language, label, description) for the validators: True where an
    entity other than the one named has both (`kgenrich.consensus.validators.Taken`). Labels of more
    than `LONGEST_INDEXED` characters are not looked for."""
    labels, descriptions = terms.alias("labels"), terms.alias("descriptions")
    query = (
        select(labels.c.entity_key)
        .join(descriptions, descriptions.c.entity_key == labels.c.entity_key)
        .where(
            is_indexed_label("labels"),
            labels.c.slot == bindparam("label_slot"),
            labels.c.text == bindparam("label"),
            descriptions.c.slot == bindparam("description_slot"),
            descriptions.c.text == bindparam("description"),
            labels.c.entity_key != bindparam("own"),
        )
        .limit(1)
    )

    def taken(entity: str, language: str, label: str, description: str) -> bool:
        asked = {
            "label_slot": store.slots.slot(language, TermKind.LABEL),
            "label": label,
            "description_slot": store.slots.slot(language, TermKind.DESCRIPTION),
            "description": description,
            "own": entity_key(entity),
        }
        with store.read() as connection:
            return connection.execute(query, asked).first() is not None

    return taken
