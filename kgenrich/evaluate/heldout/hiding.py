"""Hide terms that a graph has, so that what is proposed can be compared with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.languages import fallbacks, site_language, variants
from kgenrich.model import MUL, Entity, Scope, TermKind, TermRequest, content_id
from kgenrich.sources.base import MemoryGraph

Unit = Literal["item", "cluster"]
"""What is hidden as a whole: single items, or all items of one cluster."""

CLUSTER_PLACES = ("P17", "P27", "P495")
CLUSTER_YEARS = ("P577", "P569", "P571")


class Hidden(Struct, frozen=True):
    """A graph with terms taken out: the requests for them, and the texts that are right."""

    graph: MemoryGraph
    requests: tuple[TermRequest, ...]
    gold: tuple[tuple[str, ...], ...]


def cluster(entity: Entity) -> str:
    """What series of one author usually share: class and country, or class and year."""
    kind = entity.classes[0] if entity.classes else "none"
    for property_id in CLUSTER_PLACES:
        for value in entity.claims.get(property_id, ()):
            return f"{kind} {value.value}"
    for property_id in CLUSTER_YEARS:
        for value in entity.claims.get(property_id, ()):
            return f"{kind} {value.value[:5]}"
    return kind


def fold(entity: Entity, unit: Unit, folds: int) -> int:
    """The part that an entity belongs to, by hash: the same on every machine and in every run."""
    name = entity.id if unit == "item" else cluster(entity)
    return int(content_id("held out", unit, name)[:8], 16) % folds


def half(entity: Entity, unit: Unit) -> int:
    """0 or 1 by a hash of its own, so that each part falls into two halves."""
    name = entity.id if unit == "item" else cluster(entity)
    return int(content_id("half of the held out", unit, name)[:8], 16) % 2


def family(language: str) -> set[str]:
    """A language with all that would give its terms away: variants, fallbacks, `mul`.

    English stays unless it is the language itself: it is what most graphs have.
    """
    chain = {language, MUL, *variants(language), *fallbacks(language)}
    return chain if language.split("-")[0] == "en" else chain - {"en"}


def hide(
    entities: Iterable[Entity],
    scope: Scope,
    *,
    unit: Unit = "item",
    part: int = 0,
    folds: int = 5,
) -> Hidden:
    """Take terms of the scope's kinds, labels with aliases and sitelinks, out of one part of the
    entities.

    The graph that sources learn from lacks them in all its languages at once; the entity of a
    request lacks those of the language asked for (and its family) alone, as entities do that
    other languages have named. Its sitelinks in that language go too: an entity without a label
    rarely has the page.
    """
    kept: list[Entity] = []
    requests: list[TermRequest] = []
    gold: list[tuple[str, ...]] = []
    every = {code for language in scope.languages for code in family(language)}
    for entity in entities:
        if entity.redirect or entity.deleted or fold(entity, unit, folds) != part:
            kept.append(entity)
            continue
        kept.append(_without(entity, every, scope.kinds))
        for language in scope.languages:
            bare = _without(entity, family(language), scope.kinds)
            for kind in scope.kinds:
                right = _gold(entity, language, kind)
                if right:
                    requests.append(TermRequest(bare, language, kind))
                    gold.append(right)
    return Hidden(MemoryGraph(kept), tuple(requests), tuple(gold))


def _gold(entity: Entity, language: str, kind: TermKind) -> tuple[str, ...]:
    if kind is TermKind.LABEL:
        return entity.names(language) if language in entity.labels else ()
    text = entity.descriptions.get(language)
    return () if text is None else (text,)


def _without(entity: Entity, gone: set[str], kinds: Sequence[TermKind]) -> Entity:
    without: dict[str, object] = {}
    if TermKind.LABEL in kinds:
        without["labels"] = {c: t for c, t in entity.labels.items() if c not in gone}
        without["aliases"] = {c: t for c, t in entity.aliases.items() if c not in gone}
        without["sitelinks"] = {
            s: t for s, t in entity.sitelinks.items() if site_language(s) not in gone
        }
    if TermKind.DESCRIPTION in kinds:
        without["descriptions"] = {c: t for c, t in entity.descriptions.items() if c not in gone}
    return replace(entity, **without)
