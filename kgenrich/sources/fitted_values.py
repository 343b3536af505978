"""What sources learn from the graph: fitted once, and kept as long as the graph stays about the
same.

A source that learns says how in a function of the graph that gives a value: a msgspec struct, in
which there may be numpy arrays. The value is made when it is first needed, once for all sources
that share it, and kept (`kgenrich.sources.fit_cache`) with what it was learned from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Generic, Protocol, TypeVar, runtime_checkable

import msgspec

from kgenrich import __version__
from kgenrich.model import content_id
from kgenrich.sources.base import Graph, SourceContext
from kgenrich.sources.fit_cache import Digests
from kgenrich.text import UNICODE

FORMAT = "2"
"""Of the files; another one leaves all of them aside."""

F = TypeVar("F")


@runtime_checkable
class DigestedGraph(Protocol):
    """A graph that can tell cheaply how much of it is what it was."""

    def digests(self, first: int | None = None) -> Digests:
        """A number for each of the ``first`` entities, of all for None, that is another one when
        the entity is."""
        ...


@dataclass
class Fitting(Generic[F]):
    """A value of the type ``kind`` that ``learn`` makes from the graph of a context.

    ``name`` is that of the source, ``basis`` everything besides the graph that the value hangs on:
    its version, options, languages. ``first`` bounds the entities that are read, None where all
    of the graph may be.
    """

    context: SourceContext
    name: str
    kind: type[F]
    learn: Callable[[Graph], F]
    basis: object
    first: int | None = None

    def __post_init__(self) -> None:
        self.context.fits.announce(self.name, lambda: self.value)

    @cached_property
    def value(self) -> F:
        """The value: that of another source of the run, a kept one, or a new one."""
        graph = self.context.graph
        basis = msgspec.json.encode(self.basis).decode()
        return self.context.fits.get(
            self.name,
            content_id(FORMAT, __version__, UNICODE, self.name, basis, str(self.first)),
            self.kind,
            lambda: self.learn(graph),
            partial(graph.digests, self.first) if isinstance(graph, DigestedGraph) else None,
        )
