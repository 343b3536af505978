"""What the source ``names`` learns from the graph: how often names are written alike, what names
and their parts are in each language, which kinds of names are kept, how good a candidate is by all
that, and how the labels of a language begin."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
from msgspec import Struct

from kgenrich.cross_fitting import PARTS
from kgenrich.languages import fallbacks, in_script, script, variants
from kgenrich.model import MUL, Entity, TermKind, content_id
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.sources.base import Graph
from kgenrich.sources.calibration import Calibration, Example, calibrate, traits
from kgenrich.sources.casing import Casing
from kgenrich.sources.graph.copy_counts import CopyCounts, Integers
from kgenrich.sources.graph.name_candidates import PRIOR
from kgenrich.sources.graph.name_kinds import (
    KEPT,
    OTHER,
    SOUNDED,
    KindCounts,
    is_by_sound,
    kinds_of,
    sounds_like,
)
from kgenrich.sources.graph.name_maker import LanguageNames, NameMaker, pairs_of
from kgenrich.sources.graph.name_routes import NATIVE, RoutedTexts, Routes, find, label_texts
from kgenrich.sources.graph.phrases.phrase_learning import Pair, SourceName, remember
from kgenrich.sources.graph.phrases.phrase_learning import learn as learn_phrases
from kgenrich.sources.graph.phrases.phrase_table import owner_of
from kgenrich.sources.graph.phrases.words_by_sound import WordWays
from kgenrich.sources.graph.two_scripts import ScriptCounts, is_undivided, one_script
from kgenrich.text import vote_key

VERSION = "7"
"""Of what is learned: another one is not taken for it."""

FEW = (1, 1, 2, 3, 5, 8, 13)
"""How many languages are left of an entity in calibration, where most are taken away."""

LARGE = 30_000
"""Entities that have names in a target from which one twelfth is enough to be measured on; of
fewer, all are, by thirds."""

_SECTIONS = 12
_LOOKED_AT = 2_000
_WITHOUT = 500

Named = tuple[Entity, int]
"""An entity and the section of the graph that it is in."""


class NamesOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.names]``: how many entities and labels of the graph are learned from, how many
    entities and labels the calibration uses, how many candidates are offered and from which
    probability (an entity has one label, but does not need all aliases that it could have); of
    which classes labels for all languages (``mul``) are proposed, by default those that Wikidata's
    guideline names."""

    entities: int = 500_000
    labels: int = 500_000
    sample: int = 4_000
    terms: int = 12_000
    candidates: int = 4
    minimum: float = 0.03
    alias_minimum: float = 0.3
    all_languages: tuple[str, ...] | None = None


class NamesModel(Struct):
    """What was learned. ``hub`` is the language that phrases are learned from, ``counts`` are
    those of `CopyCounts`; ``calibrations`` are by kind of term and by whether the target is in
    the script of the hub (``own``) or not (``foreign``): without one nothing is said."""

    hub: str
    routes: Routes
    counts: dict[str, Integers]
    learned: dict[str, LanguageNames]
    casing: Casing
    calibrations: dict[TermKind, dict[str, Calibration | None]]

    def calibration(self, kind: TermKind, target: str) -> Calibration | None:
        """That of a kind of term in a language."""
        return self.calibrations.get(kind, {}).get(_group(self.hub, target))


def _group(hub: str, target: str) -> str:
    return "own" if script(hub) == script(target) else "foreign"


def learn(
    graph: Graph,
    targets: Sequence[str],
    options: NamesOptions,
    roles: PropertyRoles = OF_WIKIDATA,
) -> NamesModel:
    """Learn to write names in the target languages; ``roles`` are those of the properties."""
    entities = iter(islice(graph.entities(), options.entities))
    first = list(islice(entities, _LOOKED_AT))
    learner = _Learner(_hub(first), targets, options, roles)
    learner.count(chain(first, entities))
    calibrations = learner.calibrations()
    return NamesModel(
        learner.hub,
        learner.routes,
        learner.every.counts,
        learner.learned(),
        learner.casing,
        calibrations,
    )


def _hub(entities: Iterable[Entity]) -> str:
    """The language that most entities have a label in: what names are learned from."""
    labelled = Counter(code for e in entities for code in e.labels if code != MUL)
    return min(labelled, key=lambda code: (-labelled[code], code), default="en")


def _section(entity_id: str) -> int:
    """The part of the graph that an entity is in."""
    return int(content_id("section", entity_id)[:8], 16) % _SECTIONS


class _Names(Struct):
    """What phrases are learned from: an entity's section of the graph, names and kinds."""

    section: int
    owner: int
    sources: tuple[str, ...]
    kinds: tuple[tuple[str, ...], ...]
    targets: dict[str, tuple[str, ...]]


