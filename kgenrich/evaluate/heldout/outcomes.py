"""How good the proposals are on *this* graph: hide terms that it has, enrich, compare.

Two ways of hiding are reported. *Items*: single entities, chosen by hash. *Clusters*: whole
groups of entities of one class and country or year, because series written by one bot leak from
item to item and flatter every source that learns from the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from kgenrich.consensus.description_agreement import BY_CHARACTERS, Agreement
from kgenrich.consensus.pool_ranker import Ranker
from kgenrich.consensus.propose import Validator, propose
from kgenrich.evaluate.heldout.hiding import Hidden, Unit, half, hide
from kgenrich.model import Entity, Proposal, TermKind
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
    languages: Sequence[str],
    kinds: Sequence[TermKind],
    make_collector: CollectorMaker,
    ranker: Ranker,
    validate: Validator,
    *,
    unit: Unit,
    agreement: Agreement = BY_CHARACTERS,
    folds: int = 5,
    parts: Iterable[int] = (0,),
    batch: int = 500,
    tick: Callable[[int], None] = lambda done: None,
) -> list[Outcome]:
    """Enrich the hidden terms of each part, sources fitted anew without them."""
    outcomes: list[Outcome] = []
    for part in parts:
        hidden = hide(entities, languages, kinds, unit=unit, part=part, folds=folds)
        collector = make_collector(hidden.graph)
        for start in range(0, len(hidden.requests), batch):
            requests = hidden.requests[start : start + batch]
            for place, candidates in enumerate(collector.candidates(requests), start):
                best = next(
                    (
                        proposal
                        for proposal in propose(
                            hidden.requests[place],
                            candidates,
                            ranker,
                            validate,
                            agreement=agreement,
                        )
                        if not any(code.startswith("E") for code in proposal.codes)
                    ),
                    None,
                )
                outcomes.append(_outcome(hidden, place, best, unit))
            tick(len(requests))
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
