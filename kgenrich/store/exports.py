"""What exports are made from: terms with their state, and the story behind each."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from kgenrich.model import Call, Decision, Evidence, Proposal, TermKind

TermState = Literal["asserted", "accepted", "proposed"]


class TermRow(Struct, frozen=True):
    """A term to be written: one that the graph has, or one that was accepted or proposed.

    ``candidate`` and ``probability`` belong to accepted and proposed terms. The text of an
    accepted term is that of the decision.
    """

    entity: str
    language: str
    kind: TermKind
    text: str
    state: TermState
    candidate: str = ""
    probability: float = 0.0


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

    ``proposal`` is the current one (its candidate carries the evidence too), made at ``at`` by
    ``run`` (0: none) from ``revision`` of the entity; None where a person decided without one. ``decision``
    is the current one.
    """

    term: TermRow
    evidence: tuple[EvidenceRow, ...] = ()
    proposal: Proposal | None = None
    at: str = ""
    run: int = 0
    revision: int = 0
    decision: Decision | None = None
