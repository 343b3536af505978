"""The review queue item by item: what is to be decided next, and all there is to see of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from kgenrich.consensus.consensus import reason_of
from kgenrich.consensus.validators import meaning
from kgenrich.enrich.revalidation import RevalidatedProposal, revalidated
from kgenrich.errors import UsageError
from kgenrich.evaluate.heldout.outcomes import family, without
from kgenrich.languages import CODES, chain, valid_codes
from kgenrich.model import (
    Candidate,
    Decision,
    Entity,
    Evidence,
    TermKind,
    TermRequest,
    Value,
    is_hard,
)
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph, any_labels, find_entities, find_entity
from kgenrich.store.story.conditions import DECIDING
from kgenrich.store.story.decisions import decisions
from kgenrich.store.story.known import find_shown, known_rivals, take_due
from kgenrich.store.story.leases import skip as put_off
from kgenrich.store.story.leases import take, take_next, unskip
from kgenrich.store.story.neighbours import named_alike
from kgenrich.store.story.opinions import is_disagreement, opinions_of
from kgenrich.store.story.policies import policy_of
from kgenrich.store.story.proposals import proposals_beside
from kgenrich.store.story.queue import Measured, QueueFilter, entities_named, measured
from kgenrich.store.story.queue_counts import DEFAULT_FLOOR
from kgenrich.store.story.queue_upkeep import OPEN, SECOND, STATES
from kgenrich.verbs.arguments import (
    ScopeOptions,
    read_entity_id,
    read_scope,
)
from kgenrich.verbs.review_context import (
    GlossaryTerm,
    TargetRule,
    glossary_terms,
    page_of,
    picture_of,
    target_rule,
)
from kgenrich.verbs.workspace import Share, Workspace

_SIBLINGS = 5
_STATEMENTS = 8
_CLAIM_VALUES = 3


class ReviewOptions(ScopeOptions, frozen=True, kw_only=True):
    """Which items of the queue: of a probability of at least ``floor``, resting on a ``source``,
    with a ``code``, of entities with at least ``links`` sitelinks, in one of the ``states``:
    ``open`` (``second`` among them: somebody has an opinion, others are asked), ``unsure``,
    ``discuss``, ``disagreement``. ``find`` is the id of an entity, or how a label of it begins, in
    any language."""

    floor: Share = DEFAULT_FLOOR
    source: str = ""
    code: str = ""
    links: Annotated[int, Meta(ge=0)] = 0
    states: tuple[str, ...] = (OPEN,)
    find: str = ""


class Wording(Struct, frozen=True):
    """A text and its language (empty where it has none, as a number or an id)."""

    text: str
    language: str = ""


class Name(Struct, frozen=True):
    """What an entity is called, and what it is, in a language."""

    language: str
    label: str = ""
    description: str = ""


class Rival(Struct, frozen=True):
    """Another candidate for the same term, with what speaks against it and what was decided."""

    candidate: str
    text: str
    probability: float
    codes: tuple[str, ...] = ()
    decision: Decision | None = None


class ReviewItem(Struct, frozen=True):
    """A proposal with what helps to decide on it. ``names`` are what the entity is called in the
    languages that the reviewer reads, ``statements`` pairs of what is stated and its values,
    ``siblings`` pairs of others of its class and their terms, ``objections`` pairs of a code and
    what it means, ``history`` every decision on the candidate; ``picture`` and ``page`` are
    addresses of a picture and of the entity, as far as it has any. ``opinions`` are what people say
    of the term where it is decided or they contradict each other: others are blind. ``measured`` is
    what people decided of others like it."""

    candidate: str
    entity: str
    language: str
    kind: TermKind
    text: str
    replaces: str
    probability: float
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    names: tuple[Name, ...]
    classes: tuple[tuple[str, Wording], ...]
    statements: tuple[tuple[Wording, tuple[Wording, ...]], ...]
    links: int
    rivals: tuple[Rival, ...]
    siblings: tuple[tuple[str, Wording, Wording], ...]
    objections: tuple[tuple[str, str], ...]
    history: tuple[Decision, ...]
    picture: str
    page: str
    glossary: tuple[GlossaryTerm, ...]
    target: TargetRule
    decision: Decision | None = None
    opinions: tuple[Decision, ...] = ()
    measured: Measured = Measured()

    @property
    def further_reasons(self) -> tuple[str, ...]:
        """The reasons that are not what the evidence says already."""
        said = {reason_of(one) for one in self.evidence}
        return tuple(reason for reason in self.reasons if reason not in said)

    @property
    def is_refused(self) -> bool:
        """Whether it cannot be accepted as it stands."""
        return any(is_hard(code) for code, _ in self.objections)


def read_filter(workspace: Workspace, options: ReviewOptions) -> QueueFilter:
    """The filter of the options. Raises as `read_scope`, and `UsageError` for an unknown state."""
    if unknown := set(options.states) - {*STATES}:
        raise UsageError(f"There is no state {min(unknown)!r}: use {', '.join(STATES)}.")
    scope = read_scope(workspace, options)
    states = options.states
    states += (SECOND,) if OPEN in states and SECOND not in states else ()
    return QueueFilter(
        scope.languages,
        scope.kinds,
        scope.class_id or "",
        options.source,
        options.code,
        options.links,
        states,
        options.floor,
        _found(workspace, options.find.strip()),
    )


def _found(workspace: Workspace, text: str) -> tuple[str, ...]:
    """The entities that a text finds; where there is none the text itself, which none has."""
    if not text:
        return ()
    named = entities_named(workspace.store, text)
    try:
        return (read_entity_id(workspace, text), *named)
    except UsageError:
        return tuple(named) or (text,)


def next_candidate(workspace: Workspace, options: ReviewOptions, reviewer: str) -> str:
    """The candidate that a reviewer is to decide on next, and has for a while; empty where none is
    left."""
    chosen = read_filter(workspace, options)
    now = time.time()
    item = take_next(workspace.store, chosen, reviewer, now)
    if item is None:
        return ""
    known = take_due(workspace.store, chosen, item, reviewer, now)
    return (known or item).candidate_id


def open_candidate(workspace: Workspace, candidate: str, reviewer: str) -> str:
    """Take a candidate that was asked for by name; back comes who else has it, if somebody does."""
    holder = take(workspace.store, candidate, reviewer, time.time())
    return "" if holder == reviewer else holder


def skip(workspace: Workspace, candidate: str, reviewer: str) -> None:
    """Put a candidate off: others are shown it, this reviewer only after `take_up`."""
    shown = find_shown(workspace.store, candidate)
    put_off(workspace.store, shown.proposal.candidate.id, reviewer)


def take_up(workspace: Workspace, reviewer: str) -> int:
    """Show a reviewer again what they put off; how many items that was."""
    return unskip(workspace.store, reviewer)


def review_item(
    workspace: Workspace, candidate: str, readers: Sequence[str], reviewer: str = ""
) -> ReviewItem:
    """All there is to see of a candidate for a ``reviewer``, in the languages that they read, the
    first one for labels of other things. Raises `UsageError` for a candidate that nobody
    proposes."""
    with workspace.store.snapshot() as store:
        return _item(workspace, store, candidate, valid_codes(readers), reviewer)


def _item(
    workspace: Workspace, store: Store, candidate: str, codes: Sequence[str], reviewer: str
) -> ReviewItem:
    target, rules = workspace.settings.target, workspace.glossary_rules
    known = known_rivals(store, candidate)
    stored = known or proposals_beside(store, candidate)
    mine = next((one for one in known if one.proposal.candidate.id == candidate), stored[0])
    wanted = mine.proposal.candidate
    read = find_entities(store, [wanted.entity])
    entity = read.get(wanted.entity) or Entity(wanted.entity)
    if known:
        entity = without(entity, family(wanted.language), (wanted.kind,))
        rows = [RevalidatedProposal(one, one.proposal.codes) for one in stored]
    else:
        rows = [*revalidated(store, stored, target, rules=rules, read=read)]
    row = next(one for one in rows if one.stored.id == mine.id)
    rivals = [one for one in rows if one is not row]
    siblings = named_alike(
        store, entity.id, entity.classes, wanted.language, wanted.kind, _SIBLINGS
    )
    values = {v.value for vs in entity.claims.values() for v in vs if v.kind == "entity"}
    ids = [*entity.classes, *siblings, *entity.claims, *values]
    labels = labelled(store, ids, codes)
    proposal = row.stored.proposal
    slot = store.slots.slot(wanted.language, wanted.kind) or 0
    opinions = opinions_of(store, wanted.entity, slot, wanted.id)
    is_decided = mine.decision is not None and mine.decision.verdict in DECIDING
    is_blind = not (is_decided or is_disagreement(opinions))
    said = [one.decision for one in opinions]
    if mine.held and not policy_of(store, wanted.language).is_shared:
        # Of others there would be a decision, and no opinions.
        said = []
    history = decisions(store, wanted.id)
    if is_blind:
        said, history = (
            [one for one in every if not one.opinion or one.author == reviewer]
            for every in (said, history)
        )
    return ReviewItem(
        wanted.id,
        entity.id,
        wanted.language,
        wanted.kind,
        wanted.text,
        row.replaces,
        proposal.probability,
        proposal.reasons,
        wanted.evidence,
        _names(entity, codes),
        tuple((id, labels[id]) for id in entity.classes),
        _statements(entity, labels),
        len(entity.sitelinks),
        tuple(map(_rival, rivals)),
        tuple((id, labels[id], Wording(text, wanted.language)) for id, text in siblings.items()),
        tuple((code, meaning(code)) for code in row.codes),
        tuple(history),
        picture_of(entity, workspace.roles),
        page_of(entity.id, store.base),
        glossary_terms(rules, TermRequest(entity, wanted.language, wanted.kind)),
        target_rule(target, entity.id, wanted.kind),
        mine.decision,
        tuple(said),
        measured(store, slot, proposal.probability),
    )


def labelled(store: Store, ids: Iterable[str], codes: Sequence[str]) -> dict[str, Wording]:
    """A label for each entity: in the first of the languages and their chains, else in any, else
    its id."""
    found = {id: Wording(id) for id in ids}
    preferred = tuple(dict.fromkeys(one for code in codes for one in chain(code)))
    for id, by_language in StoreGraph(store).labels(found, preferred).items():
        code = next(code for code in preferred if code in by_language)
        found[id] = Wording(by_language[code], code)
    wanted = [id for id in found if not found[id].language]
    for id, (text, code) in any_labels(store, wanted).items():
        found[id] = Wording(text, code)
    return found


def masked_label(workspace: Workspace, candidate: Candidate, codes: Sequence[str]) -> Wording:
    """What an entity is called, but for the term of a known candidate of it."""
    entity = find_entity(workspace.store, candidate.entity) or Entity(candidate.entity)
    bare = without(entity, family(candidate.language), (candidate.kind,))
    for code in (*(one for reads in codes for one in chain(reads)), *CODES):
        if code in bare.labels:
            return Wording(bare.labels[code], code)
    return Wording(candidate.entity)


def _names(entity: Entity, codes: Sequence[str]) -> tuple[Name, ...]:
    """What there is in the languages, each along its chain; one of any language where there is
    nothing in these."""
    found: dict[str, Name] = {}
    for code in codes:
        for one in chain(code):
            label = entity.labels.get(one, "")
            told = entity.descriptions.get(one, "") or entity.definitions.get(one, "")
            if label or told:
                found.setdefault(one, Name(one, label, told))
                break
    if not found and entity.labels:
        code, label = next(iter(sorted(entity.labels.items())))
        told = entity.descriptions.get(code, "") or entity.definitions.get(code, "")
        found[code] = Name(code, label, told)
    return tuple(found.values())


def _statements(
    entity: Entity, labels: dict[str, Wording]
) -> tuple[tuple[Wording, tuple[Wording, ...]], ...]:
    told = []
    for property, values in entity.claims.items():
        # An id says nothing to a person.
        named = [one for one in values if one.kind != "entity" or labels[one.value].language]
        if named:
            texts = tuple(_readable(one, labels) for one in named[:_CLAIM_VALUES])
            told.append((labels[property], texts))
    return tuple(told[:_STATEMENTS])


def _readable(value: Value, labels: dict[str, Wording]) -> Wording:
    """A value as people read it: an entity by its label, of a Wikibase time the date.

    >>> _readable(Value("time", "+1952-03-11T00:00:00Z"), {}).text
    '1952-03-11'
    """
    if value.kind == "entity":
        return labels[value.value]
    if value.kind == "time":
        return Wording(value.value.lstrip("+").partition("T")[0])
    return Wording(value.value, value.language)


def _rival(row: RevalidatedProposal) -> Rival:
    proposal = row.stored.proposal
    return Rival(
        proposal.candidate.id,
        proposal.candidate.text,
        proposal.probability,
        row.codes,
        row.stored.decision,
    )
