"""What of an entity a database can keep: no NUL, no half of a surrogate pair, no number over 63
bits, no language whose code is none. The rest of the entity is loaded without them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Set
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.model import Entity
from kgenrich.store.facts.entity_digest import digest_of
from kgenrich.store.keys import entity_key
from kgenrich.store.rows import storable


class LeftOut(Struct, frozen=True):
    """How many ``parts`` of an ``entity`` were left out, by their name in the singular; none where
    nothing of the entity can be kept."""

    entity: str
    parts: Counter[str]

    @property
    def reason(self) -> str:
        """A sentence that says what was left out and why."""
        what = ", ".join(f"{name} ({count})" for name, count in self.parts.items())
        return (
            f"Left out: {what or 'the entity'}: no database can keep NUL, half a surrogate pair, "
            "a number over 63 bits, or a language that has no code."
        )


class Item(NamedTuple):
    """An entity that can be stored, its key and the digest of what is loaded of it."""

    key: int
    entity: Entity
    digest: int

    @property
    def gone(self) -> bool:
        """Whether it is deleted or merged into another."""
        return self.entity.deleted or bool(self.entity.redirect)


def storable_items(
    entities: Iterable[Entity], wrong: Set[str], mark: bytes
) -> tuple[list[Item], list[LeftOut]]:
    """The entities as they can be stored, in their order, and what was left out of them.

    ``wrong`` are the languages that have no code, ``mark`` goes into the digests.
    """
    items: list[Item] = []
    left_out: list[LeftOut] = []
    for entity in entities:
        digest = None if wrong and _uses(entity, wrong) else digest_of(entity, mark)
        if digest is None:
            entity, parts = _without(entity, wrong)
            left_out.append(LeftOut(storable(entity.id), parts))
            digest = digest_of(entity, mark)
        if digest is not None:
            items.append(Item(entity_key(entity.id), entity, digest))
    return items, left_out


def _uses(entity: Entity, codes: Set[str]) -> bool:
    terms = (entity.labels, entity.descriptions, entity.definitions, entity.aliases)
    return any(codes & by_language.keys() for by_language in terms)


def _without(entity: Entity, wrong: Container[str]) -> tuple[Entity, Counter[str]]:
    """The entity without what cannot be kept, and how much that was."""
    parts: Counter[str] = Counter()

    def good(name: str, *texts: str) -> bool:
        is_good = all(map(_is_storable, texts))
        parts[name] += not is_good
        return is_good

    def texts(name: str, by_language: Mapping[str, str]) -> dict[str, str]:
        return {
            code: text
            for code, text in by_language.items()
            if good(name, text, "\0" if code in wrong else code)
        }

    aliases = {
        code: tuple(n for n in names if good("alias", n, "\0" if code in wrong else code))
        for code, names in entity.aliases.items()
    }
    claims = {
        id: tuple(v for v in values if good("claim", id, v.value, v.language))
        for id, values in entity.claims.items()
    }
    changes: dict[str, Any] = {
        "labels": texts("label", entity.labels),
        "descriptions": texts("description", entity.descriptions),
        "definitions": texts("definition", entity.definitions),
        "aliases": {code: names for code, names in aliases.items() if names},
        "classes": tuple(id for id in entity.classes if good("class", id)),
        "claims": {id: values for id, values in claims.items() if values},
        "sitelinks": {s: t for s, t in entity.sitelinks.items() if good("sitelink", s, t)},
        "revision": entity.revision if 0 <= entity.revision < 2**63 else 0,
    }
    parts["revision"] += changes["revision"] != entity.revision
    if not (_is_storable(entity.id) and _is_storable(entity.redirect)):
        return entity, Counter()
    return replace(entity, **changes), +parts


def _is_storable(text: str) -> bool:
    return storable(text) == text
