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
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.interrupt import deferred
from kgenrich.languages import is_language
from kgenrich.model import (
    UNKNOWN,
    Call,
    Evidence,
    SourceKind,
    TermRequest,
    content_id,
    joined_licences,
)
from kgenrich.settings import Network
from kgenrich.sources.base import Answer, Question, SourceContext
from kgenrich.sources.budget import Budget, Limits

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


class Suggestion(Struct, frozen=True, kw_only=True):
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
    remembered like any other answer, for asking again would be paid for again. One that ``passes``
    is none: the call has failed, whatever it cost, and is made again in the next run."""

    suggestions: Sequence[Suggestion] = ()
    answer: str = ""
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    seconds: float | None = None
    failure: str = ""
    passes: bool = False


class Body(Protocol):
    """What is asked, ready to be sent; ``parts`` identify it for the fingerprint."""

    @property
    def parts(self) -> tuple[str, ...]: ...


B = TypeVar("B", bound=Body)


class _Round:
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


class RemoteSource(Generic[B]):
    """A source that is called. An engine says what is asked (`body`) and asks it (`ask`).

    ``identity`` is what the answers hang on besides the question: engine, model, parameters.
    ``host`` is who is asked, and ``key_env`` the variable whose key goes there; empty where nobody
    is, and none.
    """

    kind: SourceKind
    host = ""
    key_env = ""

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
        self._round = _Round(options.stop_after)

    def body(self, request: TermRequest) -> B | None:
        """What to ask for this term; None where nothing can be asked. Without side effects."""
        raise NotImplementedError

    def max_cost(self, body: B) -> float:
        """The most that one call may cost."""
        return 0.0

    def calls(self, body: B) -> int:
        """How many calls it takes to answer."""
        return 1

    def is_worth_asking(self, body: B) -> bool:
        """Whether it still is, after what other calls have shown."""
        return True

    def ask(self, request: TermRequest, body: B) -> Reply:
        """Make the call, from any thread. Raises `NetworkError` when this request failed and
        `SourceStopped` when every other would too."""
        raise NotImplementedError

    def prepare(self, requests: Sequence[TermRequest]) -> list[Question]:
        questions = []
        for request in requests:
            if is_language(request.language) and (body := self.body(request)) is not None:
                key = request.entity.id, request.language, str(request.kind)
                fingerprint = content_id(self.name, *self._identity, *key, *body.parts)
                questions.append(Question(request, fingerprint, body))
        return questions

    def propose(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """With `CallOptions.concurrency` calls in flight, answers in the order in which they
        arrive.

        When the source stops, or the user interrupts, the calls in flight are waited for and
        their answers handed on first. However slowly answers are taken, no more than `SPARE` of
        them wait.
        """
        rest = iter(questions)
        arrived: SimpleQueue[Future[Answer | None]] = SimpleQueue()
        state = self._round = _Round(self.options.stop_after)
        width = max(1, self.options.concurrency)
        with deferred(state.end), ThreadPoolExecutor(width, self.name) as pool:

            def start(count: int) -> int:
                chosen = [] if state.stop else list(islice(rest, count))
                for question in chosen:
                    pool.submit(self._call, question, state).add_done_callback(arrived.put)
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

    def end(self, reason: Exception) -> None:
        """Begin no call any more: `propose` hands on the answers in flight, then raises this."""
        self._round.end(reason)

    def _call(self, question: Question, state: _Round) -> Answer | None:
        """The answer, or None when it is not to be asked for any more."""
        if state.stop is not None:
            return None
        body: B = question.body
        if not self.is_worth_asking(body):
            return Answer(question.request)
        most = self.max_cost(body)
        began = time.monotonic()
        cost = 0.0
        try:
            self.budget.take(most, self.calls(body))
            try:
                reply = self.ask(question.request, body)
                cost = reply.cost
            finally:
                self.budget.settle(most, cost)
        except SourceStopped as error:
            state.end(error)
            return None
        except NetworkError as error:
            state.failed(str(error))
            call = self._recorded(question, time.monotonic() - began, error=str(error))
            return Answer(question.request, (), call, str(error))
        if reply.passes:
            state.failed(reply.failure)
        else:
            state.succeeded()
        return self.answer(question, reply, time.monotonic() - began)

    def answer(self, question: Question, reply: Reply, seconds: float) -> Answer:
        """The answer to a question whose call was answered."""
        call = self._recorded(
            question,
            seconds if reply.seconds is None else reply.seconds,
            model_resolved=reply.model,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost=reply.cost,
            answer="" if reply.passes else reply.answer[:LONGEST_ANSWER],
            error=reply.failure,
        )
        request = question.request
        candidates = tuple(
            request.candidate(one.text, self._evidence(question, one)) for one in reply.suggestions
        )
        return Answer(request, candidates, call, reply.failure)

    def _recorded(self, question: Question, seconds: float, **more: Any) -> Call:
        return Call(
            question.fingerprint,
            self.name,
            model_requested=self.model,
            seconds=round(seconds, 4),
            licence=self.licence,
            **more,
        )

    def _evidence(self, question: Question, suggestion: Suggestion) -> Evidence:
        given = asdict(suggestion)
        del given["text"]
        given["from_text"] = suggestion.from_text[:LONGEST_RAW]
        given["raw"] = suggestion.raw[:LONGEST_RAW]
        # What is made from a text of the graph is under its licence too.
        of_graph = question.request.licence if suggestion.from_text else ""
        own = suggestion.licence or self.licence
        given["licence"] = joined_licences(own or UNKNOWN, of_graph) if of_graph else own
        if suggestion.score is not None:
            given["score"] = min(1.0, max(0.0, suggestion.score))
        return Evidence(self.name, self.kind, call=question.fingerprint, **given)


def network(context: SourceContext, options: CallOptions) -> Network:
    """The settings of the network with the options of the source."""
    shared = ("concurrency", "requests_per_minute", "timeout", "retries")
    own = {name: value for name in shared if (value := getattr(options, name)) is not None}
    return context.settings.network.model_copy(update=own)


def secret(variable: str, *, needed: bool = True) -> str:
    """A secret from the environment. Raises `SourceStopped` naming the variable that is not set."""
    value = os.environ.get(variable, "").strip() if variable else ""
    if needed and not value:
        raise SourceStopped(f"It needs a key in the environment variable {variable}.")
    return value


def require_option(value: object, option: str, example: str) -> None:
    """Raises `SourceStopped` when an option that has no default is not set."""
    if value is None or value == "":
        raise SourceStopped(f"It needs the option {option}, for example {option} = {example}.")
