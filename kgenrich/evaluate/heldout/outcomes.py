"""How good the proposals are on *this* graph: hide terms that it has, enrich, compare.

Two ways of hiding are reported. *Items*: single entities, chosen by hash. *Clusters*: whole
groups of entities of one class and country or year, because series written by one bot leak from
item to item and flatter every source that learns from the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.consensus import Consensus
from kgenrich.languages import fallbacks, site_language, variants
from kgenrich.model import (
    MUL,
    Entity,
    Proposal,
    Scope,
    TermKind,
    TermRequest,
    content_id,
    is_refused,
)
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.base import MemoryGraph
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.text import vote_key

Unit = Literal["item", "cluster"]
"""What is hidden as a whole: single items, or all items of one cluster."""

CLUSTER_PROPERTIES = {"P17": None, "P27": None, "P495": None, "P577": 5, "P569": 5, "P571": 5}
"""What series share, and how much of it: all of a country, the year of a date."""


class Hidden(Struct, frozen=True):
    """A graph with terms taken out: the requests for them, and the texts that are right."""

    graph: MemoryGraph
    requests: tuple[TermRequest, ...]
    gold: tuple[tuple[str, ...], ...]


def cluster(entity: Entity) -> str:
    """What series of one author usually share: class and country, or class and year."""
    kind = entity.classes[0] if entity.classes else "none"
    for property_id, longest in CLUSTER_PROPERTIES.items():
        for value in entity.claims.get(property_id, ()):
            return f"{kind} {value.value[:longest]}"
    return kind


def fold(entity: Entity, unit: Unit, folds: int, salt: str = "held out") -> int:
    """The part that an entity belongs to, by hash: the same on every machine and in every run."""
    name = entity.id if unit == "item" else cluster(entity)
    return int(content_id(salt, unit, name)[:8], 16) % folds


def half(entity: Entity, unit: Unit) -> int:
    """0 or 1 by a hash of its own, so that each part falls into two halves."""
    return fold(entity, unit, 2, "half of the held out")


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
                if right := _gold(entity, language, kind):
                    requests.append(TermRequest(bare, language, kind))
                    gold.append(right)
    return Hidden(MemoryGraph(kept), tuple(requests), tuple(gold))


def _gold(entity: Entity, language: str, kind: TermKind) -> tuple[str, ...]:
    if kind is TermKind.LABEL:
        return entity.names(language) if language in entity.labels else ()
    text = entity.descriptions.get(language)
    return () if text is None else (text,)


def _without(entity: Entity, gone: set[str], kinds: Sequence[TermKind]) -> Entity:
    fields = (["labels", "aliases"] if TermKind.LABEL in kinds else []) + (
        ["descriptions"] if TermKind.DESCRIPTION in kinds else []
    )
    kept: dict[str, object] = {
        field: {code: terms for code, terms in getattr(entity, field).items() if code not in gone}
        for field in fields
    }
    if TermKind.LABEL in kinds:
        links = entity.sitelinks.items()
        kept["sitelinks"] = {site: t for site, t in links if site_language(site) not in gone}
    return replace(entity, **kept)


class Outcome(Struct, frozen=True):
    """The best proposal to one hidden term: is it right, and how sure was it?

    ``half`` is 0 or 1, by hash of what is hidden together: thresholds are chosen on one half and
    reported on the other. ``text`` is empty where nothing was proposed.
    """

    language: str
    kind: TermKind
    entity: str
    gold: tuple[str, ...]
    text: str
    probability: float
    right: bool
    sources: tuple[str, ...]
    half: int = 0


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
) -> list[Outcome]:
    """Enrich the hidden terms of each part, in the languages and of the kinds of the scope, sources
    fitted anew without them."""
    outcomes: list[Outcome] = []
    for part in parts:
        hidden = hide(entities, scope, unit=unit, part=part, folds=folds)
        collector = make_collector(hidden.graph)
        for start in range(0, len(hidden.requests), batch):
            requests = hidden.requests[start : start + batch]
            for place, candidates in enumerate(collector.candidates(requests), start):
                proposals = consensus.propose(hidden.requests[place], candidates)
                best = next((p for p in proposals if not is_refused(p.codes)), None)
                outcomes.append(_outcome(hidden, place, best, unit))
            progress.update(len(outcomes))
    return outcomes


def _outcome(hidden: Hidden, place: int, best: Proposal | None, unit: Unit) -> Outcome:
    request, gold = hidden.requests[place], hidden.gold[place]
    text = best.candidate.text if best else ""
    return Outcome(
        language=request.language,
        kind=request.kind,
        entity=request.entity.id,
        gold=gold,
        text=text,
        probability=best.probability if best else 0.0,
        right=bool(best) and vote_key(text) in {vote_key(one) for one in gold},
        sources=tuple(sorted({e.source for e in best.candidate.evidence})) if best else (),
        half=half(request.entity, unit),
    )
