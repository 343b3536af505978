"""From the candidates of one request to proposals that explain themselves, in one pass.

A set of names, not one: beside the label, other names that are more probably right than not are
proposed as aliases. Other ways of writing these names are judged with them
(`kgenrich.consensus.spelling`), by rankers that know of such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import Group, group
from kgenrich.consensus.description_agreement import BY_CHARACTERS, Agreement
from kgenrich.consensus.rankers import Ranker
from kgenrich.consensus.spelling import VARIANT_SOURCE, variant_candidates
from kgenrich.consensus.validators import Validator
from kgenrich.model import Candidate, Evidence, Proposal, TermKind, TermRequest, is_refused

LIKELY = 0.5
"""What is more probably right than not is worth a person's look."""


class Consensus(Struct, frozen=True):
    """How candidates become proposals: the ``ranker`` gives probabilities, ``validate`` says what
    speaks against a text, ``agreement`` which wordings of a description mean the same (those of a
    definition do that have much in common); groups under the probability ``minimum`` are left out.
    """

    ranker: Ranker
    validate: Validator
    agreement: Agreement = BY_CHARACTERS
    minimum: float = 0.0

    def propose(
        self, request: TermRequest, candidates: Sequence[Candidate], *, aliases: bool = False
    ) -> list[Proposal]:
        """Group, rank and validate the candidates of one request; the most probable first.

        What the validators object to is kept with its codes, behind everything that is valid: a
        person may still want to see it. Of what is equally probable, that with the fewest
        objections comes first.

        With ``aliases`` the proposals of a label are followed by those of aliases, ranked by
        themselves: where one valid name is `LIKELY`, every other one that is, ``minimum`` or not.
        """
        groups = group(candidates)
        if request.kind is TermKind.DESCRIPTION:
            groups = self.agreement(groups)
        elif request.kind is TermKind.DEFINITION:
            # Encoders of names see but the beginning of a sentence.
            groups = BY_CHARACTERS(groups)
        ranker = self.ranker.of(request, groups)
        beside = aliases and request.kind is TermKind.LABEL
        if beside and ranker.judges_variants:
            groups += group(variant_candidates(candidates))
        least = min(self.minimum, LIKELY) if beside else self.minimum
        every = [
            Proposal(
                item.candidate,
                item.score,
                item.votes,
                probability,
                ranker.name,
                _reasons(item),
                tuple(self.validate(request, item.candidate.text)),
            )
            for item, probability in zip(groups, ranker.rank(request, groups), strict=True)
            if probability >= least
        ]
        every.sort(key=lambda p: (is_refused(p.codes), -p.probability, len(p.codes)))
        named = (
            p
            for p in every
            if p.probability >= self.minimum
            and any(piece.source != VARIANT_SOURCE for piece in p.candidate.evidence)
        )
        proposals = [*_ranked(named)]
        if beside:
            likely = [p for p in every if p.probability >= LIKELY and not is_refused(p.codes)]
            wanted = replace(request, kind=TermKind.ALIAS)
            for proposal in _ranked(likely[1:]):
                candidate = replace(proposal.candidate, kind=TermKind.ALIAS)
                codes = tuple(self.validate(wanted, candidate.text))
                proposals.append(replace(proposal, candidate=candidate, codes=codes))
        return proposals


def _ranked(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """In their order. Six digits of a probability: the stored hash of a proposal must not hang on
    the last bit of a float."""
    for rank, proposal in enumerate(proposals, 1):
        yield replace(proposal, rank=rank, probability=round(proposal.probability, 6))


def reason_of(evidence: Evidence) -> str:
    """What a source said, as the reasons of a proposal have it."""
    how_sure = "" if evidence.score is None else f" ({evidence.score:.2f})"
    return f"{evidence.source}{how_sure}: {evidence.note or evidence.raw or 'answered'}"


def _reasons(item: Group) -> tuple[str, ...]:
    reasons = [reason_of(evidence) for evidence in item.candidate.evidence]
    if len(item.spellings) > 1:
        reasons.append("also written " + ", ".join(item.spellings[1:4]))
    if item.allies and (count := item.score - replace(item, allies=()).score):
        others = ", ".join(f"“{ally.group.candidate.text}”" for ally in item.allies[:3])
        reasons.append(f"agrees with {count} other answer{'s' * (count > 1)}: {others}")
    return tuple(dict.fromkeys(reasons))
