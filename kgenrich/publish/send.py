"""Sending a batch, so that no edit is sent twice whatever happens on the way.

That an edit is being sent is in the store before it leaves. Whatever a lost answer or a killed
process leaves in that state is looked up in the entity's history before anything else is done, and
what is sent is based on the revision that was read: the wiki refuses it where somebody else has
changed the same since.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from kgenrich.errors import NetworkError, SourceStopped, StoreError
from kgenrich.export.edits import TermChange
from kgenrich.interrupt import asked
from kgenrich.model import TermKind, Verdict
from kgenrich.net.pacing import Rate
from kgenrich.net.session import Unanswered
from kgenrich.net.wiki_edits import EditConflict, EditingStopped, EditRefused, WikiTerms
from kgenrich.progress import Progress
from kgenrich.publish.judging import judged
from kgenrich.publish.wikis import Wiki
from kgenrich.store.base import Store
from kgenrich.store.story.decisions import current_decisions, save_decisions
from kgenrich.store.story.policies import POLICY_AUTHOR
from kgenrich.store.story.publishing import (
    PublishBatch,
    PublishEdit,
    PublishState,
    PublishTerm,
    count_batch,
    edits_of,
    holding,
    last_sent,
    save_edit,
    still_holds,
)
from kgenrich.store.story.runs import now as time_now

TRIES = 5
"""How many times an entity that others edit at the same time is read again."""

_KEPT = {PublishState.THERE, PublishState.TAKEN, PublishState.WITHDRAWN}


class Sent(Struct, frozen=True):
    """What became of a batch: how many edits and terms are in which state, how many ``left``, and
    why it ``stopped`` before its end (empty: it did not)."""

    edits: dict[str, int]
    terms: dict[str, int]
    left: int
    stopped: str = ""


class Sender:
    """Sends the edits of one batch, ``per_minute`` at most. ``settle`` are the seconds after which
    an edit without an answer has arrived or never will."""

    def __init__(
        self,
        store: Store,
        wiki: Wiki,
        batch: PublishBatch,
        *,
        per_minute: float,
        settle: float,
        progress: Progress,
    ) -> None:
        self._store, self._wiki, self._batch = store, wiki, batch
        self._settle, self._progress = settle, progress
        self._rate = Rate(per_minute)
        # An earlier run counts.
        since = time.time() - last_sent(store, batch.target)
        if 0 <= since < 60 / per_minute:
            self._rate.hold(60 / per_minute - since)

    def run(self, limit: int | None = None) -> Sent:
        """Send what is left of the batch, at most ``limit`` edits."""
        before = count_batch(self._store, self._batch.id)
        total = before.left if limit is None else min(limit, before.left)
        self._progress.begin("sending edits", total, "edits")
        stopped = ""
        try:
            for done, edit in enumerate(self._open_ones(), 1):
                if done > total:
                    break
                self._send(edit)
                self._progress.update(done)
                self._progress.checkpoint()
        except EditingStopped as stop:
            stopped = str(stop)
        except NetworkError as error:
            stopped = str(error)
        counts = count_batch(self._store, self._batch.id)
        return Sent(counts.edits, counts.terms, counts.left, stopped)

    def look_up(self) -> Sent:
        """Find out of what may have been sent whether it arrived; nothing is sent."""
        for edit in edits_of(self._store, self._batch.id, [PublishState.SENDING]):
            if revision := self._arrived(edit):
                self._end(replace(edit, revision=revision), PublishState.WRITTEN, edit.terms)
            else:
                self._keep(edit, PublishState.PLANNED, edit.terms)
        counts = count_batch(self._store, self._batch.id)
        return Sent(counts.edits, counts.terms, counts.left)

    def _open_ones(self) -> Iterable[PublishEdit]:
        # What may have been sent comes first.
        yield from edits_of(self._store, self._batch.id, [PublishState.SENDING])
        yield from edits_of(self._store, self._batch.id, [PublishState.PLANNED])

    def _send(self, edit: PublishEdit) -> None:
        for _ in range(TRIES):
            if edit.state is PublishState.SENDING:
                if revision := self._arrived(edit):
                    self._end(replace(edit, revision=revision), PublishState.WRITTEN, edit.terms)
                    return
                edit = self._keep(edit, PublishState.PLANNED, edit.terms)
            now = self._wiki.terms(edit.entity, [_change(term) for term in edit.terms])
            terms = self._still_wanted(edit, now)
            if not any(term.state is PublishState.PLANNED for term in terms):
                self._end_unsent(edit, terms)
                return
            self._rate.wait()
            terms = tuple(
                replace(term, state=PublishState.SENDING)
                if term.state is PublishState.PLANNED
                else term
                for term in terms
            )
            changes = [_change(t, now) for t in terms if t.state is PublishState.SENDING]
            edit = replace(edit, base=now.revision, sent=time.time())
            edit = self._keep(edit, PublishState.SENDING, terms)
            try:
                revision = self._wiki.edit(edit.entity, changes, now, edit.summary)
            except EditConflict:
                edit = self._keep(edit, PublishState.PLANNED, terms)
            except EditRefused as refusal:
                self._end(replace(edit, message=str(refusal)), PublishState.REFUSED, terms)
                return
            except EditingStopped as stop:
                if stop.here:
                    self._end(replace(edit, message=str(stop)), PublishState.REFUSED, terms)
                else:
                    self._keep(replace(edit, message=str(stop)), PublishState.PLANNED, terms)
                raise
            except Unanswered as error:
                self._progress.remark(f"{error} Whether it arrived is looked up in the history.")
            except NetworkError as error:
                # It was not done: the server asks for more patience than we have.
                self._keep(replace(edit, message=str(error)), PublishState.PLANNED, terms)
                raise
            else:
                self._end(replace(edit, revision=revision), PublishState.WRITTEN, terms)
                return
        raise EditingStopped(f"{edit.entity} cannot be edited now; a later run goes on with it.")

    def _arrived(self, edit: PublishEdit) -> int:
        """The revision that an edit made that may have been sent; 0 where it did not arrive."""
        wait = edit.sent + self._settle - time.time()
        if wait > 0 and asked.wait(wait):
            raise SourceStopped("The run was stopped while it waited for an edit to arrive.")
        return self._own_revision(edit, PublishState.SENDING)

    def _own_revision(self, edit: PublishEdit, state: PublishState) -> int:
        changes = [_change(term) for term in edit.terms if term.state is state]
        return self._wiki.own_revision(edit.entity, mark_of(self._batch.id), changes)

    def _still_wanted(self, edit: PublishEdit, now: WikiTerms) -> tuple[PublishTerm, ...]:
        """The terms with where they stand, by what the wiki has and what is decided now."""
        if now.target or not now.exists:
            why = "the entity was merged into another" if now.target else "the entity was deleted"
            gone = PublishState.TAKEN
            return tuple(replace(term, state=gone, reason=why) for term in edit.terms)
        held = holding(self._store, [term.decision for term in edit.terms])
        return tuple(
            judged(term, now)
            if self._batch.reverts or term.decision in held
            else replace(
                term, state=PublishState.WITHDRAWN, reason="it was decided otherwise since"
            )
            for term in edit.terms
        )

    def _end_unsent(self, edit: PublishEdit, terms: tuple[PublishTerm, ...]) -> None:
        """There is nothing to do any more, perhaps because an earlier try arrived late."""
        there = replace(edit, terms=terms)
        revision = self._own_revision(there, PublishState.THERE) if edit.sent else 0
        if not revision or not any(term.state is PublishState.THERE for term in terms):
            self._end(edit, _outcome(terms), terms)
            return
        ours = tuple(
            replace(term, state=PublishState.SENDING) if term.state is PublishState.THERE else term
            for term in terms
        )
        self._end(replace(edit, revision=revision), PublishState.WRITTEN, ours)

    def _end(self, edit: PublishEdit, state: PublishState, terms: tuple[PublishTerm, ...]) -> None:
        edit = _standing(edit, state, terms)
        if not self._batch.reverts:
            for term in edit.terms:
                if term.state in (PublishState.TAKEN, PublishState.REFUSED):
                    put_back(self._store, self._batch.id, term)
        save_edit(self._store, self._batch.id, edit)

    def _keep(
        self, edit: PublishEdit, state: PublishState, terms: tuple[PublishTerm, ...]
    ) -> PublishEdit:
        edit = _standing(edit, state, terms)
        save_edit(self._store, self._batch.id, edit)
        return edit


def _standing(
    edit: PublishEdit, state: PublishState, terms: tuple[PublishTerm, ...]
) -> PublishEdit:
    """The edit in a state; its terms that were to be sent are in it too."""
    reason = edit.message if state is PublishState.REFUSED else ""
    terms = tuple(
        term
        if term.state in _KEPT and state is not PublishState.PLANNED
        else replace(term, state=state, reason=reason)
        for term in terms
    )
    return replace(edit, state=state, terms=terms)


def mark_of(batch: str) -> str:
    """What the summaries of a batch hold, and no others."""
    return f"editgroups/b/CB/{batch}|"


def put_back(store: Store, batch: str, term: PublishTerm) -> None:
    """Have the candidate of a term open again, with the reason, unless it was decided anew."""

    def check(connection: Connection, candidates: Sequence[str]) -> None:
        if not still_holds(connection, term.decision):
            raise _DecidedAnew

    with store.read() as connection:
        decision = current_decisions(connection, [term.candidate]).get(term.candidate)
    if decision is None:
        return
    author = f"{POLICY_AUTHOR}publish {batch}"
    opened = replace(
        decision, verdict=Verdict.REOPEN, author=author, at=time_now(), comment=term.reason
    )
    try:
        save_decisions(store, [opened], check)
    except _DecidedAnew:
        return


class _DecidedAnew(StoreError):
    pass


def _outcome(terms: Iterable[PublishTerm]) -> PublishState:
    """Where an edit stands of which nothing is left to be written."""
    counts = Counter(term.state for term in terms)
    order = (PublishState.TAKEN, PublishState.THERE, PublishState.WITHDRAWN)
    return next(state for state in order if counts[state])


def _change(term: PublishTerm, now: WikiTerms | None = None) -> TermChange:
    before = term.before
    if now is not None and term.kind is not TermKind.ALIAS and before:
        # As the wiki writes it.
        before = (now.labels if term.kind is TermKind.LABEL else now.descriptions)[term.language]
    return TermChange(term.kind, term.language, before, term.after)
