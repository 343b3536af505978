"""The source ``names``: what the graph already holds as names of the same entity.

Every way by which a name can come (`routes`) has a probability counted on the graph (`copying`).
The ways that lead to one text are combined by a logistic regression, fitted on labels of
the graph with rates counted on its other parts, so that the score of a candidate is the probability
that it is one of the entity's names. However many ways agree, this is one source with one vote.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from msgspec import Struct

from kgenrich.languages import name as language_name
from kgenrich.model import (
    Candidate,
    Entity,
    Evidence,
    SourceKind,
    TermKind,
    TermRequest,
    content_id,
)
from kgenrich.sources.base import FreeSource, Graph, SourceContext
from kgenrich.sources.calibration import Calibration, Example, calibrate
from kgenrich.sources.casing import Casing
from kgenrich.sources.graph.copy_rates import Alike, Ways
from kgenrich.sources.graph.name_drafts import PRIOR, Draft, drafts
from kgenrich.sources.graph.name_routes import Found, family, find, label_texts
from kgenrich.sources.options import read
from kgenrich.text import vote_key

NAME = "names"
LICENCE = "CC0-1.0"

PARTS = 3
"""Parts of the graph: each is measured with what was counted on the others."""


_TITLES = {"turned": ", parts turned around", ",": ", which has a comma"}

FEW = (1, 1, 2, 3, 5, 8, 13)
"""How many languages are left of an entity in calibration, where most are taken away."""


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.names]``: how many entities and labels of the graph are learned from, how many
    entities and labels the calibration uses, how many candidates are offered and from which
    probability (an entity has one label, but does not need all aliases that it could have)."""

    entities: int = 200_000
    labels: int = 500_000
    sample: int = 3_000
    terms: int = 9_000
    candidates: int = 4
    minimum: float = 0.03
    alias_minimum: float = 0.3


