"""What a person wrote where nothing was proposed: a term of their own, with its story."""

from __future__ import annotations

from kgenrich.exchange.unit import UnitAnswer
from kgenrich.model import Candidate, Evidence, Proposal, SourceKind

RANKER = "person"
PROBABILITY = 0.95
"""What a term of somebody's own counts for before anything is known of its author."""


def own_term(answer: UnitAnswer, file: str) -> Proposal:
    """The proposal of a term that the author of an answer wrote in a ``file``: it rests on that
    alone, and says so. The answer names entity, language and kind.

    >>> from kgenrich.exchange.unit import UnitState
    >>> from kgenrich.model import TermKind
    >>> answer = UnitAnswer(UnitState.ACCEPTED, "Fièvre", entity="http://purl.obolibrary.org/obo/"
    ...     "HP_0001945", language="fr", kind=TermKind.LABEL, author="Ada", source_text="Fever")
    >>> own_term(answer, "hp-fr.babelon.tsv").reasons
    ('written by Ada in hp-fr.babelon.tsv',)
    """
    if answer.kind is None:
        raise ValueError("an answer without a kind is nobody's term")
    who = answer.author or "somebody"
    evidence = Evidence(
        source=f"person: {who}",
        kind=SourceKind.PERSON,
        from_language=answer.source_language,
        from_text=answer.source_text,
        raw=answer.text,
        note=f"in {file}{f', {answer.at}' if answer.at else ''}",
    )
    candidate = Candidate(answer.entity, answer.language, answer.kind, answer.text, (evidence,))
    return Proposal(
        candidate,
        score=1,
        votes={str(SourceKind.PERSON): 1},
        probability=PROBABILITY,
        ranker=RANKER,
        reasons=(f"written by {who} in {file}",),
    )
