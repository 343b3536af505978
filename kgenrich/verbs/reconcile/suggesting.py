"""What somebody who types the beginning of a name may mean: entities, classes, properties."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from kgenrich.languages import CODES
from kgenrich.languages import name as language_name
from kgenrich.store.base import Store
from kgenrich.store.facts.cards import usual_properties
from kgenrich.store.facts.names import property_keys
from kgenrich.store.keys import entity_ids, entity_key
from kgenrich.verbs.reconcile.reconciler import Named, Reconciler

Kind = Literal["entity", "type", "property"]
KINDS: tuple[Kind, ...] = ("entity", "type", "property")
_ROLES: dict[Kind, str] = {"entity": "", "type": "class", "property": "property"}
MOST = 200
"""Suggestions that can be had, all pages together."""

_NAMES_EACH = 4


def suggest(
    reconciler: Reconciler,
    kind: Kind,
    beginning: str,
    languages: Sequence[str] = (),
    offset: int = 0,
    limit: int = 10,
) -> list[Named]:
    """What begins so, the best known first; what goes by the id itself before all."""
    ids: dict[str, None] = {}
    if id := reconciler.known_id(beginning):
        ids[id] = None
    if kind == "property":
        ids.update(dict.fromkeys(_terms(beginning)))
    wanted = min(offset + limit, MOST)
    rows = reconciler.matcher.index.beginning(beginning, role=_ROLES[kind], most=_NAMES_EACH * MOST)
    keys = list(dict.fromkeys(row.key for row in rows))[:wanted]
    named = reconciler.named(keys, languages)
    ids.update(dict.fromkeys(named[key].id for key in keys if key in named))
    if kind == "property" and len(ids) < wanted:
        ids.update(dict.fromkeys(_unnamed(reconciler, beginning)))
    page = list(ids)[offset:wanted]
    known = reconciler.named_ids(page, languages)
    return [_term_named(id) or known[id] for id in page]


def propose_properties(
    reconciler: Reconciler, class_id: str, limit: int, languages: Sequence[str] = ()
) -> list[Named]:
    """The properties that entities of a class usually have, after their labels, descriptions and
    aliases in the reader's languages."""
    order = dict.fromkeys((*languages, *reconciler.readers))
    terms = [f"{letter}{code}" for letter in "LDA" for code in order]
    usual = usual_properties(reconciler.workspace.store, class_id, limit) if class_id else []
    ids = [*terms, *usual][:limit]
    known = reconciler.named_ids(ids, languages)
    return [property_named(reconciler, id, known) for id in ids]


def property_named(reconciler: Reconciler, id: str, known: dict[str, Named]) -> Named:
    """A property by its label; one that stands for terms in words, one that has no label as a
    CURIE."""
    if term := _term_named(id):
        return term
    found = known.get(id, Named(id, id))
    if found.name == id and ":" in id:
        return Named(id, reconciler.workspace.curies.contract(id))
    return found


_WORDS = {"L": "label", "D": "description", "A": "aliases"}


def _term_named(id: str) -> Named | None:
    if id[:1] in _WORDS and id[1:] in CODES:
        return Named(id, f"{_WORDS[id[:1]]} in {language_name(id[1:])}", "en")
    return None


def _terms(beginning: str) -> list[str]:
    """The properties that stand for terms, named as ``Lfr`` or ``label in French``.

    >>> _terms("dfr"), _terms("Label in French"), _terms("P31")
    (['Dfr'], ['Lfr'], [])
    """
    asked = beginning.strip().lower()
    if asked[1:] in CODES and asked[:1].upper() in _WORDS:
        return [asked[0].upper() + asked[1:]]
    code = _codes_by_name().get(asked.partition(" in ")[2].strip(), "")
    return [f"{letter}{code}" for letter, word in _WORDS.items() if code and asked.startswith(word)]


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    return {language_name(code).lower(): code for code in reversed(CODES)}


def _unnamed(reconciler: Reconciler, beginning: str) -> list[str]:
    """The ids of properties without a label in the store that have the letters in them."""
    asked = beginning.strip().lower()
    contract = reconciler.workspace.curies.contract
    return [
        id
        for id in _property_ids(reconciler.workspace.store)
        if asked in id.lower() or asked in contract(id).lower()
    ]


def _property_ids(store: Store) -> list[str]:
    keys = property_keys(store).tolist()
    with store.read() as connection:
        ids = entity_ids(connection, keys)
    return sorted(ids.values(), key=lambda id: (entity_key(id) < 0, entity_key(id)))
