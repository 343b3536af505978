"""How others of a class are named: what a reviewer compares a proposal with."""

from __future__ import annotations

from sqlalchemy import select

from kgenrich.model import TermKind
from kgenrich.store.base import Store
from kgenrich.store.keys import entity_ids, entity_key
from kgenrich.store.tables import classes, known_terms, terms

_LOOKED_AT = 200
"""Members of a class, for a class may have millions."""


def named_alike(
    store: Store, entity: str, class_ids: tuple[str, ...], language: str, kind: TermKind, limit: int
) -> dict[str, str]:
    """The terms of some other members of the classes in a language, by entity: of those whose keys
    are next, for they often were made together."""
    slot, key = store.slots.slot(language, kind), entity_key(entity)
    found: dict[int, str] = {}
    # What is shown as a proposal, known as it is, is told to nobody.
    shown = select(known_terms.c.entity_key).where(known_terms.c.slot == slot)
    is_told = terms.c.entity_key.not_in(shown)
    with store.read() as connection:
        for class_id in class_ids if slot is not None else ():
            is_in = classes.c.class_key == entity_key(class_id)
            after = select(classes.c.entity_key).where(is_in, classes.c.entity_key > key)
            before = select(classes.c.entity_key).where(is_in, classes.c.entity_key < key)
            for query in (
                after.order_by(classes.c.entity_key),
                before.order_by(classes.c.entity_key.desc()),
            ):
                near = connection.execute(query.limit(_LOOKED_AT)).scalars().all()
                held = select(terms.c.entity_key, terms.c.text).where(
                    terms.c.entity_key.in_(near), terms.c.slot == slot, terms.c.ord == 0, is_told
                )
                texts = {row.entity_key: row.text for row in connection.execute(held)}
                found |= {one: texts[one] for one in near if one in texts and one not in found}
                if len(found) >= limit:
                    break
            if len(found) >= limit:
                break
        chosen = dict(list(found.items())[:limit])
        ids = entity_ids(connection, chosen)
    return {ids[one]: text for one, text in chosen.items() if one in ids}
