"""How good the proposals are on *this* graph: hide terms that it has, enrich, compare.

Two ways of hiding are reported. *Items*: single entities, chosen by hash. *Clusters*: whole
groups of entities of one class and country or year, because series written by one bot leak from
item to item and flatter every source that learns from the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kgenrich.consensus.agree import BY_CHARACTERS, Agreement
from kgenrich.consensus.pool import Ranker
from kgenrich.consensus.propose import Validator, propose
from kgenrich.evaluate.hide import Hidden, Unit, hide
from kgenrich.model import Entity, Proposal, TermKind
from kgenrich.sources.base import MemoryGraph
from kgenrich.sources.panel import Panel
from kgenrich.text import vote_key

BINS = 10


class Outcome(Struct, frozen=True):
    """The best proposal to one hidden term: is it right, and how sure was it?"""

    language: str
    kind: TermKind
    entity: str
    gold: tuple[str, ...]
    text: str
    probability: float
    right: bool
    sources: tuple[str, ...]


class Score(Struct, frozen=True):
    """Figures over one set of hidden terms.

    ``answered`` are the proposals at or above the asked probability; ``precision`` is over those,
    ``recall`` over everything requested; ``ece`` is the expected calibration error (ten equal
    bins) over every best proposal, answered or not.
    """

    requested: int
    answered: int
    right: int
    ece: float

    @property
    def precision(self) -> float:
        """Right among the answered; 0 where nothing was."""
        return self.right / self.answered if self.answered else 0.0

    @property
    def recall(self) -> float:
        """Right among the requested."""
        return self.right / self.requested if self.requested else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def figures(self) -> dict[str, float | int]:
        """As printed and as JSON."""
        return {
            "requested": self.requested,
            "answered": self.answered,
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "ece": round(self.ece, 4),
        }


PanelMaker = Callable[[MemoryGraph], Panel]
"""Makes the sources, fitted on a graph that lacks the hidden terms."""


def run(
    entities: Sequence[Entity],
    languages: Sequence[str],
    kinds: Sequence[TermKind],
    make_panel: PanelMaker,
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
        panel = make_panel(hidden.graph)
        for start in range(0, len(hidden.requests), batch):
            requests = hidden.requests[start : start + batch]
            for place, candidates in enumerate(panel.candidates(requests), start):
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
                outcomes.append(_outcome(hidden, place, best))
            tick(len(requests))
    return outcomes


def _outcome(hidden: Hidden, place: int, best: Proposal | None) -> Outcome:
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
    )


def score(outcomes: Sequence[Outcome], minimum: float) -> Score:
    """Figures at one operating point."""
    answered = [o for o in outcomes if o.text and o.probability >= minimum]
    return Score(len(outcomes), len(answered), sum(o.right for o in answered), ece(outcomes))


def ece(outcomes: Iterable[Outcome]) -> float:
    """Expected calibration error (Naeini et al., 2015) over ten equal bins of probability."""
    rows = reliability(outcomes)
    total = sum(count for _, count, _, _ in rows)
    return sum(count * abs(sure - right) for _, count, sure, right in rows) / max(total, 1)


def reliability(outcomes: Iterable[Outcome]) -> list[tuple[float, int, float, float]]:
    """One row a bin that is not empty: lower edge, proposals, mean probability, share right."""
    bins: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.text:
            bins.setdefault(min(int(outcome.probability * BINS), BINS - 1), []).append(outcome)
    return [
        (
            place / BINS,
            len(members),
            sum(o.probability for o in members) / len(members),
            sum(o.right for o in members) / len(members),
        )
        for place, members in sorted(bins.items())
    ]


def report(
    by_unit: Mapping[Unit, Sequence[Outcome]],
    languages: Sequence[str],
    kinds: Sequence[TermKind],
    minimum: float,
) -> dict[str, dict[str, dict[str, Any]]]:
    """``{language: {kind: {requested, answered, precision, recall, f1, ece}}}`` with items
    hidden; the figures with clusters hidden stand under ``clusters`` in each."""
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for language in languages:
        for kind in kinds:
            cell: dict[str, Any] = {}
            for unit, outcomes in by_unit.items():
                chosen = [o for o in outcomes if o.language == language and o.kind is kind]
                figures = score(chosen, minimum).figures()
                if unit == "item":
                    cell = figures | cell
                else:
                    cell["clusters"] = figures
            result.setdefault(language, {})[str(kind)] = cell
    return result
