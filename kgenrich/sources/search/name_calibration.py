"""How far the names that local search finds can be trusted, counted on names that the graph has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct

from kgenrich.adapters.likeness import Likeness
from kgenrich.languages import script
from kgenrich.model import TermKind
from kgenrich.sources.calibration import Calibration, Example, calibrate, part_of
from kgenrich.sources.search.page_names import PageNames
from kgenrich.sources.search.scored_names import PRIOR, ScoredName, score_names
from kgenrich.text import vote_key

STRENGTH = 5.0
"""Observations that the rate over all languages counts for in one language."""

ALL = -1


class Observation(Struct, frozen=True):
    """What was found for a label that the graph has, and the names that are right. ``group`` is
    the class of the entity, or the entity where it has none; ``seen`` is whether the encoder was
    trained on the label: its likeness then tells nothing of how it fares with others."""

    entity: str
    group: str
    language: str
    label: str
    right: frozenset[str]
    has_aliases: bool
    seen: bool
    found: PageNames

    def judged(self, key: str) -> list[tuple[TermKind, bool]]:
        """For which kinds of term a text in normal form tells something, and if it is right."""
        right = key in self.right
        alias = [(TermKind.ALIAS, right)] if self.has_aliases and key != self.label else []
        return [(TermKind.LABEL, right), *alias]


class Reliability(Struct):
    """The probability of a name, calibrated on what the graph has; where that is too little, the
    rate of its way and what likeness is generally worth.

    ``counts`` by part, kind of term, way, and language, script or everywhere (empty): names that
    were right, and all."""

    counts: dict[tuple[int, TermKind, str, str], tuple[int, int]] = {}
    calibrations: dict[TermKind, Calibration] = {}

    def judge(
        self, found: PageNames, kind: TermKind, language: str, likeness: Likeness
    ) -> list[tuple[float, ScoredName]]:
        """The names with their probabilities, the most probable first."""
        offered = score_names(found, partial(self._rate, kind, language, ALL), likeness)
        chances = self.calibrations[kind].chances([scored.features for scored in offered], language)
        return sorted(
            zip(chances, offered, strict=True), key=lambda pair: (-pair[0], pair[1].hit.given.text)
        )

    def seen(self, kind: TermKind, way: str, language: str) -> tuple[int, int]:
        """How often the names of a way were right, of how many, in the language."""
        return self.counts.get((ALL, kind, way, language), (0, 0))

    @classmethod
    def learn(cls, known: Sequence[Observation], likeness: Likeness) -> Reliability:
        """Count and calibrate on what was found for names that the graph has."""
        reliability = cls()
        for one in known:
            reliability._count(one)
        for kind in (TermKind.LABEL, TermKind.ALIAS):
            examples = reliability._examples(kind, known, likeness)
            reliability.calibrations[kind] = calibrate(examples, PRIOR) or Calibration(
                PRIOR.neutral, {}
            )
        return reliability

    def _count(self, known: Observation) -> None:
        for way, key in {(hit.way, vote_key(hit.given.text)) for hit in known.found.hits}:
            for kind, right in known.judged(key):
                for where in (known.language, script(known.language), ""):
                    for part in (part_of(known.entity), ALL):
                        hits, seen = self.counts.get((part, kind, way, where), (0, 0))
                        self.counts[part, kind, way, where] = (hits + right, seen + 1)

    def _rate(self, kind: TermKind, language: str, without: int, way: str) -> float:
        """The rate in the language, shrunk to that in its script, to that everywhere, to a cautious
        guess: half for labels, a tenth for aliases. What was counted on the part ``without`` does
        not count."""
        rate = 0.5 if kind is TermKind.LABEL else 0.1
        for where in ("", script(language), language):
            hits, seen = self.counts.get((ALL, kind, way, where), (0, 0))
            if without != ALL:
                fewer, less = self.counts.get((without, kind, way, where), (0, 0))
                hits, seen = hits - fewer, seen - less
            rate = (hits + STRENGTH * rate) / (seen + STRENGTH)
        return rate

    def _examples(
        self, kind: TermKind, known: Sequence[Observation], likeness: Likeness
    ) -> Mapping[str, Sequence[Example]]:
        examples: dict[str, list[Example]] = {}
        for one in known:
            rates = partial(self._rate, kind, one.language, part_of(one.entity))
            for scored in score_names(one.found, rates, likeness):
                right = dict(one.judged(scored.key)).get(kind)
                if right is not None and not (one.seen and scored.by_likeness):
                    example = Example(scored.features, right, one.group)
                    examples.setdefault(one.language, []).append(example)
        return examples
