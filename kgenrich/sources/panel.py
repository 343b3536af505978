"""Ask sources, in batches; a source that stops is set aside and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kgenrich.errors import SourceStopped
from kgenrich.model import Candidate, TermRequest
from kgenrich.sources.base import Answer, Source

Memory = Callable[[Source, Sequence[TermRequest]], dict[int, tuple[Candidate, ...]]]
"""Gives back what is already known: candidates by the place of the request in the batch."""

Keep = Callable[[Source, Sequence[Answer]], None]
"""Stores answers at once, so that an answered call is never asked again."""


class Panel:
    """The sources of one run, and what became of them.

    ``failures`` counts failed requests by source and reason, ``stopped`` holds the reason by
    source for those that gave up.
    """

    def __init__(self, sources: Sequence[Source], keep: Keep, memory: Memory) -> None:
        self.sources = list(sources)
        self.stopped: dict[str, str] = {}
        self.failures: dict[tuple[str, str], int] = {}
        self.asked: dict[str, int] = {}
        self.remembered: dict[str, int] = {}
        self._keep = keep
        self._memory = memory

    def candidates(self, requests: Sequence[TermRequest]) -> list[list[Candidate]]:
        """The candidates of every request, in the order of the requests."""
        found: list[list[Candidate]] = [[] for _ in requests]
        for source in self.sources:
            if source.name in self.stopped:
                continue
            known = self._memory(source, requests)
            for place, candidates in known.items():
                found[place].extend(candidates)
            places = [place for place in range(len(requests)) if place not in known]
            self.remembered[source.name] = self.remembered.get(source.name, 0) + len(known)
            self.asked[source.name] = self.asked.get(source.name, 0) + len(places)
            wanted = {_key(requests[place]): place for place in places}
            for answer in self._ask(source, [requests[place] for place in places]):
                if (answered := wanted.get(_key(answer.request))) is not None:
                    found[answered].extend(answer.candidates)
        return found

    def _ask(self, source: Source, requests: Sequence[TermRequest]) -> Iterable[Answer]:
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


def _key(request: TermRequest) -> tuple[str, str, str]:
    return request.entity.id, request.language, request.kind


def forget(source: Source, requests: Sequence[TermRequest]) -> dict[int, tuple[Candidate, ...]]:
    """A memory that knows nothing."""
    return {}


def discard(source: Source, answers: Sequence[Answer]) -> None:
    """Keep nothing: for dry runs and evaluation."""
