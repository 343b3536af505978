"""How good the proposals are on *this* graph: hide terms that it has, enrich, compare.

Two ways of hiding are reported. *Items*: single entities, chosen by hash. *Clusters*: whole
groups of entities of one class and country or year, because series written by one bot leak from
item to item and flatter every source that learns from the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import unnamed
from kgenrich.consensus.consensus import Consensus
from kgenrich.evaluate.heldout.slices import Slicer
from kgenrich.languages import base, fallbacks, variants
from kgenrich.model import MUL, Entity, Scope, TermKind, TermRequest, content_id, is_refused
from kgenrich.progress import SILENT, Progress
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.sources.base import MemoryGraph
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.store.keys import chunks
from kgenrich.text import vote_key

Unit = Literal["item", "cluster"]
"""What is hidden as a whole: single items, or all items of one cluster."""

CLUSTERED_BY = {
    **dict.fromkeys(("country", "citizenship", "country_of_origin"), None),
    **dict.fromkeys(("publication", "birth", "inception"), 5),
}
"""Roles of places, then of dates, with the number of signs that count: those of a year."""


class Hidden(Struct, frozen=True):
    """A graph with terms taken out: the requests for them, and the texts that are right."""

    graph: MemoryGraph
    requests: tuple[TermRequest, ...]
    gold: tuple[tuple[str, ...], ...]


def cluster(entity: Entity, roles: PropertyRoles = OF_WIKIDATA) -> str:
    """What series of one author usually share: class and country, or class and year."""
    kind = entity.classes[0] if entity.classes else "none"
    for role, signs in CLUSTERED_BY.items():
        for value in entity.claims.get(roles.of(role), ()):
            return f"{kind} {value.value[:signs]}"
    return kind


def fold(
    entity: Entity,
    unit: Unit,
    folds: int,
    division: str = "held out",
    roles: PropertyRoles = OF_WIKIDATA,
) -> int:
    """The part that an entity belongs to, by hash: the same on every machine and in every run."""
    name = entity.id if unit == "item" else cluster(entity, roles)
    return int(content_id(division, unit, name)[:8], 16) % folds


def half(entity: Entity, unit: Unit, roles: PropertyRoles = OF_WIKIDATA) -> int:
    """0 or 1 by a hash of its own, so that each part falls into two halves."""
    return fold(entity, unit, 2, "half of the held out", roles)


def family(language: str) -> set[str]:
    """A language with all that would give its terms away: variants, fallbacks, `mul`.

    English stays unless it is the language itself: it is what most graphs have.
    """
    chain = {language, MUL, *variants(language), *fallbacks(language)}
    return chain if base(language) == "en" else chain - {"en"}


def hide(
    entities: Iterable[Entity],
    scope: Scope,
    *,
    unit: Unit = "item",
    part: int = 0,
    folds: int = 5,
    roles: PropertyRoles = OF_WIKIDATA,
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
        is_of_part = fold(entity, unit, folds, roles=roles) == part
        if entity.redirect or entity.deleted or not is_of_part:
            kept.append(entity)
            continue
        kept.append(without(entity, every, scope.kinds))
        for language in scope.languages:
            bare = without(entity, family(language), scope.kinds)
            for kind in scope.kinds:
                if right := _gold(entity, language, kind):
                    requests.append(TermRequest(bare, language, kind))
                    gold.append(right)
    return Hidden(MemoryGraph(kept), tuple(requests), tuple(gold))


def _gold(entity: Entity, language: str, kind: TermKind) -> tuple[str, ...]:
    if kind is TermKind.LABEL:
        return entity.names(language) if language in entity.labels else ()
    text = entity.terms(kind).get(language)
    return () if text is None else (text,)


def without(entity: Entity, gone: set[str], kinds: Sequence[TermKind]) -> Entity:
    """An entity without its terms of these kinds in the languages that are ``gone``."""
    if TermKind.LABEL in kinds:
        entity = unnamed(entity, *gone)
    if TermKind.DESCRIPTION in kinds:
        entity = replace(entity, descriptions=_others(entity.descriptions, gone))
    if TermKind.DEFINITION in kinds:
        entity = replace(entity, definitions=_others(entity.definitions, gone))
    return entity


def _others(terms: Mapping[str, str], gone: Collection[str]) -> dict[str, str]:
    return {code: text for code, text in terms.items() if code not in gone}


class Outcome(Struct):
    """The best proposal to one hidden term: is it right, and how sure was it?

    ``half`` is 0 or 1, by hash of what is hidden together: thresholds are chosen on one half and
    reported on the other. ``text`` is empty where nothing was proposed; ``slices`` are those that
    the proposal is in (`kgenrich.evaluate.heldout.slices`).
    """

    language: str
    kind: TermKind
    entity: str
    gold: tuple[str, ...]
    text: str = ""
    probability: float = 0.0
    right: bool = False
    sources: tuple[str, ...] = ()
    half: int = 0
    slices: tuple[str, ...] = ()


CollectorMaker = Callable[[MemoryGraph], CandidateCollector]
"""Makes the sources, fitted on a graph that lacks the hidden terms."""


def run(
    entities: Sequence[Entity],
    scope: Scope,
    make_collector: CollectorMaker,
    consensus: Consensus,
    *,
    unit: Unit,
    folds: int = 5,
    parts: Iterable[int] = (0,),
    batch: int = 500,
    progress: Progress = SILENT,
    roles: PropertyRoles = OF_WIKIDATA,
) -> list[Outcome]:
    """Enrich the hidden terms of each part, in the languages and of the kinds of the scope, sources
    fitted anew without them. ``roles`` are those of the graph's properties."""
    outcomes: list[Outcome] = []
    for part in parts:
        hidden = hide(entities, scope, unit=unit, part=part, folds=folds, roles=roles)
        collector = make_collector(hidden.graph)
        slicer = Slicer(hidden.graph.entities(), scope.languages, roles)
        for asked in chunks(zip(hidden.requests, hidden.gold, strict=True), batch):
            answers = collector.candidates([request for request, _ in asked])
            for (request, gold), candidates in zip(asked, answers, strict=True):
                proposals = consensus.propose(request, candidates)
                best = next((p for p in proposals if not is_refused(p.codes)), None)
                asked_for = request.language, request.kind, request.entity.id, gold
                outcome = Outcome(*asked_for, half=half(request.entity, unit, roles))
                if best:
                    outcome.text, outcome.probability = best.candidate.text, best.probability
                    outcome.right = vote_key(outcome.text) in map(vote_key, gold)
                    outcome.sources = tuple(sorted({e.source for e in best.candidate.evidence}))
                    about = request.entity, request.language, request.kind
                    outcome.slices = slicer.slices(*about, outcome.text)
                outcomes.append(outcome)
            progress.update(len(outcomes))
    return outcomes
