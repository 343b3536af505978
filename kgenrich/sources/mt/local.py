"""Models of machine translation on this machine, asked in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from kgenrich.errors import KgenrichError, SourceStopped
from kgenrich.sources.base import Answer, Question, SourceContext
from kgenrich.sources.mt.codes import Codes
from kgenrich.sources.mt.source import Job, Jobs, MtOptions, Translated, Translation

K = TypeVar("K")


class Engine(Protocol):
    """A model on this machine."""

    def speaks(self, source: str, target: str) -> bool:
        """Whether it translates between two of its codes."""
        ...

    def translate(self, jobs: Sequence[Job]) -> Sequence[Translated]:
        """The translations, in order. Raises `SourceStopped` when it cannot be used."""
        ...


def by_group(
    jobs: Sequence[Job],
    key: Callable[[Job], K],
    translate: Callable[[K, Sequence[Job]], Iterable[Translated]],
) -> list[Translated]:
    """The translations of jobs in their order, made group by group."""
    made: dict[int, Translated] = {}
    groups: dict[K, list[int]] = {}
    for place, job in enumerate(jobs):
        groups.setdefault(key(job), []).append(place)
    for group, places in groups.items():
        made.update(zip(places, translate(group, [jobs[p] for p in places]), strict=True))
    return [made[place] for place in range(len(jobs))]


class LocalTranslation(Translation):
    """A model on this machine, asked in batches whose sentences are sorted by length, so that
    little is padded."""

    def __init__(
        self,
        context: SourceContext,
        options: MtOptions,
        codes: Codes,
        model: str,
        identity: Sequence[str],
        engine: Engine,
        licence: str = "",
        batch: int = 64,
    ) -> None:
        super().__init__(context, options, codes, model, identity, licence)
        self._engine = engine
        self._batch = batch

    def speaks(self, source: str, target: str) -> bool:
        """Whether the engine translates between two of its codes."""
        return source != target and self._engine.speaks(source, target)

    def translations(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """See `Translation.translations`: here batch by batch."""
        rest = iter(questions)
        while chosen := list(islice(rest, self._batch)):
            stop: SourceStopped | None = None
            allowed: list[Question] = []
            for question in chosen:
                try:
                    self.budget.take()
                except SourceStopped as error:
                    stop = error
                    break
                allowed.append(question)
            began = time.monotonic()
            made = iter(self._translate([job for one in allowed for job in one.body.jobs]))
            each = (time.monotonic() - began) / max(1, len(allowed))
            for question in allowed:
                jobs: Jobs = question.body
                reply = self.reply(question.request, jobs, list(islice(made, len(jobs.jobs))))
                yield self.answer(question, reply, each)
            if stop is not None:
                raise stop

    def _translate(self, jobs: Sequence[Job]) -> list[Translated]:
        order = sorted(range(len(jobs)), key=lambda place: len(jobs[place].sentence.text))
        try:
            done = self._engine.translate([jobs[place] for place in order]) if jobs else []
        except KgenrichError:
            raise
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            why = " ".join(str(error).split())[:200].rstrip(".")
            raise SourceStopped(f"The model {self.model} failed: {why}.") from error
        made = dict(zip(order, done, strict=True))
        return [made[place] for place in range(len(jobs))]
