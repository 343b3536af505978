"""Descriptions learned from the graph itself, without any model.

`composer` mines how descriptions are made from class, places, occupation and dates; `memory`
pairs what other items of the class say in two languages.

Reading order: ``records`` (what is read of an entity), ``language_style``, ``lexicon`` and
``forms`` (how a language writes and mentions values), ``templates`` (descriptions with slots),
``trait_votes`` and ``channels`` (what entities that share something are said to be, and how sure
that is), ``guards`` (what is never said), ``description_miner`` (learning all that),
``description_model`` (what is kept of it, and asked).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from kgenrich.model import Candidate, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.sources.base import FreeSource, SourceContext
from kgenrich.sources.fitted_values import Fitting
from kgenrich.sources.graph.describe.channels import COMPOSER, MEMORY
from kgenrich.sources.graph.describe.description_miner import VERSION, learn
from kgenrich.sources.graph.describe.description_model import DescriptionModel
from kgenrich.sources.graph.describe.templates import show


class DescriberOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.description-composer]`` and ``[sources.description-memory]``: the probability
    below which nothing is said, and how many entities with descriptions are read to learn from
    (where both say the same, they are read once)."""

    minimum: float = 0.5
    entities: int = 50_000


class Describer(FreeSource):
    """One channel of a model as a source. Its evidence scores are calibrated probabilities."""

    kind = SourceKind.GRAPH
    licence = ""

    def __init__(self, channel: str, context: SourceContext) -> None:
        self.name = f"description-{channel}"
        self._channel = channel
        options = context.read(DescriberOptions)
        self._minimum = options.minimum
        self._fitting = Fitting(
            context,
            "descriptions",
            DescriptionModel,
            lambda graph: learn(graph, context.languages, options.entities, context.roles),
            (VERSION, context.languages, options.entities, context.roles),
        )

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """One description, or none where the describer abstains."""
        if request.kind is TermKind.DESCRIPTION:
            model = self._fitting.value
            proposal = model.propose(request.entity, request.language, self._channel)
            if proposal is not None and proposal.probability >= self._minimum:
                evidence = Evidence(
                    self.name,
                    self.kind,
                    from_language=proposal.from_language,
                    from_text=proposal.from_text,
                    raw=show(proposal.choice.template),
                    score=round(proposal.probability, 4),
                    licence=request.licence,
                    note=proposal.note(),
                )
                yield request.candidate(proposal.choice.filled.text, evidence)


def composer(context: SourceContext) -> Describer:
    """The description composer (a `SourceFactory`)."""
    return Describer(COMPOSER, context)


def memory(context: SourceContext) -> Describer:
    """The description memory (a `SourceFactory`)."""
    return Describer(MEMORY, context)
