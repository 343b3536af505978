"""The story of a term: what is wanted, proposed, with which evidence, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.model.graph import Entity, TermKind


class SourceKind(StrEnum):
    """Where evidence comes from; agreement counts between kinds more than within one. A person is
    who wrote a term that nothing had proposed."""

    PERSON = "person"
    GRAPH = "graph"
    DICTIONARY = "dictionary"
    MT = "mt"
    SEARCH = "search"
    LLM = "llm"


class Verdict(StrEnum):
    """What a person or a policy says of a candidate. The last three leave it open: the author does
    not know, wants to hear others, or takes back what was decided."""

    ACCEPT = "accept"
    REJECT = "reject"
    EDIT = "edit"
    UNSURE = "unsure"
    DISCUSS = "discuss"
    REOPEN = "reopen"


class RejectReason(StrEnum):
    """Why a candidate is wrong."""

    WRONG = "wrong"
    OTHER_ENTITY = "other-entity"
    LANGUAGE = "language"
    SPELLING = "spelling"
    STYLE = "style"
    NOT_NEEDED = "not-needed"
    SOURCE = "source"

    @property
    def meaning(self) -> str:
        """The reason in a few words."""
        return _REASONS[self]


_REASONS = {
    RejectReason.WRONG: "it is not called so, or not that",
    RejectReason.OTHER_ENTITY: "it is about another entity",
    RejectReason.LANGUAGE: "it is in another language or script",
    RejectReason.SPELLING: "it is misspelt",
    RejectReason.STYLE: "it breaks the style of the target",
    RejectReason.NOT_NEEDED: "nobody needs it",
    RejectReason.SOURCE: "its source cannot be trusted, or its licence does not allow it",
}


class TermRequest(Struct, frozen=True):
    """A term that is wanted: for this entity, in this language, of this kind. ``licence`` is that
    of all who say what is known of the entity, as an SPDX expression (`UNKNOWN` in it where one
    of them has none); empty outside of a store."""

    entity: Entity
    language: str
    kind: TermKind
    licence: str = ""

    def candidate(self, text: str, *evidence: Evidence) -> Candidate:
        """A text proposed for it."""
        return Candidate(self.entity.id, self.language, self.kind, text, evidence)


class Evidence(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why a candidate was proposed by one source.

    ``call`` is the fingerprint of the request that brought it (source, model, parameters, prompt
    version, input). ``from_language`` and ``from_text`` say what it was made from. ``score`` is
    the source's own estimate in [0, 1] that the candidate is right, or None where it has none.
    ``rank`` counts from 1 within one answer, 0 where answers have no order. ``raw`` is the part of
    the answer that holds the candidate, ``note`` a sentence for people. ``spelling`` is set where
    the consensus counts it for a name that this source wrote differently.
    """

    source: str
    kind: SourceKind
    call: str = ""
    from_language: str = ""
    from_text: str = ""
    raw: str = ""
    score: float | None = None
    rank: int = 0
    url: str = ""
    licence: str = ""
    note: str = ""
    spelling: str = ""


def evidence_for(text: str, given: Iterable[tuple[str, Evidence]]) -> tuple[Evidence, ...]:
    """The evidence for a text, from pieces with the text that each was given for: what was given
    for another spelling says so."""
    return tuple(
        piece if spelling == text else replace(piece, spelling=spelling)
        for spelling, piece in given
    )


class Candidate(Struct, frozen=True, gc=False):
    """A text proposed for one entity, language and kind, with everything that speaks for it."""

    entity: str
    language: str
    kind: TermKind
    text: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def id(self) -> str:
        """Content hash of what is proposed, not of who proposes it."""
        return _candidate_id(self.entity, self.language, self.kind, self.text)


class Proposal(Struct, frozen=True, gc=False):
    """What the consensus says of a candidate.

    ``score`` is the M-NTA vote (Conia et al., 2023), ``votes`` the number of supporting source
    answers by source kind, ``probability`` that of being right as the ``ranker`` (name and
    version) sees it, ``reasons`` sentences for people, ``codes`` what the validators object to,
    ``rank`` the place among the candidates of the same request, from 1. ``replaces`` is the label
    of the graph that this one shall take the place of; empty where the term is missing.
    """

    candidate: Candidate
    score: int
    votes: Mapping[str, int]
    probability: float
    ranker: str
    reasons: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    rank: int = 1
    replaces: str = ""


HARD = "E"
"""How the codes begin of what validators forbid; others are warnings."""


def is_hard(code: str) -> bool:
    """Whether a code of a validator forbids to write the term."""
    return code.startswith(HARD)


def is_refused(codes: Iterable[str]) -> bool:
    """Whether one of the codes is hard."""
    return any(map(is_hard, codes))


class Decision(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a person or a policy decided of a candidate, and what it was based on.

    ``text`` is the wording that holds (the candidate's, or the edited one). ``score``,
    ``probability``, ``ranker`` and ``revision`` are those that the author saw, ``replaces`` the
    label that the graph had then, where it is to be replaced. ``reason`` says by its code
    (`RejectReason`) why a rejected one is wrong. ``opinion`` says of which kind it is where it
    decides nothing alone (`kgenrich.store.story.opinions`).
    """

    candidate: str
    verdict: Verdict
    author: str
    text: str
    at: str
    comment: str = ""
    score: int = 0
    probability: float = 0.0
    ranker: str = ""
    revision: int = 0
    replaces: str = ""
    reason: str = ""
    opinion: str = ""


class Call(Struct, frozen=True, omit_defaults=True):
    """One question put to a source, answered or not, identified by its fingerprint.

    ``seconds`` is wall time, ``cost`` in the currency of the source's price list, ``error`` the
    reason where no usable answer came: without an ``answer`` the call failed and is made again.
    """

    fingerprint: str
    source: str
    model_requested: str = ""
    model_resolved: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    licence: str = ""
    answer: str = ""
    error: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether an answer came, of use or not."""
        return not self.error or bool(self.answer)


def content_id(*parts: str) -> str:
    """A 128-bit content hash (BLAKE2b, 32 hexadecimal digits) of the parts, in order.

    >>> content_id("Q42", "it", "label", "Douglas Adams") == content_id(
    ...     "Q42", "it", "label", "Douglas Adams")
    True
    """
    sized: list[bytes] = []
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        sized += (len(data).to_bytes(8, "big"), data)
    return blake2b(b"".join(sized), digest_size=16).hexdigest()


# It is asked for many times while a batch is stored.
_candidate_id = lru_cache(maxsize=4096)(content_id)
