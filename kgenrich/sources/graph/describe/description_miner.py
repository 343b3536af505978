"""Learning to describe from the descriptions of a graph."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.sources.base import Graph
from kgenrich.sources.graph.describe.channels import (
    CHANNELS,
    COMPOSER,
    MEMORY,
    Reading,
    composer_keys,
    fit_calibrator,
    memory_keys,
)
from kgenrich.sources.graph.describe.description_model import (
    DescriptionModel,
    WrittenLanguage,
    choose,
    read_description,
)
from kgenrich.sources.graph.describe.forms import learn_forms
from kgenrich.sources.graph.describe.guards import Witnesses, names_have_capitals, witness
from kgenrich.sources.graph.describe.language_style import learn_style
from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record, find_roles, record
from kgenrich.sources.graph.describe.templates import abstract, template_key
from kgenrich.sources.graph.describe.trait_votes import Ballot, keep
from kgenrich.text import clean, vote_key

VERSION = "2"
"""Of what is learned: another one is not taken for it."""

_MOST_SOURCES = 10
_MOST_CALIBRATED = 8
_MOST_EXAMPLES = 2400
_MIN_TEXTS = 5
_MOST_SEEN_FIRST = 2000


_Examples = tuple[list[list[float]], list[bool], list[float]]
"""Features, what is right, and what each counts for: see `fit_calibrator`."""


class _Language(NamedTuple):
    lexicon: Lexicon
    witnesses: Witnesses
    ballots: Mapping[str, Ballot]
    own: Mapping[str, str]


def learn(
    graph: Graph,
    languages: Sequence[str],
    limit: int = 50_000,
    roles: PropertyRoles = OF_WIKIDATA,
) -> DescriptionModel:
    """Learn to describe in some languages, from at most ``limit`` entities with descriptions;
    ``roles`` are those of the graph's properties."""
    return _Miner(graph, limit, roles).learn(languages)


class _Miner:
    """The descriptions of a graph, and what is learned of them on the way. ``sources`` are the
    languages whose descriptions the memory reads."""

    def __init__(self, graph: Graph, limit: int, roles: PropertyRoles) -> None:
        self._records: dict[str, Record] = {}
        self._texts: dict[str, dict[str, str]] = {}
        self._names: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._likenesses: dict[str, tuple[str, ...]] = {}
        self._lexicons: dict[str, Lexicon] = {}
        self._readings: dict[tuple[str, str], Reading] = {}
        self._count: Counter[str] = Counter()
        described = islice(
            (e for e in graph.entities() if e.descriptions and not e.redirect and not e.deleted),
            limit,
        )
        first = list(islice(described, _MOST_SEEN_FIRST))
        self._roles = find_roles(first, roles)
        for entity in chain(first, described):
            self._records[entity.id] = record(entity, self._roles)
            self._texts[entity.id] = {c: clean(t) for c, t in entity.descriptions.items()}
            self._count.update(entity.descriptions.keys())
        values = {v for one in self._records.values() for vs in one.values.values() for v in vs}
        for entity in graph.entities(sorted(values)):
            for code in {*entity.labels, *entity.aliases}:
                self._names[code][entity.id] = entity.names(code)
            self._likenesses[entity.id] = tuple(dict.fromkeys(entity.labels.values()))
        ranked = sorted(self._count, key=lambda c: (-self._count[c], c))
        self.sources = tuple(c for c in ranked[:_MOST_SOURCES] if self._count[c] >= _MIN_TEXTS)

    def learn(self, languages: Sequence[str]) -> DescriptionModel:
        """Learn each language in turn: to calibrate on it, to describe in it, or for both."""
        calibrated = self.sources[:_MOST_CALIBRATED]
        written = {code for code in languages if self._count[code] >= _MIN_TEXTS}
        kept: dict[str, WrittenLanguage] = {}
        examples: dict[str, _Examples] = {channel: ([], [], []) for channel in CHANNELS}
        for language in (*calibrated, *sorted(written.difference(calibrated))):
            learned = self._learn(language)
            if language in calibrated:
                self._measure(language, learned, examples)
            if language in written:
                votes = {channel: keep(ballot) for channel, ballot in learned.ballots.items()}
                lexicon = learned.lexicon.for_writing()
                kept[language] = WrittenLanguage(lexicon, learned.witnesses, votes)
        return DescriptionModel(
            self._roles,
            {code: self._lexicon(code).for_reading() for code in self.sources},
            kept,
            {channel: fit_calibrator(*mine) for channel, mine in examples.items()},
        )

    def _corpus(self, language: str) -> list[tuple[Record, str]]:
        told = ((self._records[id], texts.get(language)) for id, texts in self._texts.items())
        return [(reduced, text) for reduced, text in told if text]

    def _lexicon(self, language: str) -> Lexicon:
        if language not in self._lexicons:
            corpus = self._corpus(language)
            style = learn_style([text for _, text in corpus])
            corpus = [(r, style.canonical(t)) for r, t in corpus]
            names = self._names.get(language, {})
            self._lexicons[language] = learn_forms(corpus, style, names, self._likenesses)
        return self._lexicons[language]

    def _read(self, reduced: Record, language: str) -> list[Reading]:
        """What the descriptions of an entity in the other source languages say."""
        texts, readings = self._texts[reduced.id], []
        for source in self.sources:
            text, place = texts.get(source), (reduced.id, source)
            if text and source != language:
                if place not in self._readings:
                    reading = read_description(reduced, source, text, self._lexicon(source))
                    self._readings[place] = reading
                readings.append(self._readings[place])
        return readings

    def _learn(self, language: str) -> _Language:
        lexicon = self._lexicon(language)
        style = lexicon.style
        corpus = [(r, style.canonical(t)) for r, t in self._corpus(language)]
        ballots = {COMPOSER: Ballot(), MEMORY: Ballot()}
        own: dict[str, str] = {}
        for reduced, text in corpus:
            template, _ = abstract(reduced, text, lexicon)
            own[reduced.id] = template_key(template)
            ballots[COMPOSER].add(composer_keys(reduced), reduced, template)
            keys = memory_keys(reduced, self._read(reduced, language))
            ballots[MEMORY].add(keys, reduced, template)
        plain = [c for c in self.sources if names_have_capitals(self._lexicon(c)) and c != language]

        def elsewhere(reduced: Record) -> list[str]:
            texts = self._texts[reduced.id]
            return [texts[c] for c in plain if c in texts]

        return _Language(lexicon, witness(corpus, lexicon, elsewhere), ballots, own)

    def _measure(
        self, language: str, learned: _Language, examples: Mapping[str, _Examples]
    ) -> None:
        """What each channel would say of entities that are described, and if they are so."""
        corpus = self._corpus(language)
        sizes = Counter(r.classes[:1] for r, _ in corpus)
        step = max(1, len(corpus) * _MOST_CALIBRATED // _MOST_EXAMPLES)
        for reduced, text in corpus[::step]:
            readings = self._read(reduced, language)
            weight = 1.0 / math.sqrt(sizes[reduced.classes[:1]])
            own = learned.own.get(reduced.id)
            for hidden in ("", reduced.cluster):
                best = choose(reduced, readings, *learned[:3], hidden=hidden, own=own)
                for channel, choices in best.choices.items():
                    features, right, weights = examples[channel]
                    features.append(best.features(channel))
                    right.append(vote_key(choices[0].filled.text) == vote_key(text))
                    weights.append(weight)
