"""The two describers as sources."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from msgspec import Struct

from kgenrich.model import Candidate, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import FreeSource, Graph, SourceContext
from kgenrich.sources.graph.describe.channel_choices import COMPOSER, MEMORY
from kgenrich.sources.graph.describe.description_miner import Mine, Said
from kgenrich.sources.graph.describe.templates import show
from kgenrich.sources.options import read

COMPOSER_NAME, MEMORY_NAME = "description-composer", "description-memory"
LICENCE = "CC0-1.0"

_mines: WeakKeyDictionary[Graph, Mine] = WeakKeyDictionary()


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.description-composer]`` and ``[sources.description-memory]``: the probability
    below which nothing is said, and how many entities with descriptions are read to learn from
    (what the first of the two says of that holds for both)."""

    minimum: float = 0.5
    entities: int = 50_000


class Describer(FreeSource):
    """One channel of a `Mine` as a source. Its evidence scores are calibrated probabilities."""

    kind = SourceKind.GRAPH
    licence = LICENCE

    def __init__(self, name: str, channel: str, context: SourceContext) -> None:
        self.name = name
        self._channel = channel
        self._graph = context.graph
        self._options = read(name, context.options, Options)

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """One description, or none where the describer abstains.

        The graph is read and learned from at the first call.
        """
        if request.kind is TermKind.DESCRIPTION:
            mine = mine_of(self._graph, self._options.entities)
            said = mine.propose(request.entity, request.language, self._channel)
            if said is not None and said.probability >= self._options.minimum:
                yield self._candidate(request, said)

    def _candidate(self, request: TermRequest, said: Said) -> Candidate:
        evidence = Evidence(
            self.name,
            self.kind,
            from_language=said.from_language,
            from_text=said.from_text,
            raw=show(said.choice.template),
            score=round(said.probability, 4),
            licence=self.licence,
            note=said.note(),
        )
        return Candidate(
            request.entity.id,
            request.language,
            TermKind.DESCRIPTION,
            said.choice.filled.text,
            (evidence,),
        )


def composer(context: SourceContext) -> Describer:
    """The description composer (a `SourceFactory`)."""
    return Describer(COMPOSER_NAME, COMPOSER, context)


def memory(context: SourceContext) -> Describer:
    """The description memory (a `SourceFactory`)."""
    return Describer(MEMORY_NAME, MEMORY, context)


def mine_of(graph: Graph, entities: int) -> Mine:
    """What was learned from at most so many entities of a graph: once for both describers."""
    if graph not in _mines:
        _mines[graph] = Mine(graph, entities)
    return _mines[graph]
