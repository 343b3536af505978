"""The discipline of every source that is *called*: a service, a model, a search engine.

One request for a term is one call with one fingerprint. Calls run side by side, each is counted
before it is made, and its answer is handed on at once, to be stored: when the run is killed, only
the calls in flight and the two answers that were being stored are made again. A request that fails
is told apart from a source that must stop.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.model import Call, Candidate, Evidence, SourceKind, TermRequest, content_id
from kgenrich.settings import Network
from kgenrich.sources.base import Answer, SourceContext
from kgenrich.sources.budget import Budget, Limits
from kgenrich.sources.interrupt import deferred

LONGEST_ANSWER = 20_000
"""Characters of a raw answer that are kept."""

SPARE = 2
"""Calls that wait for a free place, so that no place is empty while an answer is being stored."""

LONGEST_RAW = 500
"""Characters of the part that holds a candidate."""


class CallOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The options that every called source has.

    ``concurrency``, ``requests_per_minute``, ``timeout`` and ``retries`` override ``[network]``;
    ``max_calls`` and ``max_cost`` bound one run; after ``stop_after`` failures in a row the source
    is given up; ``licence`` is that of what the source says.
    """

    concurrency: int = 4
    requests_per_minute: float = 3000.0
    timeout: float | None = None
    retries: int | None = None
    max_calls: int | None = None
    max_cost: float | None = None
    stop_after: int = 10
    licence: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """A text that a call brought, with what becomes its evidence."""

    text: str
    from_language: str = ""
    from_text: str = ""
    raw: str = ""
    score: float | None = None
    rank: int = 0
    url: str = ""
    licence: str = ""
    note: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    """What one call brought. ``failure`` says why an answer that came cannot be used; it is
    remembered like any other answer, for asking again would be paid for again."""

    found: Sequence[Found] = ()
    answer: str = ""
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    seconds: float | None = None
    failure: str = ""


class Question(Protocol):
    """What is asked, ready to be sent; ``parts`` identify it for the fingerprint."""

    @property
    def parts(self) -> tuple[str, ...]: ...


Q = TypeVar("Q", bound=Question)


class Asked(Generic[Q]):
    """A request with its question and fingerprint."""

    __slots__ = ("fingerprint", "question", "request")

    def __init__(self, request: TermRequest, question: Q, fingerprint: str) -> None:
        self.request, self.question, self.fingerprint = request, question, fingerprint


class _State:
    """Whether one round of calls goes on: ``stop`` is the reason why not, from whichever thread."""

    def __init__(self, stop_after: int) -> None:
        self.stop: BaseException | None = None
        self._stop_after = stop_after
        self._row = 0
        self._lock = threading.Lock()

    def end(self, reason: BaseException) -> None:
        """Begin no call any more."""
        self.stop = self.stop or reason

    def failed(self, reason: str) -> None:
        """Count a failure; enough of them in a row stop the source."""
        with self._lock:
            self._row += 1
            if self._row >= self._stop_after and self.stop is None:
                self.stop = SourceStopped(
                    f"{self._row} requests in a row failed; the last one: {reason}"
                )

    def succeeded(self) -> None:
        """The row of failures is broken."""
        with self._lock:
            self._row = 0


