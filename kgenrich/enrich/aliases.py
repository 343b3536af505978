"""A set of names, not one: what was proposed beside the label is proposed as an alias."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from kgenrich.consensus.name_sets import choose
from kgenrich.consensus.pool_ranker import Ranker
from kgenrich.consensus.propose import Validator, propose
from kgenrich.consensus.spelling_variants import with_variants
from kgenrich.model import Candidate, Evidence, Proposal, TermKind, TermRequest
from kgenrich.sources.base import Answer

LIKELY = 0.5
"""What is more probably right than not is worth a person's look."""


def aliases(
    request: TermRequest, candidates: Sequence[Candidate], ranker: Ranker, validate: Validator
) -> list[Proposal]:
    """The proposals of aliases that follow from the candidates of a label: other names that are
    more probably right than not, where a label is. Empty for other requests.

    Other ways of writing these names are tried too (`kgenrich.consensus.spelling_variants`):
    rankers that know nothing of them give them no chance.
    """
    if request.kind is not TermKind.LABEL:
        return []
    chosen = choose(propose(request, with_variants(candidates), ranker, validate, LIKELY))
    wanted = replace(request, kind=TermKind.ALIAS)
    return [
        replace(
            proposal,
            candidate=replace(proposal.candidate, kind=TermKind.ALIAS),
            codes=tuple(validate(wanted, proposal.candidate.text)),
            rank=rank,
        )
        for rank, proposal in enumerate(chosen.aliases, 1)
    ]


def told(request: TermRequest, proposals: Iterable[Proposal]) -> list[Answer]:
    """The evidence of proposed names as answers, to be kept: each spelling with its own."""
    answers = []
    for proposal in proposals:
        candidate = proposal.candidate
        spelled: dict[str, list[Evidence]] = {}
        for piece in candidate.evidence:
            text = piece.spelling or candidate.text
            spelled.setdefault(text, []).append(replace(piece, spelling=""))
        kept = tuple(
            Candidate(candidate.entity, candidate.language, candidate.kind, text, tuple(pieces))
            for text, pieces in spelled.items()
        )
        answers.append(Answer(replace(request, kind=candidate.kind), kept))
    return answers
