"""From the candidates of one request to proposals that explain themselves, in one pass.

A set of names, not one: beside the label, other names that are more probably right than not are
proposed as aliases. Other ways of writing these names are judged with them
(`kgenrich.consensus.spelling_variants`), by rankers that know of such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.candidate_groups import Group, group
from kgenrich.consensus.description_agreement import BY_CHARACTERS, Agreement
from kgenrich.consensus.pool_ranker import Ranker
from kgenrich.consensus.spelling_variants import VARIANT_SOURCE, variant_candidates
from kgenrich.consensus.validators import Validator, is_hard
from kgenrich.consensus.vote import score, votes
from kgenrich.model import Candidate, Proposal, TermKind, TermRequest

LIKELY = 0.5
"""What is more probably right than not is worth a person's look."""


class _Judged(Struct, frozen=True, gc=False):
    """A group with its probability and what the validators object to."""

    group: Group
    probability: float
    codes: tuple[str, ...]

    @property
    def variant(self) -> bool:
        """Whether no source gave it."""
        return all(e.source == VARIANT_SOURCE for e in self.group.candidate.evidence)

    @property
    def hard(self) -> bool:
        """Whether it must not be written."""
        return any(map(is_hard, self.codes))


class Consensus(Struct, frozen=True):
    """How candidates become proposals: the ``ranker`` gives probabilities, ``validate`` says what
    speaks against a text, ``agreement`` which wordings of a description mean the same; groups under
    the probability ``minimum`` are left out."""

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
        if not groups:
            return []
        if request.kind is TermKind.DESCRIPTION:
            groups = self.agreement(groups)
        ranker = self.ranker.of(request, groups)
        beside = aliases and request.kind is TermKind.LABEL
        if beside and ranker.judges_variants:
            groups += group(variant_candidates(candidates))
        judged = self._judged(
            request, groups, ranker, min(self.minimum, LIKELY) if beside else self.minimum
        )
        named = (one for one in judged if not one.variant and one.probability >= self.minimum)
        proposals = [_proposal(one, ranker, rank) for rank, one in enumerate(named, 1)]
        return [*proposals, *self._aliases(request, judged, ranker)] if beside else proposals

    def _judged(
        self, request: TermRequest, groups: Sequence[Group], ranker: Ranker, least: float
    ) -> list[_Judged]:
        """The groups that have at least this probability, best first."""
        judged = [
            _Judged(item, probability, tuple(self.validate(request, item.candidate.text)))
            for item, probability in zip(groups, ranker.rank(request, groups), strict=True)
            if probability >= least
        ]
        return sorted(judged, key=lambda one: (one.hard, -one.probability, len(one.codes)))

    def _aliases(
        self, request: TermRequest, judged: Iterable[_Judged], ranker: Ranker
    ) -> Iterator[Proposal]:
        likely = [one for one in judged if one.probability >= LIKELY and not one.hard]
        wanted = replace(request, kind=TermKind.ALIAS)
        for rank, one in enumerate(likely[1:], 1):
            candidate = replace(one.group.candidate, kind=TermKind.ALIAS)
            codes = tuple(self.validate(wanted, candidate.text))
            yield replace(_proposal(one, ranker, rank), candidate=candidate, codes=codes)


def _proposal(judged: _Judged, ranker: Ranker, rank: int) -> Proposal:
    item = judged.group
    return Proposal(
        candidate=item.candidate,
        score=score(item),
        votes=votes(item),
        # Six digits: the stored hash of a proposal must not hang on the last bit of a float.
        probability=round(judged.probability, 6),
        ranker=ranker.name,
        reasons=_reasons(item),
        codes=judged.codes,
        rank=rank,
    )


def _reasons(item: Group) -> tuple[str, ...]:
    reasons = []
    for evidence in item.candidate.evidence:
        how_sure = "" if evidence.score is None else f" ({evidence.score:.2f})"
        reasons.append(
            f"{evidence.source}{how_sure}: {evidence.note or evidence.raw or 'answered'}"
        )
    if len(item.spellings) > 1:
        reasons.append("also written " + ", ".join(item.spellings[1:4]))
    if item.allies and (count := score(item) - score(replace(item, allies=()))):
        others = ", ".join(f"“{ally.group.candidate.text}”" for ally in item.allies[:3])
        reasons.append(f"agrees with {count} other answer{'s' * (count > 1)}: {others}")
    return tuple(dict.fromkeys(reasons))
