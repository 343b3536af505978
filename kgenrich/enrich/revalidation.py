"""Validating proposals anew: graphs change between a proposal and its decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from kgenrich.consensus.validators import Rule, validate
from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.settings import Target
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import find_entities, taken_in
from kgenrich.store.keys import chunks
from kgenrich.store.story.proposals import StoredProposal

STALE = "E-stale"
_BATCH = 500


class RevalidatedProposal(Struct, frozen=True):
    """A proposal with the codes of everything that speaks against it now. ``explicit``: the
    entity has the term in the graph by now (of aliases, this very text). ``replaces``: the label
    of the graph that the proposal would take the place of."""

    stored: StoredProposal
    codes: tuple[str, ...] = ()
    explicit: bool = False
    replaces: str = ""


def revalidated(
    store: Store,
    stored: Iterable[StoredProposal],
    target: Target,
    text: str | None = None,
    rules: Sequence[Rule] = (),
    read: Mapping[str, Entity] | None = None,
) -> Iterator[RevalidatedProposal]:
    """The proposals in their order, validated against their entities as the store has them (or as
    they were ``read``); ``text`` stands for their own wording where a person gives another one,
    ``rules`` are what glossaries bind names to."""
    worded = ((one, one.proposal.candidate.text if text is None else text) for one in stored)
    return revalidated_wordings(store, worded, target, rules, read)


def revalidated_wordings(
    store: Store,
    worded: Iterable[tuple[StoredProposal, str]],
    target: Target,
    rules: Sequence[Rule] = (),
    read: Mapping[str, Entity] | None = None,
) -> Iterator[RevalidatedProposal]:
    """As `revalidated`, each proposal with the wording that it shall have."""
    taken = taken_in(store)
    for page in chunks(worded, _BATCH):
        ids = (one.proposal.candidate.entity for one, _ in page)
        entities = find_entities(store, ids) if read is None else read
        for one, wording in page:
            candidate = one.proposal.candidate
            # What was proposed for an entity that was never loaded has no state to compare with.
            unknown = Entity(candidate.entity, revision=one.revision)
            entity = entities.get(candidate.entity, unknown)
            request = TermRequest(entity, candidate.language, candidate.kind)
            codes = validate(
                request, wording, target=target, taken=taken, revision=one.revision, rules=rules
            )
            wrong = one.proposal.replaces
            held = entity.labels.get(candidate.language, "") if wrong else ""
            if (one.stale or held != wrong) and STALE not in codes:
                # Of a graph without revisions, and of what else it rests on, the store knows.
                codes = (STALE, *codes)
            explicit = _explicit(request, wording) and not (wrong and held == wrong)
            yield RevalidatedProposal(one, codes, explicit, held)


def _explicit(request: TermRequest, text: str) -> bool:
    if request.kind is TermKind.ALIAS:
        return text in request.entity.names(request.language)
    return request.language in request.entity.terms(request.kind)
