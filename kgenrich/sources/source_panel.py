"""Ask sources, in batches; a source that stops is set aside and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from kgenrich.errors import SourceStopped
from kgenrich.model import Candidate, TermRequest
from kgenrich.sources.base import Answer, Source

Memory = Callable[[Source, Sequence[str]], Mapping[str, tuple[Candidate, ...]]]
"""Gives back what is already known: the candidates of the calls that were answered, by
fingerprint."""

Keep = Callable[[Source, Sequence[Answer]], None]
"""Stores answers at once, so that an answered call is never asked again."""


class Panel:
    """The sources of one run, and what became of them.

    ``asked`` counts requests put to a source, ``remembered`` those answered by a call that was
    made before, ``failures`` failed requests by source and reason; ``stopped`` holds the reason by
    source for those that gave up. With ``free_only`` a source whose answers are kept as calls is
    not asked; ``asked`` then counts what it would be asked.
    """

    def __init__(
        self, sources: Sequence[Source], keep: Keep, memory: Memory, *, free_only: bool = False
    ) -> None:
        self.sources = list(sources)
        self.stopped: dict[str, str] = {}
        self.failures: dict[tuple[str, str], int] = {}
        self.asked: dict[str, int] = {}
        self.remembered: dict[str, int] = {}
        self._keep = keep
        self._memory = memory
        self._free_only = free_only

    def candidates(self, requests: Sequence[TermRequest]) -> list[list[Candidate]]:
        """The candidates of every request, in the order of the requests.

        Those of another kind or language than asked for are kept, but are no answer to it.
        """
        found: list[list[Candidate]] = [[] for _ in requests]
        for source in self.sources:
            if source.name not in self.stopped:
                for place, candidates in self._consult(source, requests):
                    asked = requests[place].language, requests[place].kind
                    found[place].extend(c for c in candidates if (c.language, c.kind) == asked)
        return found

    def tell(self, answers: Sequence[Answer]) -> None:
        """Keep what follows from answers of these sources."""
        if answers and self.sources:
            self._keep(self.sources[0], answers)

    def _consult(
        self, source: Source, requests: Sequence[TermRequest]
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        marks = [source.fingerprint(request) for request in requests]
        calls = {mark for mark in marks if mark is not None}
        known = dict(self._memory(source, sorted(calls))) if calls else {}
        asked: dict[tuple[str, str, str], int] = {}
        sharing: list[int] = []
        first: set[str] = set()
        for place, (request, mark) in enumerate(zip(requests, marks, strict=True)):
            if mark is not None and (mark in known or mark in first):
                sharing.append(place)
                continue
            if mark is not None:
                first.add(mark)
            if mark is None or not self._free_only:
                asked[_key(request)] = place
        _count(self.remembered, source.name, len(sharing))
        _count(self.asked, source.name, len(asked) + (len(first) if self._free_only else 0))
        for answer in self._ask(source, [requests[place] for place in asked.values()]):
            answered = asked.get(_key(answer.request))
            if answered is None:
                continue
            mark = marks[answered]
            if mark is not None and not answer.failure:
                known[mark] = answer.candidates
            yield answered, answer.candidates
        for place in sharing:
            mark = marks[place]
            if mark is not None and mark in known:
                yield place, self._share(source, requests[place], known[mark])

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

    def _ask(self, source: Source, requests: Sequence[TermRequest]) -> Iterator[Answer]:
        if not requests:
            return
        free: list[Answer] = []
        try:
            for answer in source.propose(requests):
                if answer.failure:
                    reason = (source.name, answer.failure)
                    self.failures[reason] = self.failures.get(reason, 0) + 1
                if answer.call is not None:
                    self._keep(source, [answer])
                elif answer.candidates:
                    free.append(answer)
                yield answer
        except SourceStopped as error:
            self.stopped[source.name] = str(error)
        if free:
            self._keep(source, free)


def _count(counts: dict[str, int], name: str, more: int) -> None:
    counts[name] = counts.get(name, 0) + more


def _key(request: TermRequest) -> tuple[str, str, str]:
    return request.entity.id, request.language, request.kind


def forget(source: Source, marks: Sequence[str]) -> dict[str, tuple[Candidate, ...]]:
    """A memory that knows nothing."""
    return {}


def discard(source: Source, answers: Sequence[Answer]) -> None:
    """Keep nothing: for dry runs and evaluation."""
