"""How good the proposals are on *this* graph: hide terms that it has, enrich, compare.

Two ways of hiding are reported. *Items*: single entities, chosen by hash. *Clusters*: whole
groups of entities of one class and country or year, because series written by one bot leak from
item to item and flatter every source that learns from the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from kgenrich.consensus.consensus import Consensus
from kgenrich.evaluate.heldout.hiding import Hidden, Unit, half, hide
from kgenrich.model import Entity, Proposal, Scope, TermKind, is_refused
from kgenrich.progress import SILENT, Progress
from kgenrich.sources.base import MemoryGraph
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.text import vote_key


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
