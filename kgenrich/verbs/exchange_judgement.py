"""What an answer that came back means for the store as it is now.

An answer is compared with what went out (`Unit.sent`) and with what holds: so a file that nobody
touched decides nothing, whatever was decided since it was written, and one that is read again finds
its own decisions and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from kgenrich.consensus.validators import meaning
from kgenrich.enrich.revalidation import STALE
from kgenrich.errors import UsageError
from kgenrich.exchange.own_term import own_term
from kgenrich.exchange.unit import (
    UnitAnswer,
    UnitState,
    basis_digest,
    sent_digest,
    writable,
)
from kgenrich.languages import wikimedia
from kgenrich.model import Decision, Entity, RejectReason, TermKind, Verdict, is_hard
from kgenrich.store.facts.graph import find_entities
from kgenrich.store.keys import read_id
from kgenrich.store.story.proposals import StoredProposal
from kgenrich.store.story.term_candidates import Term, first_candidates, proposals_beside
from kgenrich.text import clean
from kgenrich.verbs.exchange_units import source_of, state_of
from kgenrich.verbs.revalidation import revalidate_wordings
from kgenrich.verbs.workspace import Options, Workspace


class Outcome(StrEnum):
    """What becomes of an answer."""

    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"
    HELD = "decided so before"
    LEFT = "left"
    CHANGED = "changed meanwhile"
    DECIDED = "decided meanwhile"
    OBJECTION = "not allowed"
    EMPTY = "without a text"
    UNKNOWN = "unknown"
    TWICE = "twice"
    DAMAGED = "damaged"

    @property
    def is_decision(self) -> bool:
        """Whether it is decided on."""
        return self in _VERDICTS

    @property
    def is_told(self) -> bool:
        """Whether it is something that a person wanted and that was not done."""
        return not self.is_decision and self not in (Outcome.HELD, Outcome.LEFT)

    @property
    def verdict(self) -> Verdict:
        """The verdict of what is decided on."""
        return _VERDICTS[self]


_VERDICTS = {
    Outcome.ACCEPTED: Verdict.ACCEPT,
    Outcome.EDITED: Verdict.EDIT,
    Outcome.REJECTED: Verdict.REJECT,
}
_OUTCOMES = {verdict: outcome for outcome, verdict in _VERDICTS.items()}
_REASONS = frozenset(RejectReason)


class Judged(Struct, frozen=True, gc=False):
    """An answer with what becomes of it and why: of a decision the candidate that is decided on
    (``stored``), the ``text`` that it shall have, the label that it ``replaces`` and the
    ``reason``."""

    answer: UnitAnswer
    outcome: Outcome
    why: str = ""
    stored: StoredProposal | None = None
    text: str = ""
    replaces: str = ""
    reason: str = ""


class JudgeOptions(Options, frozen=True, kw_only=True):
    """``anyway`` names candidates, by their ids or the first digits of them, that are decided on
    although they are out of date or somebody else decided meanwhile. ``approved_only``: what is not
    marked as finished is left, changed or not."""

    file: str
    anyway: tuple[str, ...] = ()
    approved_only: bool = False


class Judgement:
    """Judges answers, page by page. ``seen`` are the candidates whose terms are decided on, with
    what held of them; ``written`` is what people wrote where nothing was proposed."""

    def __init__(self, workspace: Workspace, options: JudgeOptions) -> None:
        self._workspace = workspace
        self._curies = workspace.curies
        self._file = PurePath(options.file).name
        self._anyway = {id.strip().lower() for id in options.anyway}
        self._approved_only = options.approved_only
        self._met: dict[str, int] = {}
        self.unmet = set(self._anyway)
        self.seen: dict[str, Decision | None] = {}
        self.written: list[StoredProposal] = []

    def judge(self, page: Sequence[UnitAnswer]) -> Iterator[Judged]:
        """The answers in their order, those that are validated after the others."""
        store = self._workspace.store
        yield from (Judged(one, Outcome.DAMAGED, one.problem) for one in page if one.problem)
        answers = [*self._identified(one for one in page if not one.problem)]
        beside = proposals_beside(store, (one.id for one in answers if one.id))
        ids = {rows[0].proposal.candidate.entity for rows in beside.values()}
        entities = find_entities(store, ids | {one.entity for one in answers if not one.id})
        wanted: list[Judged] = []
        for answer in answers:
            rows = beside.get(answer.id, [])
            own = next((one for one in rows if one.proposal.candidate.id == answer.id), None)
            if own is None:
                judged = self._without_proposal(answer, entities.get(answer.entity))
                if judged.outcome.is_decision:
                    wanted.append(judged)
                else:
                    yield judged
                continue
            entity = entities.get(own.proposal.candidate.entity)
            judged = self._judged(answer, own, rows, entity)
            if judged.outcome.is_decision:
                self.seen |= {one.proposal.candidate.id: one.decision for one in rows}
            if judged.outcome in (Outcome.ACCEPTED, Outcome.EDITED):
                wanted.append(judged)
            else:
                yield judged
        yield from self._validated(wanted, entities)

    def _without_proposal(self, answer: UnitAnswer, entity: Entity | None) -> Judged:
        """What becomes of an answer for which there is no proposal: the term is its author's own,
        if it says for what."""
        text = clean(answer.text)
        if answer.id or entity is None or answer.kind is None or not answer.language:
            return Judged(answer, Outcome.UNKNOWN, "the store has no such term to decide on")
        if not text or answer.state not in (UnitState.ACCEPTED, UnitState.EDITED):
            return Judged(answer, Outcome.LEFT)
        if why := _change(answer, answer.kind, entity):
            return Judged(answer, Outcome.CHANGED, why)
        proposal = own_term(replace(answer, text=text), self._file)
        stored = StoredProposal("", proposal, entity.revision, None, answer.at, 0)
        return Judged(answer, Outcome.ACCEPTED, "", stored, text)

    def _identified(self, page: Iterable[UnitAnswer]) -> Iterator[UnitAnswer]:
        """The answers, each with the id of a candidate, if there is one."""
        store = self._workspace.store
        terms: dict[int, Term] = {}
        cleaned = [replace(one, id=one.id.strip().lower()) for one in page]
        for place, answer in enumerate(cleaned):
            code = wikimedia(answer.language) if answer.language else None
            if not answer.id and answer.entity and code and answer.kind:
                terms[place] = (self._entity(answer.entity), code, TermKind(answer.kind))
        found = first_candidates(store, set(terms.values())) if terms else {}
        for place, answer in enumerate(cleaned):
            if place in terms:
                entity, language, _ = term = terms[place]
                answer = replace(answer, id=found.get(term, ""), entity=entity, language=language)
            yield answer

    def _entity(self, name: str) -> str:
        """The id of an entity by its IRI, its CURIE or what it is called in the store."""
        try:
            return read_id(self._curies.expand(name), self._workspace.store.base)
        except UsageError:
            return name

    def _judged(
        self,
        answer: UnitAnswer,
        own: StoredProposal,
        rows: Sequence[StoredProposal],
        entity: Entity | None,
    ) -> Judged:
        text = clean(answer.text)
        wish = self._wish(answer, own, rows, text)
        if wish.stored is None:
            return wish
        held = _held(wish.stored, own, rows)
        if held is not None and _says_the_same(held, wish):
            return replace(wish, outcome=Outcome.HELD)
        content = hash((wish.stored.proposal.candidate.id, wish.outcome, wish.text))
        before = self._met.setdefault(own.proposal.candidate.id, content)
        if before != content:
            why = "the file says something else of the same unit before"
            return replace(wish, outcome=Outcome.TWICE, why=why)
        if self._is_named(answer.id):
            return wish
        if held is not None and answer.sent != sent_digest(state_of(held), writable(held.text)):
            return replace(
                wish,
                outcome=Outcome.DECIDED,
                why=f"{held.author}: {held.verdict} {held.text}".strip(),
            )
        if why := _change(answer, own.proposal.candidate.kind, entity):
            return replace(wish, outcome=Outcome.CHANGED, why=why)
        return wish

    def _wish(
        self, answer: UnitAnswer, own: StoredProposal, rows: Sequence[StoredProposal], text: str
    ) -> Judged:
        """What whoever had the file wanted; without a candidate where that is nothing."""
        mine = own.proposal.candidate
        same = next((one for one in (own, *rows) if _is_text_of(one, text)), None)
        if answer.sent and answer.sent == sent_digest(answer.state, text):
            return Judged(answer, Outcome.LEFT)
        went_out_rejected = sent_digest(UnitState.REJECTED, writable(mine.text)) == answer.sent
        corrected = went_out_rejected and text and same is None
        if answer.state is UnitState.REJECTED and not corrected:
            stored = same or own
            reason = answer.reason if answer.reason in _REASONS else ""
            wording = stored.proposal.candidate.text
            return Judged(answer, Outcome.REJECTED, "", stored, wording, reason=reason)
        if answer.state is UnitState.OPEN and (
            not text or _is_text_of(own, text) or self._approved_only
        ):
            return Judged(answer, Outcome.LEFT)
        if not text:
            return Judged(answer, Outcome.EMPTY, f"it is approved, but empty (it was {mine.text})")
        if same is not None:
            return Judged(answer, Outcome.ACCEPTED, "", same, same.proposal.candidate.text)
        return Judged(answer, Outcome.EDITED, "", own, text)

    def _validated(
        self, wanted: Sequence[Judged], entities: Mapping[str, Entity]
    ) -> Iterator[Judged]:
        """What shall become a term, unless that must not be written."""
        worded = [(one.stored, one.text) for one in wanted if one.stored is not None]
        validated = revalidate_wordings(self._workspace, worded, entities)
        for judged, row in zip(wanted, validated, strict=True):
            hard = [code for code in row.codes if is_hard(code)]
            if STALE in hard and self._is_named(judged.answer.id):
                hard.remove(STALE)
            if hard == [STALE]:
                why = "the entity was changed since the term was proposed"
                yield replace(judged, outcome=Outcome.CHANGED, why=why)
            elif hard:
                why = "; ".join(f"{code}: {meaning(code)}" for code in hard)
                yield replace(judged, outcome=Outcome.OBJECTION, why=why)
            else:
                if judged.stored is not None and not judged.stored.id:
                    self.written.append(judged.stored)
                yield replace(judged, replaces=row.replaces)

    def _is_named(self, id: str) -> bool:
        """Whether the unit shall be decided on anyway."""
        named = {one for one in self._anyway if id.startswith(one)}
        self.unmet -= named
        return bool(named)


def _is_text_of(stored: StoredProposal, text: str) -> bool:
    return clean(writable(stored.proposal.candidate.text)) == text


def _held(
    stored: StoredProposal, own: StoredProposal, rows: Iterable[StoredProposal]
) -> Decision | None:
    """The decision that settles a term: on the candidate itself, or that for another one."""
    decided = [
        one.decision
        for one in (stored, own, *rows)
        if one.decision is not None and one.decision.verdict in _OUTCOMES
    ]
    mine = (stored.proposal.candidate.id, own.proposal.candidate.id)
    for one in decided:
        if one.candidate in mine:
            return one
    if own.proposal.candidate.kind is TermKind.ALIAS:
        return None
    return next((one for one in decided if one.verdict is not Verdict.REJECT), None)


def _says_the_same(held: Decision, wish: Judged) -> bool:
    rejects = wish.outcome is Outcome.REJECTED
    if rejects or held.verdict is Verdict.REJECT:
        candidate = wish.stored.proposal.candidate.id if wish.stored else ""
        return rejects and held.verdict is Verdict.REJECT and held.candidate == candidate
    return clean(held.text) == wish.text or held.text == wish.text


def _change(answer: UnitAnswer, kind: TermKind, entity: Entity | None) -> str:
    """What of what the answer rests on was changed; empty for nothing."""
    if entity is None or not answer.source_language:
        return ""
    language, text = source_of(entity, kind, (answer.source_language,))
    if answer.basis and answer.basis != basis_digest(language, text, entity.revision):
        if answer.source_text and clean(writable(text)) != clean(answer.source_text):
            return f"the source text is now: {text}"
        return "the entity was changed since"
    if not answer.basis and answer.source_text and clean(text) != clean(answer.source_text):
        return f"the source text is now: {text}"
    return ""
