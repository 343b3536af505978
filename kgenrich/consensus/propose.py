"""From the candidates of one request to proposals that explain themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import Group, group
from kgenrich.consensus.description_agreement import BY_CHARACTERS, Agreement
from kgenrich.consensus.pool_ranker import Ranker, score
from kgenrich.consensus.validators import is_hard
from kgenrich.model import Candidate, Proposal, TermKind, TermRequest

Validator = Callable[[TermRequest, str], Sequence[str]]


def propose(
    request: TermRequest,
    candidates: Sequence[Candidate],
    ranker: Ranker,
    validate: Validator,
    minimum: float = 0.0,
    agreement: Agreement = BY_CHARACTERS,
) -> list[Proposal]:
    """Group, rank and validate the candidates of one request; the most probable first.

    ``agreement`` says which wordings of a description mean the same.
    Groups under the probability ``minimum`` are left out. What the validators object to is kept
    with its codes, behind everything that is valid: a person may still want to see it. Of what is
    equally probable, that with the fewest objections comes first.
    """
    groups = group(candidates)
    if request.kind is TermKind.DESCRIPTION:
        groups = agreement(groups)
    ranker = ranker.of(request, groups)
    probabilities = ranker.rank(request, groups)
    judged = [
        (any(map(is_hard, codes)), -probability, len(codes), place, item, codes)
        for place, (item, probability) in enumerate(zip(groups, probabilities, strict=True))
        if probability >= minimum
        for codes in [tuple(validate(request, item.candidate.text))]
    ]
    return [
        Proposal(
            candidate=item.candidate,
            score=score(item),
            votes=_votes(item),
            # Six digits: the stored hash of a proposal must not hang on the last bit of a float.
            probability=round(-negative, 6),
            ranker=ranker.name,
            reasons=_reasons(item),
            codes=codes,
            rank=rank,
        )
        for rank, (_, negative, _, _, item, codes) in enumerate(
            sorted(judged, key=lambda j: j[:4]), 1
        )
    ]


def _votes(item: Group) -> dict[str, int]:
    return dict(sorted(Counter(str(kind) for kind, _ in item.lists).items()))


def _reasons(item: Group) -> tuple[str, ...]:
    reasons = []
    for evidence in item.candidate.evidence:
        how_sure = "" if evidence.score is None else f" ({evidence.score:.2f})"
        reasons.append(
            f"{evidence.source}{how_sure}: {evidence.note or evidence.raw or 'answered'}"
        )
    if len(item.spellings) > 1:
        reasons.append("also written " + ", ".join(item.spellings[1:4]))
    if count := score(item) - score(replace(item, allies=())):
        others = ", ".join(f"“{ally.group.candidate.text}”" for ally in item.allies[:3])
        reasons.append(f"agrees with {count} other answer{'s' * (count > 1)}: {others}")
    return tuple(dict.fromkeys(reasons))
