"""Equal names, differently written, become one group with all the evidence for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from kgenrich.model import Candidate, Evidence, SourceKind, evidence_for
from kgenrich.text import vote_key


class Group(Struct, frozen=True):
    """The candidates of one request that are equal in normal form (`kgenrich.text.vote_key`).

    ``candidate`` is the best-supported way of writing it and carries the evidence of all;
    ``spellings`` are the texts, best first; ``allies`` the groups of other wordings of the same
    meaning, most alike first (`kgenrich.consensus.description_agreement`).
    """

    candidate: Candidate
    spellings: tuple[str, ...]
    allies: tuple[Ally, ...] = ()

    @property
    def lists(self) -> set[tuple[SourceKind, str]]:
        """The answer lists that hold it or an ally, each with the kind of its source."""
        every = (self, *(ally.group for ally in self.allies))
        return {(e.kind, answer_list(e)) for item in every for e in item.candidate.evidence}


class Ally(Struct, frozen=True):
    """A group that speaks for another, and how alike their wordings are, in [0, 1]."""

    group: Group
    likeness: float


def answer_list(evidence: Evidence) -> str:
    """The name of the answer list that evidence belongs to: one source asked from one language."""
    return (
        f"{evidence.source}:{evidence.from_language}" if evidence.from_language else evidence.source
    )


def group(candidates: Iterable[Candidate]) -> list[Group]:
    """Group the candidates of one request, the best-supported group first.

    Candidates without a single letter or digit are left out: they have no normal form.
    """
    by_key: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        key = vote_key(candidate.text)
        if key:
            by_key.setdefault(key, []).append(candidate)
    groups = [_merge(members) for members in by_key.values()]
    return sorted(groups, key=lambda g: (*_support(g.candidate.evidence), g.candidate.text))


def _merge(members: Sequence[Candidate]) -> Group:
    evidence: dict[str, list[Evidence]] = {}
    for member in members:
        evidence.setdefault(member.text, []).extend(member.evidence)
    spellings = sorted(evidence, key=lambda text: (*_support(evidence[text]), text))
    first = members[0]
    best = spellings[0]
    given = ((text, piece) for text in spellings for piece in dict.fromkeys(evidence[text]))
    every = evidence_for(best, given)
    candidate = Candidate(first.entity, first.language, first.kind, best, every)
    return Group(candidate, tuple(spellings))


def _support(evidence: Iterable[Evidence]) -> tuple[int, int, float]:
    """Sort key: most kinds, then most answer lists, then the highest total score first."""
    items = list(evidence)
    return (
        -len({item.kind for item in items}),
        -len({answer_list(item) for item in items}),
        -sum(item.score or 0.0 for item in items),
    )
