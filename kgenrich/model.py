"""The values that travel through everything: frozen, and without any input or output.

An entity is identified by a string: the bare id (``Q42``) when it belongs to the graph's own
concept base, an IRI otherwise. Languages are Wikimedia codes (``zh-hant``, ``be-tarask``).
Texts are NFC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

MUL = "mul"
"""The language code of a term that is valid in all languages (Wikibase's default values)."""


UNDETERMINED = "und"
"""The language code of a text whose language nobody knows (ISO 639-2)."""

UNKNOWN = "unknown"
"""Stands for a licence that nobody knows."""


def joined_licences(*licences: str) -> str:
    """The licence of what is made from several things, as an SPDX expression; what is empty puts no
    condition.

    >>> joined_licences("CC-BY-4.0", "", "CC0-1.0 AND CC-BY-4.0")
    'CC-BY-4.0 AND CC0-1.0'
    """
    parts = (part for licence in licences if licence for part in licence.split(" AND "))
    return " AND ".join(dict.fromkeys(parts))


class TermKind(StrEnum):
    """What a term is to its entity. A description tells it from others of its name in a few words,
    a definition says in whole sentences what it is."""

    LABEL = "label"
    DESCRIPTION = "description"
    ALIAS = "alias"
    DEFINITION = "definition"

    @property
    def is_name(self) -> bool:
        """Whether it is what the entity is called."""
        return self in (TermKind.LABEL, TermKind.ALIAS)


class SourceKind(StrEnum):
    """Where evidence comes from; agreement counts between kinds more than within one."""

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


ValueKind = Literal["entity", "time", "text", "string", "quantity"]


class Value(Struct, frozen=True, order=True, omit_defaults=True):
    """The value of a claim.

    ``value`` holds an entity id, a Wikibase time (``+1952-03-11T00:00:00Z``), the text of a
    monolingual text or string, or a decimal amount; ``precision`` is that of a Wikibase time
    (9 year, 11 day); ``language`` that of a monolingual text.
    """

    kind: ValueKind
    value: str
    language: str = ""
    precision: int = 0


Role = Literal[
    "label",
    "alias",
    "description",
    "definition",
    "class",
    "hidden",
    "note",
    "notation",
    "hierarchy",
    "mapping",
    "scheme",
    "claim",
]
"""What a statement is to its subject. Labels, aliases, descriptions and definitions are terms, a
class is a class, and what remains are claims whose property is the predicate: labels for search
alone, notes, notations, broader concepts and superclasses, the same thing in other graphs, the
scheme that it is in, and whatever else is kept."""


class Form(Struct, frozen=True, omit_defaults=True):
    """How an origin writes statements: with this ``predicate`` (an IRI; empty for the Wikibase
    model, which has none), this language ``tag`` to the letter (empty: none) and this ``datatype``
    (an IRI; empty for plain texts). Of several labels in a language that of the lowest ``rank``
    is the label."""

    role: Role
    predicate: str = ""
    tag: str = ""
    datatype: str = ""
    rank: int = 0


GIVES_WAY = 100
"""What is added to the rank of a form whose tag only falls to its language, or that has none: it
gives way to any that is in the language itself."""


class Statement(Struct, frozen=True, omit_defaults=True, gc=False):
    """What an origin says of an entity, to the letter.

    ``value`` is what it is taken for: of a term a text in a ``language`` (`Value`), of a class an
    entity. ``raw`` is the literal or IRI as the origin has it where that is not ``value.value``.
    ``node`` is the IRI (or ``_:`` and a name) of the SKOS-XL label that carries the text.
    """

    form: Form
    value: Value
    raw: str = ""
    node: str = ""


EntityType = Literal[
    "item", "property", "lexeme", "media", "scheme", "collection", "ontology", "deprecated"
]
"""What an entity is in its graph. Terms are asked for items (concepts, classes and individuals of
RDF graphs too), for the others on request."""


class Entity(Struct, frozen=True, omit_defaults=True):
    """An entity of the graph with what is known of it in every harvested language.

    ``classes`` are the values of P31 (``rdf:type`` in other graphs), ``claims`` maps a property
    to its best-ranked values, ``sitelinks`` a site (``enwiki``) to a title. ``redirect`` names
    the entity that took this one's place. ``revision`` is 0 where the graph has none.

    ``statements`` are all that an RDF origin says of it, terms, classes and claims; a reader of RDF
    fills them in place of the fields for these, ``classes`` excepted (they select what is taken).
    """

    id: str
    labels: Mapping[str, str] = {}
    descriptions: Mapping[str, str] = {}
    definitions: Mapping[str, str] = {}
    aliases: Mapping[str, tuple[str, ...]] = {}
    classes: tuple[str, ...] = ()
    claims: Mapping[str, tuple[Value, ...]] = {}
    sitelinks: Mapping[str, str] = {}
    revision: int = 0
    redirect: str = ""
    deleted: bool = False
    type: EntityType = "item"
    statements: tuple[Statement, ...] = ()

    def names(self, language: str) -> tuple[str, ...]:
        """The label, if there is one, and the aliases in a language."""
        label = self.labels.get(language)
        aliases = self.aliases.get(language, ())
        return aliases if label is None else (label, *aliases)

    def terms(self, kind: TermKind) -> Mapping[str, str]:
        """The terms of a kind by language, of those of which a language has one; no aliases."""
        match kind:
            case TermKind.LABEL:
                return self.labels
            case TermKind.DESCRIPTION:
                return self.descriptions
            case TermKind.DEFINITION:
                return self.definitions
            case TermKind.ALIAS:
                return {}


OriginKind = Literal["wiki", "file", "endpoint"]


class Origin(Struct, frozen=True):
    """Who says something: a wiki, a harvested file, an endpoint.

    ``place`` is its address or path, ``licence`` an SPDX id or an IRI (empty: unknown), ``profile``
    names the vocabularies that it was read by, ``language`` is that of its untagged texts.
    ``prefixes`` are its own abbreviations of IRIs; ``retrieved`` is when it was last harvested,
    ``digest`` that of its content then.
    """

    name: str
    kind: OriginKind = "file"
    place: str = ""
    licence: str = ""
    profile: str = ""
    language: str = ""
    prefixes: Mapping[str, str] = {}
    retrieved: str = ""
    digest: str = ""


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


class Scope(Struct, frozen=True, omit_defaults=True):
    """Which terms a verb is about: in these languages, of these kinds, of entities of this class,
    of these entities. What is empty does not narrow. ``other_script``: labels that are inherited
    from ``mul`` alone, in another script than the language's, count as missing. What is missing is
    missing of items unless ``types`` says otherwise. ``origin`` names one that speaks of them."""

    languages: tuple[str, ...] = ()
    kinds: tuple[TermKind, ...] = ()
    class_id: str | None = None
    ids: tuple[str, ...] = ()
    other_script: bool = False
    types: tuple[EntityType, ...] = ()
    origin: str = ""


EVERYTHING = Scope()
"""The scope that narrows nothing."""


class Reject(Struct, frozen=True):
    """A part of an input that could not be used: where it is (a byte, a line, or 0), why, how it
    begins, the entity that it belongs to (empty where nobody knows), and the run that met it."""

    input: str
    position: int
    reason: str
    excerpt: str = ""
    entity: str = ""
    run: int = 0


class Evidence(Struct, frozen=True, omit_defaults=True):
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


class Candidate(Struct, frozen=True):
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


class Proposal(Struct, frozen=True):
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


class Decision(Struct, frozen=True, omit_defaults=True):
    """What a person or a policy decided of a candidate, and what it was based on.

    ``text`` is the wording that holds (the candidate's, or the edited one). ``score``,
    ``probability``, ``ranker`` and ``revision`` are those that the author saw, ``replaces`` the
    label that the graph had then, where it is to be replaced. ``reason`` says by its code
    (`RejectReason`) why a rejected one is wrong.
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


def content_id(*parts: str) -> str:
    """A 128-bit content hash (BLAKE2b, 32 hexadecimal digits) of the parts, in order.

    >>> content_id("Q42", "it", "label", "Douglas Adams") == content_id(
    ...     "Q42", "it", "label", "Douglas Adams")
    True
    """
    encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
    sized = b"".join([len(data).to_bytes(8, "big") + data for data in encoded])
    return blake2b(sized, digest_size=16).hexdigest()


# It is asked for many times while a batch is stored.
_candidate_id = lru_cache(maxsize=4096)(content_id)