class _Learner:
    """What is counted on all entities (``every``) and on the parts of the graph."""

    def __init__(
        self, hub: str, targets: Sequence[str], options: NamesOptions, roles: PropertyRoles
    ) -> None:
        self.hub, self._targets, self._options, self._roles = hub, targets, options, roles
        self.routes = Routes(native=roles.all_of(*NATIVE), taxon=roles.of("taxon_name"))
        self.casing = Casing()
        self._superclass = roles.of("subclass_of")
        self.every, *self._parts = (CopyCounts(targets, self.routes) for _ in range(1 + PARTS))
        self._rows: list[_Names] = []
        self._sample: list[tuple[str, Entity]] = []
        self._of_section: list[tuple[str, Entity]] = []
        self._lacking: dict[str, list[frozenset[str]]] = {target: [] for target in targets}
        self._names: dict[str, SourceName] = {}
        self._measured_on: dict[str, LanguageNames] = {}

    @property
    def is_large(self) -> bool:
        """Whether a part of the graph is enough to be measured on."""
        return len(self._rows) > LARGE

    def count(self, entities: Iterable[Entity]) -> None:
        """Count the entities that have labels, and remember what more is learned from."""
        counted = 0
        targets = frozenset(self._targets)
        for entity in entities:
            if entity.redirect or entity.deleted or not entity.labels:
                continue
            self._remember_lacking(entity)
            if targets.isdisjoint(entity.labels):
                continue
            section = _section(entity.id)
            self._remember(entity, section)
            if counted < self._options.labels:
                for target, found in self._found(entity):
                    counted += 1
                    key = vote_key(entity.labels[target])
                    equal = np.array([one == key for one in found.keys], dtype=bool)
                    for part in (self.every, self._parts[section % PARTS]):
                        part.observe(entity.classes, target, found.routes, equal)
                    self.casing.observe(entity, target)

    def _remember(self, entity: Entity, section: int) -> None:
        drawn = content_id("calibration", entity.id)
        for sample in [self._sample] if section else [self._sample, self._of_section]:
            sample.append((drawn, entity))
            if len(sample) > 2 * self._options.sample:
                sample[:] = heapq.nsmallest(self._options.sample, sample, key=lambda one: one[0])
        names = {t: pair for t in self._targets if (pair := pairs_of(entity, self.hub, t))}
        if names:
            sources = tuple(entity.names(self.hub))
            kinds = kinds_of(entity, sources[0], self.hub, self._superclass)
            by_target = {target: tuple(of_target) for target, (_, of_target) in names.items()}
            self._rows.append(_Names(section, owner_of(entity.id), sources, kinds, by_target))

    def _remember_lacking(self, entity: Entity) -> None:
        """Which languages entities have that lack a name in a target: some of the first."""
        for target, some in self._lacking.items():
            if len(some) < _WITHOUT and target not in entity.labels:
                some.append(frozenset(entity.labels))

    def _found(self, entity: Entity) -> Iterator[tuple[str, RoutedTexts]]:
        """What is found for each target that the entity has a label in."""
        labels = label_texts(entity, self.routes)
        for target in self._targets:
            if target in entity.labels:
                yield target, find(entity, target, self.routes, labels)

    def learned(self) -> dict[str, LanguageNames]:
        """What the names of each target teach. Of a large graph, of which a part was measured on,
        phrases are those of the others, and the names of that part are remembered as wholes."""
        if not self._measured_on:
            return self._names_of(-1, 1)
        for row in self._rows:
            if not row.section:
                for target in row.targets:
                    if (names := self._measured_on.get(target)) is not None:
                        self._observe(names, row, target)
                        for pair in _pairs([row], target, self._sounding(target)):
                            remember(names.table, pair)
        return self._measured_on

    def _names_of(self, left_out: int, sections: int) -> dict[str, LanguageNames]:
        """What names of each target teach, of all but one of so many sections."""
        learned = {}
        for target in self._targets:
            rows = [
                row
                for row in self._rows
                if target in row.targets and row.section % sections != left_out
            ]
            if rows:
                learned[target] = self._names_in(rows, target)
        return learned

    def _names_in(self, rows: Sequence[_Names], target: str) -> LanguageNames:
        sounding = self._sounding(target)
        table = learn_phrases(_pairs(rows, target, sounding), self._names, sounding)
        names = LanguageNames(table, KindCounts(), ScriptCounts())
        for row in rows:
            self._observe(names, row, target)
        return LanguageNames(table, names.kinds.trimmed(), names.scripts.trimmed())

    def _sounding(self, target: str) -> Callable[[str, str], bool] | None:
        return sounds_like if _group(self.hub, target) == "foreign" else None

    def _observe(self, names: LanguageNames, row: _Names, target: str) -> None:
        names.kinds.observe(row.kinds, self._became(row, target))
        if is_undivided(target):
            names.scripts.observe(row.kinds, row.targets[target])

    def _became(self, row: _Names, target: str) -> int:
        name, others = row.sources[0], row.targets[target]
        key = vote_key(name)
        if any(vote_key(other) == key for other in others):
            return KEPT
        if _group(self.hub, target) == "foreign" and any(
            is_by_sound(name, other) for other in others[:2]
        ):
            return SOUNDED
        return OTHER

    def calibrations(self) -> dict[TermKind, dict[str, Calibration | None]]:
        """Calibrated on terms of the sample, most of them with all that is near the language
        hidden, by what was learned from the other parts of the graph; None where there is too
        little."""
        sections = _SECTIONS if self.is_large else PARTS
        drawn = self._of_section if self.is_large else self._sample
        sample = heapq.nsmallest(self._options.sample, drawn, key=lambda one: one[0])
        measured = (0,) if self.is_large else range(PARTS)
        examples: dict[TermKind, dict[str, list[Example]]] = {
            kind: {target: [] for target in self._targets}
            for kind in (TermKind.LABEL, TermKind.ALIAS)
        }
        ways = WordWays()
        for number in measured:
            learned = self._names_of(number, sections)
            if self.is_large:
                self._measured_on = learned
            counts = self.every.without(self._parts[number % PARTS])
            maker = NameMaker(self.hub, counts, learned, ways, self._superclass)
            mine = [entity for _, entity in sample if _section(entity.id) % sections == number]
            views = list(self._views(mine, self._options.terms // len(measured)))
            maker.prepare((entity, target) for entity, target, _ in views)
            for entity, target, found in views:
                for kind, example in _examples(entity, target, found, maker, self._roles):
                    examples[kind][target].append(example)
        return {kind: self._by_group(kind, of_kind) for kind, of_kind in examples.items()}

    def _by_group(
        self, kind: TermKind, examples: dict[str, list[Example]]
    ) -> dict[str, Calibration | None]:
        """Each group's own; that of all languages where one has too few examples."""
        trees = kind is TermKind.LABEL
        groups: dict[str, Calibration | None] = {}
        for group in ("own", "foreign"):
            mine = {t: of for t, of in examples.items() if _group(self.hub, t) == group}
            groups[group] = calibrate(mine, PRIOR, trees=trees)
        if None in groups.values():
            every = calibrate(examples, PRIOR, trees=trees)
            groups = {group: own or every for group, own in groups.items()}
        return groups

    def _views(
        self, sample: Sequence[Entity], most: int
    ) -> Iterator[tuple[Entity, str, RoutedTexts]]:
        """Entities of the sample as they would look if a name were missing."""
        terms = 0
        for entity in sample:
            for target, found in self._found(entity):
                if terms < most:
                    terms += 1
                    digest = content_id("view", entity.id, target)
                    lacking = self._lacking[target]
                    shown = lacking[int(digest[-8:], 16) % len(lacking)] if lacking else frozenset()
                    view = as_if_missing(found, self.routes, target, digest, shown, self.hub)
                    yield entity, target, view


def _pairs(
    rows: Iterable[_Names], target: str, sounding: Callable[[str, str], bool] | None
) -> Iterator[Pair]:
    """Names of both languages; of a target in another script those in that script alone."""
    for row in rows:
        targets = row.targets[target]
        if sounding is not None:
            targets = tuple(text for text in targets if in_script(text, target))
        if is_undivided(target):
            targets = tuple(dict.fromkeys(map(one_script, targets)))
        if targets:
            yield Pair(row.sources, targets, row.owner)


def _examples(
    entity: Entity, target: str, found: RoutedTexts, maker: NameMaker, roles: PropertyRoles
) -> Iterator[tuple[TermKind, Example]]:
    label, class_id = vote_key(entity.labels[target]), next(iter(entity.classes), entity.id)
    aliases = {vote_key(text) for text in entity.aliases.get(target, ())}
    for candidate in maker.candidates(entity, target, found):
        is_label = candidate.key == label
        features, of_kind = np.array(candidate.features), traits(entity, candidate.text, roles)
        example = Example(features, is_label or candidate.key in aliases, class_id, of_kind)
        yield TermKind.LABEL, example
        if aliases and not is_label:
            yield TermKind.ALIAS, example


def as_if_missing(
    found: RoutedTexts, routes: Routes, target: str, digest: str, shown: frozenset[str], hub: str
) -> RoutedTexts:
    """What an entity that lacks the term would show: mostly nothing that is near the language,
    seldom its page; of half of them the languages that one without the term was ``shown`` with, of
    some few other languages."""
    view, order = int(digest[:4], 16) % 10, digest[4:]
    if view == 0:
        return found
    # Variants and fallbacks mostly come and go together.
    near = {target, MUL, *variants(target), *fallbacks(target)} - {"en"}
    language_of = routes.languages
    found = found.only(
        lambda route: (
            language_of[route] not in near or (view == 1 and routes.groups[route] == "title")
        )
    )
    if view < 4:
        return found
    languages = {language_of[route] for route in found.routes}
    if view < 9:
        few = languages & shown
    else:
        ranked = sorted(languages, key=lambda code: content_id(order, code))
        few = set(ranked[: FEW[int(order[:4], 16) % len(FEW)]])
    return found.only(lambda route: language_of[route] in few or language_of[route] == hub)
