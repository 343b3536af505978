"""What the source ``names`` learns from the graph: how often names are written alike, how a name's
routes tell how good it is, and how the labels of a language begin."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from msgspec import Struct

from kgenrich.cross_fitting import PARTS, part_of
from kgenrich.languages import fallbacks, variants
from kgenrich.model import Entity, TermKind, content_id
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.sources.base import Graph
from kgenrich.sources.calibration import Calibration, Example, calibrate
from kgenrich.sources.casing import Casing
from kgenrich.sources.graph.name_candidates import PRIOR, CopyCounts, Integers, name_candidates
from kgenrich.sources.graph.name_routes import NATIVE, RoutedTexts, Routes, find, label_texts
from kgenrich.text import vote_key

VERSION = "2"
"""Of what is learned: another one is not taken for it."""

FEW = (1, 1, 2, 3, 5, 8, 13)
"""How many languages are left of an entity in calibration, where most are taken away."""


class NamesOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.names]``: how many entities and labels of the graph are learned from, how many
    entities and labels the calibration uses, how many candidates are offered and from which
    probability (an entity has one label, but does not need all aliases that it could have); of
    which classes labels for all languages (``mul``) are proposed, by default those that Wikidata's
    guideline names."""

    entities: int = 200_000
    labels: int = 500_000
    sample: int = 3_000
    terms: int = 9_000
    candidates: int = 4
    minimum: float = 0.03
    alias_minimum: float = 0.3
    all_languages: tuple[str, ...] | None = None


class NamesModel(Struct):
    """What was learned. ``counts`` are those of `CopyCounts`; of a kind without a calibration
    nothing is said."""

    routes: Routes
    counts: dict[str, Integers]
    casing: Casing
    calibrations: dict[TermKind, Calibration | None]


def learn(
    graph: Graph,
    targets: Sequence[str],
    options: NamesOptions,
    roles: PropertyRoles = OF_WIKIDATA,
) -> NamesModel:
    """Learn to write names in the target languages; ``roles`` are those of the properties."""
    learner = _Learner(targets, options, roles)
    # A sample, the same in every run.
    sample = heapq.nsmallest(
        options.sample, learner.count(graph), lambda entity: content_id("calibration", entity.id)
    )
    return NamesModel(
        learner.routes, learner.every.counts, learner.casing, learner.calibrations(sample)
    )


class _Learner:
    """What is counted on all entities (``every``) and on the parts of the graph."""

    def __init__(self, targets: Sequence[str], options: NamesOptions, roles: PropertyRoles) -> None:
        self._targets, self._options = targets, options
        self.routes = Routes(native=roles.all_of(*NATIVE), taxon=roles.of("taxon_name"))
        self.casing = Casing()
        self.every, *self._parts = (CopyCounts(targets, self.routes) for _ in range(1 + PARTS))

    def count(self, graph: Graph) -> Iterator[Entity]:
        """The entities that have labels, each as soon as it is counted."""
        counted = 0
        for entity in islice(graph.entities(), self._options.entities):
            if entity.redirect or entity.deleted or not entity.labels:
                continue
            if counted >= self._options.labels:
                return
            for target, found in self._found(entity):
                counted += 1
                key = vote_key(entity.labels[target])
                equal = np.array([one == key for one in found.keys], dtype=bool)
                for part in (self.every, self._parts[part_of(entity.id)]):
                    part.observe(entity.classes, target, found.routes, equal)
                self.casing.observe(entity, target)
            yield entity

    def _found(self, entity: Entity) -> Iterator[tuple[str, RoutedTexts]]:
        """What is found for each target that the entity has a label in."""
        labels = label_texts(entity, self.routes)
        for target in self._targets:
            if target in entity.labels:
                yield target, find(entity, target, self.routes, labels)

    def calibrations(self, sample: Sequence[Entity]) -> dict[TermKind, Calibration | None]:
        """Calibrated on terms of the sample, as many of each part, most of them with all that is
        near the language hidden, by what was counted on the other parts; None where there is too
        little."""
        examples: dict[TermKind, dict[str, list[Example]]] = {
            kind: {target: [] for target in self._targets}
            for kind in (TermKind.LABEL, TermKind.ALIAS)
        }
        for number, part in enumerate(self._parts):
            others = self.every.without(part)
            terms = 0
            for entity in sample:
                if part_of(entity.id) == number and terms < self._options.terms // PARTS:
                    for target, found in self._found(entity):
                        terms += 1
                        for kind, example in _examples(entity, target, found, others):
                            examples[kind][target].append(example)
        return {kind: calibrate(by_target, PRIOR) for kind, by_target in examples.items()}


def _examples(
    entity: Entity, target: str, found: RoutedTexts, counts: CopyCounts
) -> Iterator[tuple[TermKind, Example]]:
    view = _as_if_missing(found, counts.routes, target, content_id("view", entity.id, target))
    label, class_id = vote_key(entity.labels[target]), next(iter(entity.classes), "")
    aliases = {vote_key(text) for text in entity.aliases.get(target, ())}
    for candidate in name_candidates(counts, entity, target, view):
        is_label = candidate.key == label
        example = Example(candidate.features, is_label or candidate.key in aliases, class_id)
        yield TermKind.LABEL, example
        if aliases and not is_label:
            yield TermKind.ALIAS, example


def _as_if_missing(found: RoutedTexts, routes: Routes, target: str, digest: str) -> RoutedTexts:
    """What an entity that lacks the term would show: mostly nothing that is near the language,
    seldom its page, and often few other languages."""
    view, order = int(digest[:4], 16) % 10, digest[4:]
    if view == 0:
        return found
    # Variants and fallbacks mostly come and go together.
    near = {target, "mul", *variants(target), *fallbacks(target)} - {"en"}
    language_of = routes.languages
    found = found.only(
        lambda route: (
            language_of[route] not in near or (view == 1 and routes.groups[route] == "title")
        )
    )
    if view < 8:
        return found
    languages = {language_of[route] for route in found.routes}
    ranked = sorted(languages, key=lambda code: content_id(order, code))
    few = ranked[: FEW[int(order[:4], 16) % len(FEW)]]
    return found.only(lambda route: language_of[route] in few)