class Called(Generic[Q]):
    """A source that is called. An engine says what is asked (`question`) and asks it (`ask`).

    ``identity`` is what the answers hang on besides the question: engine, model, parameters.
    """

    kind: SourceKind

    def __init__(
        self,
        context: SourceContext,
        options: CallOptions,
        model: str,
        identity: Sequence[str],
        licence: str = "",
    ) -> None:
        self.name = context.name
        self.licence = options.licence or licence
        self.model = model
        self.options = options
        self.budget = Budget(context.limits.within(Limits(options.max_calls, options.max_cost)))
        self._identity = tuple(identity)
        self._ready: OrderedDict[tuple[str, str, str], Asked[Q]] = OrderedDict()

    def question(self, request: TermRequest) -> Q | None:
        """What to ask for this term; None where nothing can be asked. Without side effects."""
        raise NotImplementedError

    def most(self, question: Q) -> float:
        """The most that one call may cost."""
        return 0.0

    def calls(self, question: Q) -> int:
        """How many calls it takes to answer."""
        return 1

    def still(self, question: Q) -> bool:
        """Whether it is still worth asking, after what other calls have shown."""
        return True

    def ask(self, request: TermRequest, question: Q) -> Reply:
        """Make the call, from any thread. Raises `NetworkError` when this request failed and
        `SourceStopped` when every other would too."""
        raise NotImplementedError

    def fingerprint(self, request: TermRequest) -> str | None:
        """See `Source.fingerprint`; None where nothing can be asked."""
        asked = self.prepared(request)
        return None if asked is None else asked.fingerprint

    def propose(self, requests: Sequence[TermRequest]) -> Iterator[Answer]:
        """See `Source.propose`. Answers come in the order in which they arrive."""
        askable: list[Asked[Q]] = []
        for request in requests:
            asked = self.prepared(request)
            if asked is None:
                yield Answer(request)
            else:
                askable.append(asked)
        self._ready.clear()
        yield from self.answers(askable)

    def answers(self, askable: Iterable[Asked[Q]]) -> Iterator[Answer]:
        """Ask with `CallOptions.concurrency` calls in flight.

        When the source stops, or the user interrupts, the calls in flight are waited for and
        their answers handed on first. However slowly answers are taken, no more than `SPARE` of
        them wait.
        """
        rest = iter(askable)
        arrived: SimpleQueue[Future[Answer | None]] = SimpleQueue()
        state = _State(self.options.stop_after)
        width = max(1, self.options.concurrency)
        with deferred(state.end), ThreadPoolExecutor(width, self.name) as pool:

            def start(count: int) -> int:
                chosen = [] if state.stop else list(islice(rest, count))
                for asked in chosen:
                    pool.submit(self._answer, asked, state).add_done_callback(arrived.put)
                return len(chosen)

            flying = start(width + SPARE)
            while flying:
                answer = arrived.get().result()
                flying -= 1
                if answer is not None:
                    yield answer
                flying += start(1)
        if state.stop is not None:
            raise state.stop

    def prepared(self, request: TermRequest) -> Asked[Q] | None:
        """The question to a request with its fingerprint; kept until the request is made."""
        key = (request.entity.id, request.language, str(request.kind))
        known = self._ready.get(key)
        if known is not None and known.request is request:
            return known
        question = self.question(request)
        if question is None:
            return None
        mark = content_id(self.name, *self._identity, *key, *question.parts)
        asked = self._ready[key] = Asked(request, question, mark)
        while len(self._ready) > 5000:
            self._ready.popitem(last=False)
        return asked

    def _answer(self, asked: Asked[Q], state: _State) -> Answer | None:
        """The answer, or None when it is not to be asked for any more."""
        if state.stop is not None:
            return None
        if not self.still(asked.question):
            return Answer(asked.request)
        most = self.most(asked.question)
        began = time.monotonic()
        cost = 0.0
        try:
            self.budget.take(most, self.calls(asked.question))
            try:
                reply = self.ask(asked.request, asked.question)
                cost = reply.cost
            finally:
                self.budget.settle(most, cost)
        except SourceStopped as error:
            state.end(error)
            return None
        except NetworkError as error:
            state.failed(str(error))
            return self.failed(asked, str(error), time.monotonic() - began)
        state.succeeded()
        return self.answered(asked, reply, time.monotonic() - began)

    def answered(self, asked: Asked[Q], reply: Reply, seconds: float) -> Answer:
        """The answer to a request whose call was answered."""
        call = Call(
            asked.fingerprint,
            self.name,
            model_requested=self.model,
            model_resolved=reply.model,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            seconds=round(seconds if reply.seconds is None else reply.seconds, 4),
            cost=reply.cost,
            licence=self.licence,
            answer=reply.answer[:LONGEST_ANSWER],
        )
        request = asked.request
        candidates = tuple(
            Candidate(
                request.entity.id,
                request.language,
                request.kind,
                found.text,
                (self._evidence(asked.fingerprint, found),),
            )
            for found in reply.found
        )
        return Answer(request, candidates, call, reply.failure)

    def failed(self, asked: Asked[Q], reason: str, seconds: float) -> Answer:
        """The answer to a request whose call failed; it may be made again."""
        call = Call(
            asked.fingerprint,
            self.name,
            model_requested=self.model,
            seconds=round(seconds, 4),
            licence=self.licence,
            error=reason,
        )
        return Answer(asked.request, (), call, reason)

    def _evidence(self, mark: str, found: Found) -> Evidence:
        return Evidence(
            self.name,
            self.kind,
            call=mark,
            from_language=found.from_language,
            from_text=found.from_text[:LONGEST_RAW],
            raw=found.raw[:LONGEST_RAW],
            score=None if found.score is None else min(1.0, max(0.0, found.score)),
            rank=found.rank,
            url=found.url,
            licence=found.licence or self.licence,
            note=found.note,
        )


def network(context: SourceContext, options: CallOptions) -> Network:
    """The settings of the network with the options of the source."""
    own = {
        "concurrency": options.concurrency,
        "requests_per_minute": options.requests_per_minute,
        "timeout": options.timeout,
        "retries": options.retries,
    }
    return context.settings.network.model_copy(
        update={name: value for name, value in own.items() if value is not None}
    )


def secret(variable: str, *, needed: bool = True) -> str:
    """A secret from the environment. Raises `SourceStopped` naming the variable that is not set."""
    value = os.environ.get(variable, "").strip() if variable else ""
    if needed and not value:
        raise SourceStopped(f"It needs a key in the environment variable {variable}.")
    return value


def demand(value: object, option: str, example: str) -> None:
    """Raises `SourceStopped` when an option that has no default is not set."""
    if value is None or value == "":
        raise SourceStopped(f"It needs the option {option}, for example {option} = {example}.")
