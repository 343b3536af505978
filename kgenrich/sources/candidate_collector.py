"""Ask sources, in batches; a source that stops is set aside and the others go on. What another run
is asking just now is waited for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from msgspec.structs import replace

from kgenrich.errors import BudgetSpent, Halted, SourceStopped
from kgenrich.model import Candidate, SourceKind, TermRequest
from kgenrich.sources.base import Answer, Question, Source
from kgenrich.waits import Wait

Memory = Callable[[Source, Sequence[str]], Mapping[str, tuple[Candidate, ...]]]
"""Gives back what is already known: the candidates of the calls that were answered, by
fingerprint."""

Keep = Callable[[Source, Sequence[Answer]], None]
"""Stores answers at once, so that an answered call is never asked again."""

Claim = Callable[[Sequence[str]], AbstractContextManager[set[str]]]
"""Says which of some questions, by fingerprint, nobody else is asking, and keeps others from asking
them until its end."""

_LOOK = 0.2
"""Seconds between two looks for the answers that another run is getting."""


def claim_all(fingerprints: Sequence[str]) -> AbstractContextManager[set[str]]:
    """Nobody else asks."""
    return nullcontext(set(fingerprints))


class CandidateCollector:
    """The sources of one run, and what became of them.

    ``asked`` counts requests put to a source, ``remembered`` those answered by a call that was
    made before, ``called`` the calls that were to be made and ``answered`` those that were
    answered, of use or not, ``failures`` failed requests by source and reason; ``stopped`` holds
    the reason by source for those that gave up, which ``tell`` is told at once; ``unanswered`` are
    the entities of requests that a source failed at or was not there for. With ``free_only``
    a source whose answers are kept as calls is not asked; ``asked`` then counts what it would be.
    After each call that is kept ``checkpoint`` may end it all by raising `Halted`.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        keep: Keep,
        memory: Memory,
        *,
        claim: Claim = claim_all,
        free_only: bool = False,
        tell: Callable[[str], None] = lambda sentence: None,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> None:
        self.sources = list(sources)
        self.stopped: dict[str, str] = {}
        self.failures: Counter[tuple[str, str]] = Counter()
        self.asked: Counter[str] = Counter()
        self.remembered: Counter[str] = Counter()
        self.called: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.unanswered: set[str] = set()
        self._spent: set[str] = set()
        self._tell = tell
        self._checkpoint = checkpoint
        self._keep = keep
        self._memory = memory
        self._claim = claim
        self._free_only = free_only

    @property
    def failed(self) -> bool:
        """Whether every source that was called failed: not one call of any was answered, and not
        because a budget did not allow it."""
        called = {
            source.name
            for source in self.sources
            if self.called[source.name]
            or (source.name in self.stopped and source.kind is not SourceKind.GRAPH)
        }
        failing = {name for name, _ in self.failures} | (self.stopped.keys() - self._spent)
        return bool(called) and all(n in failing and not self.answered[n] for n in called)

    @property
    def spent(self) -> frozenset[str]:
        """The sources whose budget is used up."""
        return frozenset(self._spent)

    @property
    def is_spent(self) -> bool:
        """Whether no source is left to ask."""
        return all(source.name in self.stopped for source in self.sources)

    def candidates(self, requests: Sequence[TermRequest]) -> list[list[Candidate]]:
        """The candidates of every request, in the order of the requests.

        Those of another kind or language than asked for are kept, but are no answer to it.
        """
        distinct = {_key(request): request for request in requests}
        answers: dict[tuple[str, str, str], list[Candidate]] = {key: [] for key in distinct}
        for source in self.sources:
            if source.name in self.stopped:
                self.unanswered.update(request.entity.id for request in requests)
            else:
                for request, candidates in self._ask(source, list(distinct.values())):
                    wanted = request.language, request.kind
                    answers[_key(request)].extend(
                        c for c in candidates if (c.language, c.kind) == wanted
                    )
        return [answers[_key(request)] for request in requests]

    def _ask(
        self, source: Source, requests: Sequence[TermRequest]
    ) -> Iterator[tuple[TermRequest, tuple[Candidate, ...]]]:
        """Each question once: what is remembered of a call, or what another question of the same
        fingerprint brings, answers it without asking."""
        try:
            questions = source.prepare(requests)
        except SourceStopped as error:
            self._stop(source, error)
            self.unanswered.update(request.entity.id for request in requests)
            return
        calls = {question.fingerprint for question in questions if question.fingerprint}
        remembered = dict(self._memory(source, sorted(calls))) if calls else {}
        asked: list[Question] = []
        sharing: list[Question] = []
        first: set[str] = set()
        for question in questions:
            call = question.fingerprint
            (sharing if call and (call in remembered or call in first) else asked).append(question)
            first.add(call)
        self.remembered[source.name] += len(sharing)
        self.asked[source.name] += len(requests) - len(sharing)
        if self._free_only:
            asked = [question for question in asked if not question.fingerprint]
        call_of = {_key(question.request): question.fingerprint for question in asked}
        own = set()
        for answer in self._answers_once(source, asked, remembered):
            if (key := _key(answer.request)) in call_of:
                own.add(key)
                if not answer.failure:
                    remembered[call_of[key]] = answer.candidates
                yield answer.request, answer.candidates
        elsewhere = [q for q in asked if q.fingerprint in remembered and _key(q.request) not in own]
        self.remembered[source.name] += len(elsewhere)
        self.asked[source.name] -= len(elsewhere)
        for question in elsewhere + sharing:
            if question.fingerprint in remembered:
                candidates = remembered[question.fingerprint]
                yield question.request, self._share(source, question.request, candidates)
            else:
                self.unanswered.add(question.request.entity.id)

    def _answers_once(
        self, source: Source, questions: Sequence[Question], known: dict[str, tuple[Candidate, ...]]
    ) -> Iterator[Answer]:
        """Answers to the questions that no other run is asking. The others are waited for; what
        came of them is added to what is ``known``, and what did not is asked here."""
        rest = questions
        wait = Wait(f"Waiting for what another run is asking {source.name} just now.")
        while rest and source.name not in self.stopped:
            marks = {question.fingerprint for question in rest} - {""}
            with self._claim(sorted(marks)) as mine:
                # Since they were looked up, another run may have got the answers.
                known |= self._memory(source, sorted(mine)) if mine else {}
                free = {"", *mine} - known.keys()
                yield from self._answers(source, [q for q in rest if q.fingerprint in free])
            if rest := [q for q in rest if q.fingerprint in marks - mine]:
                wait.step()
                time.sleep(_LOOK)
        self.unanswered.update(question.request.entity.id for question in rest)

    def _share(
        self, source: Source, request: TermRequest, candidates: Sequence[Candidate]
    ) -> tuple[Candidate, ...]:
        """One call answers every entity that it would be made for in the same words."""
        own = tuple(c for c in candidates if c.entity == request.entity.id)
        if own or not candidates:
            return own
        giver = candidates[0].entity
        shared = tuple(
            replace(c, entity=request.entity.id) for c in candidates if c.entity == giver
        )
        self._keep(source, [Answer(request, shared)])
        return shared

    def _answers(self, source: Source, questions: Sequence[Question]) -> Iterator[Answer]:
        if not questions:
            return
        self.called[source.name] += sum(bool(question.fingerprint) for question in questions)
        free: list[Answer] = []
        left = {_key(question.request) for question in questions}
        try:
            for answer in source.propose(questions):
                left.discard(_key(answer.request))
                if answer.failure:
                    self.failures[source.name, answer.failure] += 1
                    self.unanswered.add(answer.request.entity.id)
                if answer.call is not None:
                    self.answered[source.name] += answer.call.is_answered
                    self._keep(source, [answer])
                    self._may_end(source)
                elif answer.candidates:
                    free.append(answer)
                yield answer
        except SourceStopped as error:
            # It may have stopped because all is to end.
            self._checkpoint()
            self._stop(source, error)
            self.unanswered.update(entity for entity, _, _ in left)
        if free:
            self._keep(source, free)

    def _may_end(self, source: Source) -> None:
        """The place where all may end between two calls; those in flight are paid for, so a source
        that has some hands them on first."""
        try:
            self._checkpoint()
        except Halted as halted:
            end = getattr(source, "end", None)
            if end is None:
                raise
            end(halted)

    def _stop(self, source: Source, error: SourceStopped) -> None:
        self.stopped[source.name] = str(error)
        if isinstance(error, BudgetSpent):
            self._spent.add(source.name)
        self._tell(f"{source.name} is off for the rest of this run: {error}")


def _key(request: TermRequest) -> tuple[str, str, str]:
    return request.entity.id, request.language, request.kind


def forget(source: Source, fingerprints: Sequence[str]) -> dict[str, tuple[Candidate, ...]]:
    """A memory that knows nothing."""
    return {}


def discard(source: Source, answers: Sequence[Answer]) -> None:
    """Keep nothing: for dry runs and evaluation."""