class Names(FreeSource):
    """See the module."""

    name = NAME
    kind = SourceKind.GRAPH
    licence = LICENCE

    def __init__(self, graph: Graph, languages: Sequence[str], options: Options) -> None:
        self._graph = graph
        self._options = options
        self._targets = tuple(dict.fromkeys(languages))
        self._ways = Ways()
        self._alike = Alike(self._targets, self._ways)
        self._casing = Casing(self._targets)
        self._class_names: dict[str, str] = {}
        parts = [Alike(self._targets, self._ways) for _ in range(PARTS)]
        sample = self._count(islice(graph.entities(), options.entities), parts)
        self._calibrations = self._calibrate(sample, parts)

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """Names for labels and aliases; nothing for descriptions and unknown languages."""
        entity, language = request.entity, request.language
        calibration = self._calibrations.get(request.kind)
        if calibration is None or language not in self._targets:
            return
        known = {vote_key(text) for text in entity.names(language)}
        found = find(entity, language, self._ways)
        offered = [
            draft
            for draft in self._drafts(self._alike, entity, language, found)
            if request.kind is TermKind.LABEL or draft.key not in known
        ]
        is_label = request.kind is TermKind.LABEL
        minimum = self._options.minimum if is_label else self._options.alias_minimum
        chances = calibration.chances([draft.features for draft in offered], language)
        ranked = sorted(zip(chances, offered, strict=True), key=lambda pair: -pair[0])
        for chance, draft in ranked[: self._options.candidates]:
            if chance >= minimum:
                is_title = self._ways.groups[draft.best] == "title"
                text = (
                    self._casing.of_title(draft.text, entity, language) if is_title else draft.text
                )
                yield Candidate(
                    entity.id,
                    language,
                    request.kind,
                    text,
                    (self._evidence(request, draft, chance),),
                )

    def _count(self, entities: Iterable[Entity], parts: Sequence[Alike]) -> list[Entity]:
        """Count every entity, also in its part; return a sample, the same in every run."""
        sample: list[tuple[int, str, Entity]] = []
        counted = 0
        for entity in entities:
            if entity.redirect or entity.deleted or not entity.labels:
                continue
            if counted >= self._options.labels:
                break
            labels = label_texts(entity, self._ways)
            for target in self._targets:
                label = entity.labels.get(target)
                if label is None:
                    continue
                counted += 1
                found = find(entity, target, self._ways, labels)
                key = vote_key(label)
                equal = np.array([one == key for one in found.keys], dtype=bool)
                for counts in (self._alike, parts[_part(entity)]):
                    counts.observe(entity.classes, target, found.ways, equal)
                self._casing.observe(entity, target)
            place = -int(content_id("calibration", entity.id)[:12], 16)
            if len(sample) < self._options.sample:
                heapq.heappush(sample, (place, entity.id, entity))
            elif (place, entity.id) > sample[0][:2]:
                heapq.heapreplace(sample, (place, entity.id, entity))
        return [entity for _, _, entity in sorted(sample, key=lambda s: s[:2], reverse=True)]

    def _calibrate(
        self, sample: Sequence[Entity], parts: Sequence[Alike]
    ) -> dict[TermKind, Calibration | None]:
        """Calibrate on terms of the sample, most of them with all that is near the language
        hidden, by what was counted on the other parts; None where there is too little."""
        examples: dict[TermKind, dict[str, list[Example]]] = {
            kind: {target: [] for target in self._targets}
            for kind in (TermKind.LABEL, TermKind.ALIAS)
        }
        for number, part in enumerate(parts):
            others = self._alike.without(part)
            terms = 0
            for entity in sample:
                if _part(entity) != number or terms >= self._options.terms // PARTS:
                    continue
                labels = label_texts(entity, self._ways)
                for target in self._targets:
                    if target in entity.labels:
                        terms += 1
                        found = find(entity, target, self._ways, labels)
                        self._add_examples(examples, entity, target, found, others)
        return {kind: calibrate(mine, PRIOR) for kind, mine in examples.items()}

    def _add_examples(
        self,
        examples: Mapping[TermKind, Mapping[str, list[Example]]],
        entity: Entity,
        target: str,
        found: Found,
        counts: Alike,
    ) -> None:
        view = self._as_if_missing(found, target, content_id("view", entity.id, target))
        label, class_id = vote_key(entity.labels[target]), next(iter(entity.classes), "")
        aliases = {vote_key(text) for text in entity.aliases.get(target, ())}
        for draft in self._drafts(counts, entity, target, view):
            is_label = draft.key == label
            is_name = is_label or draft.key in aliases
            examples[TermKind.LABEL][target].append(Example(draft.features, is_name, class_id))
            if aliases and not is_label:
                examples[TermKind.ALIAS][target].append(Example(draft.features, is_name, class_id))

    def _as_if_missing(self, found: Found, target: str, digest: str) -> Found:
        """What an entity that lacks the term would show: mostly nothing that is near the language,
        seldom its page, and often few other languages."""
        view, order = int(digest[:4], 16) % 10, digest[4:]
        if view == 0:
            return found
        found = found.without(self._ways, family(target), titles=view == 1)
        few = FEW[int(order[:4], 16) % len(FEW)]
        return found if view < 8 else found.thinned(self._ways, few, order)

    def _drafts(self, counts: Alike, entity: Entity, target: str, found: Found) -> list[Draft]:
        rates = counts.rates(entity.classes, target, found.ways)
        return drafts(found, rates, target, self._ways)

    def _evidence(self, request: TermRequest, draft: Draft, chance: float) -> Evidence:
        return Evidence(
            source=NAME,
            kind=SourceKind.GRAPH,
            from_language=self._ways.languages[draft.best],
            from_text=draft.text,
            score=round(chance, 4),
            licence=LICENCE,
            note=self._note(request, draft),
        )

    def _note(self, request: TermRequest, draft: Draft) -> str:
        way, group = self._ways.names[draft.best], self._ways.groups[draft.best]
        equal, compared, class_id = self._alike.seen(
            request.entity.classes, request.language, draft.best
        )
        kind = self._class_name(class_id)
        share = f"{equal / compared:.0%} of {compared} {kind}" if compared else "no item yet"
        target = language_name(request.language)
        source = language_name(self._ways.languages[draft.best])
        how = {
            "label": f"written alike in {source} and {target} for {share}",
            "converted": f"{source}, converted ({way.split(' ', 1)[-1]}); right for {share}",
            "title": f"page title in {way.split(' ')[0]}{_TITLES.get(way.partition(' ')[2], '')}; "
            f"such titles are the {target} label of {share}",
            "native": f"native name ({way.split(' ')[0]}); it is the {target} label of {share}",
        }[group]
        others = len(draft.ways) - 1
        return how + (f"; {others} more of its names say the same" if others else "")

    def _class_name(self, class_id: str) -> str:
        if not class_id:
            return "items"
        if class_id not in self._class_names:
            labels = self._graph.labels([class_id], ("en", "mul")).get(class_id, {})
            self._class_names[class_id] = next(iter(labels.values()), class_id)
        return f"items of the class {self._class_names[class_id]}"


def _part(entity: Entity) -> int:
    return int(content_id("part", entity.id)[:8], 16) % PARTS


def factory(context: SourceContext) -> Names:
    """The source for a graph, fitted on it. Raises `UsageError` for options that it lacks."""
    return Names(context.graph, context.languages, read(NAME, context.options, Options))
