"""What the source ``transliteration`` learns from the graph: spellings, and how often it is right.

Labels that the graph has are written as if they were missing, by what the other parts of the graph
teach, so that a probability holds for labels never seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from kgenrich.cross_fitting import PARTS, part_of
from kgenrich.model import Entity, content_id
from kgenrich.sources.base import Graph
from kgenrich.sources.calibration import Calibration, Example, calibrate
from kgenrich.sources.graph.transliteration.spellings import Spellings, merged
from kgenrich.sources.graph.transliteration.transcripts import PRIOR, transcripts
from kgenrich.sources.graph.transliteration.words import Name, WordWays, name_of
from kgenrich.text import vote_key

VERSION = "1"
"""Of what is learned: another one is not taken for it."""


ENOUGH = 20
"""Labels of a language without which nothing is said in it."""


class TransliterationOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.transliteration]``: how many entities of the graph are learned from, how many
    labels of each language the calibration uses, how many candidates are offered and from which
    probability.
    """

    entities: int = 100_000
    sample: int = 1_500
    candidates: int = 3
    minimum: float = 0.03


class TransliterationModel(Struct):
    """What was learned."""

    spellings: Spellings
    calibration: Calibration | None

    def is_sure(self, target: str) -> bool:
        """Whether enough labels of a language were seen to say how often it is right."""
        return self.calibration is not None and self.spellings.labels(target) >= ENOUGH


Sampled = tuple[str, Entity, Name]
"""An entity and the name that its label would be taken from, with what they are drawn by."""


def learn(
    graph: Graph, targets: Sequence[str], options: TransliterationOptions
) -> TransliterationModel:
    """Learn to write names in the target languages."""
    parts = [Spellings() for _ in range(PARTS)]
    samples: dict[str, list[Sampled]] = {target: [] for target in targets}
    for entity, target, name in _named(graph, targets, options.entities):
        parts[part_of(entity.id)].observe(entity, name, target)
        sample = samples[target]
        sample.append((content_id("calibration", entity.id, target), entity, name))
        if len(sample) == 2 * options.sample:
            samples[target] = _drawn(sample, options.sample)
    others = [merged([*parts[:number], *parts[number + 1 :]]) for number in range(PARTS)]
    examples = {
        target: list(_examples(_drawn(sample, options.sample), target, others))
        for target, sample in samples.items()
    }
    return TransliterationModel(merged(parts), calibrate(examples, PRIOR))


def _named(graph: Graph, targets: Sequence[str], most: int) -> Iterator[tuple[Entity, str, Name]]:
    """The entities that have a label in a target and another that it could be taken from."""
    for entity in islice(graph.entities(), most):
        if not entity.redirect and not entity.deleted:
            for target in targets:
                if target in entity.labels and (name := name_of(entity, target)):
                    yield entity, target, name


def _drawn(sample: list[Sampled], size: int) -> list[Sampled]:
    """The same ones in every run."""
    return sorted(sample, key=lambda of: of[0])[:size]


def _examples(
    sample: Sequence[Sampled], target: str, others: Sequence[Spellings]
) -> Iterator[Example]:
    """The names that would be offered for labels of the graph, by what its other parts teach."""
    network = WordWays().of((name for _, _, name in sample), target)
    for _, entity, name in sample:
        right = {vote_key(text) for text in entity.names(target)}
        spellings = others[part_of(entity.id)]
        for transcript in transcripts(entity, name, target, spellings, network):
            class_id = next(iter(entity.classes), entity.id)
            yield Example(transcript.features, transcript.key in right, class_id)
