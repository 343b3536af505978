"""Units of exchange as a store has them: what is to be decided, with what helps to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from kgenrich.consensus.validators import meaning
from kgenrich.exchange.unit import Suggestion, Unit, UnitState, basis_digest, writable
from kgenrich.languages import chain
from kgenrich.model import Decision, Entity, Scope, TermKind, Verdict, is_refused, joined_licences
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import find_entities
from kgenrich.store.keys import chunks
from kgenrich.store.story.proposals import StoredProposal, proposals
from kgenrich.store.story.queue import QueueFilter, items, position
from kgenrich.store.story.term_candidates import proposals_beside, source_licences
from kgenrich.targets import profile_of
from kgenrich.verbs.review import labelled
from kgenrich.verbs.workspace import Workspace

PAGE = 500
_CLASSES_KEPT = 20_000
_REASONS = 5
_SUGGESTIONS = 9

DECIDED = {
    "accepted": (Verdict.ACCEPT, Verdict.EDIT),
    "rejected": (Verdict.REJECT,),
}
"""What of the decided terms can be asked for, by the verdicts that it stands for."""

_STATES = {
    Verdict.ACCEPT: UnitState.ACCEPTED,
    Verdict.EDIT: UnitState.EDITED,
    Verdict.REJECT: UnitState.REJECTED,
}


class Chosen(Struct, frozen=True):
    """Which units: those of the ``queue``, unless none of its states is asked for, and those with
    one of the ``verdicts``; ``sources`` are the languages that source texts are looked for in, the
    best first, ``reader`` is that of what else is told."""

    queue: QueueFilter
    verdicts: tuple[Verdict, ...]
    sources: tuple[str, ...]
    reader: str
    limit: int | None = None


def state_of(decision: Decision | None) -> UnitState:
    """What holds of a term by a decision; what leaves it open does."""
    return UnitState.OPEN if decision is None else _STATES.get(decision.verdict, UnitState.OPEN)


def source_of(entity: Entity, kind: TermKind, languages: Iterable[str]) -> tuple[str, str]:
    """The language and the text of what a term is translated from: the term of its kind in the
    first of the languages, each along its chain, that has one; else the label; else, in the first
    of the languages, the id of the entity, so that none is lost."""
    codes = list(dict.fromkeys(one for code in languages for one in chain(code)))
    for terms in (entity.terms(kind), entity.labels):
        for code in codes:
            if text := terms.get(code, ""):
                return code, text
    return codes[0] if codes else "", entity.id


class UnitMaker:
    """Makes units of proposals; what classes are called is kept."""

    def __init__(self, workspace: Workspace, store: Store, chosen: Chosen) -> None:
        self._workspace, self._store, self._chosen = workspace, store, chosen
        self._licences = source_licences(store)
        self._called: dict[str, str] = {}

    def units(self) -> Iterator[Unit]:
        """The units in the order of the queue, the decided ones after those that are open."""
        return islice(self._all(), self._chosen.limit)

    def _all(self) -> Iterator[Unit]:
        chosen = self._chosen
        if chosen.queue.states:
            for page in self._open_pages():
                yield from self._made(page)
        if chosen.verdicts:
            scope = Scope(
                chosen.queue.languages,
                chosen.queue.kinds,
                chosen.queue.class_id or None,
                chosen.queue.ids,
            )
            decided = proposals(self._store, scope, state="decided")
            for found in chunks(filter(self._is_wanted, decided), PAGE):
                yield from self._made([one.proposal.candidate.id for one in found])

    def _is_wanted(self, stored: StoredProposal) -> bool:
        chosen, proposal = self._chosen.queue, stored.proposal
        return (
            stored.decision is not None
            and stored.decision.verdict in self._chosen.verdicts
            and (not chosen.code or chosen.code in proposal.codes)
            and (
                not chosen.source
                or any(one.source == chosen.source for one in proposal.candidate.evidence)
            )
        )

    def _open_pages(self) -> Iterator[list[str]]:
        after = None
        size = min(PAGE, self._chosen.limit or PAGE)
        while page := items(self._store, self._chosen.queue, limit=size, after=after):
            after = position(page[-1])
            yield [item.candidate_id for item in page]
            if len(page) < size:
                return

    def _made(self, page: Sequence[str]) -> Iterator[Unit]:
        beside = proposals_beside(self._store, page)
        ids = {one.proposal.candidate.entity for rows in beside.values() for one in rows}
        entities = find_entities(self._store, ids)
        self._call({id for entity in entities.values() for id in entity.classes})
        for id in page:
            rows = beside[id]
            first = next(one for one in rows if one.proposal.candidate.id == id)
            entity_id = first.proposal.candidate.entity
            entity = entities.get(entity_id) or Entity(entity_id, revision=first.revision)
            if len(entity.sitelinks) >= self._chosen.queue.links:
                yield self._unit(first, rows, entity)

    def _call(self, classes: set[str]) -> None:
        if len(self._called) > _CLASSES_KEPT:
            self._called.clear()
        new = classes - self._called.keys()
        told = labelled(self._workspace.store, new, (self._chosen.reader,))
        self._called |= {id: told[id].text for id in new}

    def _unit(self, first: StoredProposal, rows: Sequence[StoredProposal], entity: Entity) -> Unit:
        candidate = first.proposal.candidate
        decision, state = first.decision, state_of(first.decision)
        language, text = source_of(entity, candidate.kind, self._chosen.sources)
        told = decision if decision is not None and state is not UnitState.OPEN else None
        return Unit(
            id=candidate.id,
            entity=entity.id,
            kind=candidate.kind,
            source_language=language,
            source_text=writable(text),
            language=candidate.language,
            target=writable(candidate.text if told is None else told.text),
            basis=basis_digest(language, text, entity.revision),
            state=state,
            suggestions=tuple(self._suggestions(first, rows)),
            context=tuple(map(writable, self._context(first, entity, language))),
            maximum=self._maximum(entity.id, candidate.kind),
            revision=entity.revision,
            comment=writable(told.comment) if told else "",
            reason=told.reason if told else "",
            author=writable(told.author) if told else "",
            at=told.at if told else "",
        )

    def _context(self, first: StoredProposal, entity: Entity, language: str) -> Iterator[str]:
        """What the entity is, what it is called elsewhere, and why the text is proposed."""
        proposal = first.proposal
        codes = dict.fromkeys((language, self._chosen.reader, *self._chosen.sources))
        for code in codes:
            if label := entity.labels.get(code, "") if code != language else "":
                yield f"{code}: {label}"
            for terms in (entity.descriptions, entity.definitions):
                if code in terms and proposal.candidate.kind.is_name:
                    yield f"{code}: {terms[code]}"
        mine = proposal.candidate.language
        if not proposal.candidate.kind.is_name and mine in entity.labels:
            yield f"{mine}: {entity.labels[mine]}"
        if entity.classes:
            yield f"is a: {', '.join(self._called[id] for id in entity.classes[:_REASONS])}"
        if proposal.replaces:
            yield f"instead of: {proposal.replaces}"
        yield from proposal.reasons[:_REASONS]
        yield from (f"{code}: {meaning(code)}" for code in proposal.codes)

    def _maximum(self, entity: str, kind: TermKind) -> int:
        target = self._workspace.settings.target
        rules = profile_of(entity, target.profile).kinds.get(kind)
        return target.max_length or (rules.longest if rules else 0)

    def _suggestions(
        self, first: StoredProposal, rows: Iterable[StoredProposal]
    ) -> Iterator[Suggestion]:
        """What is proposed, the first one before the others; what must not be written or was
        rejected is no suggestion."""
        others = (
            one
            for one in rows
            if one.proposal.candidate.id != first.proposal.candidate.id
            and not is_refused(one.proposal.codes)
            and state_of(one.decision) is not UnitState.REJECTED
        )
        for one in (first, *islice(others, _SUGGESTIONS - 1)):
            candidate = one.proposal.candidate
            licences = (
                piece.licence or self._licences.get(piece.source, "")
                for piece in candidate.evidence
            )
            yield Suggestion(
                writable(candidate.text),
                candidate.id,
                one.proposal.probability,
                tuple(dict.fromkeys(piece.source for piece in candidate.evidence)),
                joined_licences(*licences),
            )
