"""Terms and entities as they are written to files."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from kgenrich.model.graph import Statement, TermKind
from kgenrich.model.story import Call, Decision, Evidence, Proposal

TermState = Literal["asserted", "accepted", "proposed"]
"""How a term that is written came to be: the graph has it, or it was accepted or proposed."""


class TermRow(Struct, frozen=True):
    """A term to be written: one that the graph has, or one that was accepted or proposed.

    ``candidate`` and ``probability`` belong to accepted and proposed terms; an asserted one has
    neither. The text of an accepted term is that of the decision.
    """

    entity: str
    language: str
    kind: TermKind
    text: str
    state: TermState
    candidate: str = ""
    probability: float | None = None


class Alternative(Struct, frozen=True):
    """Another text that is proposed for the same term."""

    text: str
    probability: float


class ToldTermRow(TermRow, frozen=True):
    """A term to be written, with what helps to judge it.

    ``source_label`` is what the entity is called in the language of whoever reads
    (``source_language``; both empty where it has no name in any that was asked for). ``reasons``
    and ``alternatives``, the likeliest first, are those of accepted and proposed terms; ``origin``
    names who says an asserted one, and the sources that gave another one.
    """

    source_label: str = ""
    source_language: str = ""
    reasons: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    origin: tuple[str, ...] = ()


class NewTerm(Struct, frozen=True):
    """An accepted or proposed term, and the label of the graph that it takes the place of."""

    row: TermRow
    replaces: str = ""


class EntityRow(Struct, frozen=True):
    """An entity to be written as its origins do: what each, by its name, ``said`` of it, and the
    terms that are ``new``. A statement of the Wikibase model has no IRI for a predicate."""

    id: str
    said: tuple[tuple[str, Statement], ...] = ()
    new: tuple[NewTerm, ...] = ()


class EvidenceRow(Struct, frozen=True):
    """A piece of evidence as it was stored: its id, when, in which run, and the call behind it.

    ``licence`` is the evidence's own, or else that of its source.
    """

    id: str
    evidence: Evidence
    at: str
    run: int
    licence: str = ""
    call: Call | None = None


class ProvenanceRow(Struct, frozen=True):
    """An accepted or proposed term with everything that led to it.

    ``proposal`` is the current one, made at ``at`` by ``run`` (0: none) from ``revision`` of the
    entity; ``evidence`` is that which it rests on. ``decision`` is the one that holds.
    """

    term: TermRow
    evidence: tuple[EvidenceRow, ...] = ()
    proposal: Proposal | None = None
    at: str = ""
    run: int = 0
    revision: int = 0
    decision: Decision | None = None

    @property
    def is_replacing(self) -> bool:
        """Whether it takes the place of a label that the graph has."""
        rests_on = self.decision or self.proposal
        return rests_on is not None and bool(rests_on.replaces)
