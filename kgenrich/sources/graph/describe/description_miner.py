"""Descriptions mined from a graph: fitted once, asked by the composer and by the memory."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from itertools import chain, islice
from typing import NamedTuple

from kgenrich.model import Entity
from kgenrich.sources.base import Graph
from kgenrich.sources.graph.describe.channel_calibration import Calibrator
from kgenrich.sources.graph.describe.channel_choices import CHANNELS, COMPOSER, MEMORY, Best, same
from kgenrich.sources.graph.describe.forms import learn_forms
from kgenrich.sources.graph.describe.guards import Witnesses, names_have_capitals, refuse
from kgenrich.sources.graph.describe.language_style import learn_style
from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record, find_roles, record
from kgenrich.sources.graph.describe.shared_traits import Reading, composer_keys, memory_keys
from kgenrich.sources.graph.describe.templates import abstract, show, template_key
from kgenrich.sources.graph.describe.trait_votes import Ballot, Choice, elect
from kgenrich.text import clean, vote_key

_MOST_SOURCES = 10
_MOST_CALIBRATED = 8
_MOST_EXAMPLES = 2400
_MIN_TEXTS = 5
_MOST_SEEN_FIRST = 2000
_MOST_ASKED = 20_000
_MOST_CHOICES = 3


class Said(NamedTuple):
    """What one channel proposes. ``from_language`` and ``from_text`` are those of the description
    that the memory started from, empty for the composer."""

    choice: Choice
    probability: float
    from_language: str = ""
    from_text: str = ""

    def note(self) -> str:
        """A sentence for people: pattern, support, examples."""
        choice = self.choice
        where = f" where {self.from_language} says “{self.from_text}”" if self.from_text else ""
        examples = ", ".join(choice.examples)
        return (
            f"Pattern “{show(choice.template)}”{where}: {choice.best_votes} described so"
            f" ({choice.best_share:.0%} of their like), such as {examples}."
        )


class _Language(NamedTuple):
    lexicon: Lexicon
    witnesses: Witnesses
    ballots: Mapping[str, Ballot]
    own: Mapping[str, str]


class Mine:
    """All that was learned from a graph's descriptions.

    At most ``limit`` entities with descriptions are read. Languages are learned when first asked
    for. ``sources`` are the languages whose descriptions the memory reads.
    """

    def __init__(self, graph: Graph, limit: int = 50_000) -> None:
        self._records: dict[str, Record] = {}
        self._texts: dict[str, dict[str, str]] = {}
        self._names: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._likenesses: dict[str, tuple[str, ...]] = {}
        wanted: set[str] = set()
        count: Counter[str] = Counter()
        described = islice(
            (e for e in graph.entities() if e.descriptions and not e.redirect and not e.deleted),
            limit,
        )
        first = list(islice(described, _MOST_SEEN_FIRST))
        self._roles = find_roles(first)
        for entity in chain(first, described):
            reduced = record(entity, self._roles)
            self._records[entity.id] = reduced
            self._texts[entity.id] = {c: clean(t) for c, t in entity.descriptions.items()}
            count.update(entity.descriptions.keys())
            wanted.update(v for vs in reduced.values.values() for v in vs)
        for entity in graph.entities(sorted(wanted)):
            languages = {*entity.labels, *entity.aliases}
            self._names[entity.id] = {c: entity.names(c) for c in languages}
            self._likenesses[entity.id] = tuple(dict.fromkeys(entity.labels.values()))
        ranked = sorted(count, key=lambda c: (-count[c], c))
        self.sources = tuple(c for c in ranked[:_MOST_SOURCES] if count[c] >= _MIN_TEXTS)
        self._count = count
        self._lexicons: dict[str, Lexicon] = {}
        self._readings: dict[tuple[str, str], Reading] = {}
        self._languages: dict[str, _Language] = {}
        self._calibrators: dict[str, Calibrator] | None = None
        self._asked: dict[tuple[str, str], tuple[Entity, dict[str, Said]]] = {}

    def propose(self, entity: Entity, language: str, channel: str) -> Said | None:
        """What a channel proposes for an entity, or None where it abstains."""
        if self._count[language] < _MIN_TEXTS:
            return None
        # Both channels are asked in turn about the same entities: they are answered at once.
        known = self._asked.get((entity.id, language))
        if known is None or known[0] != entity:
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            known = self._asked[entity.id, language] = entity, self._answer(entity, language)
        return known[1].get(channel)

    def _answer(self, entity: Entity, language: str) -> dict[str, Said]:
        if self._calibrators is None:
            self._calibrators = self._calibrate()
        given = entity.descriptions
        texts = {c: clean(given[c]) for c in self.sources if c in given and c != language}
        best = self._best(record(entity, self._roles), texts, language, set(entity.names(language)))
        said = {}
        for channel, choices in best.choices.items():
            probability = self._calibrators[channel].probability(best.features(channel))
            top = choices[0]
            source = top.key[0] if channel == MEMORY and isinstance(top.key, tuple) else ""
            said[channel] = Said(top, probability, source, texts.get(source, ""))
        return said

    # -- learning ---------------------------------------------------------------------------

    def _corpus(self, language: str) -> list[tuple[Record, str]]:
        return [
            (self._records[i], texts[language])
            for i, texts in self._texts.items()
            if texts.get(language)
        ]

    def _lexicon(self, language: str) -> Lexicon:
        if language not in self._lexicons:
            corpus = self._corpus(language)
            style = learn_style([text for _, text in corpus])
            corpus = [(r, style.canonical(t)) for r, t in corpus]
            self._lexicons[language] = learn_forms(
                corpus,
                style,
                lambda value: self._names.get(value, {}).get(language, ()),
                lambda value: self._likenesses.get(value, ()),
            )
        return self._lexicons[language]

    def _read(self, reduced: Record, texts: Mapping[str, str], language: str) -> list[Reading]:
        readings = []
        for source in self.sources:
            text = texts.get(source)
            if not text or source == language:
                continue
            known = self._readings.get((reduced.id, source))
            if known is None or known.text != text:
                lexicon = self._lexicon(source)
                template, values = abstract(reduced, lexicon.style.canonical(text), lexicon)
                known = Reading(source, text, vote_key(text), template_key(template), values)
                if reduced.id in self._records:
                    self._readings[reduced.id, source] = known
            readings.append(known)
        return readings

    def _language(self, language: str) -> _Language:
        if language in self._languages:
            return self._languages[language]
        lexicon = self._lexicon(language)
        style = lexicon.style
        corpus = [(r, style.canonical(t)) for r, t in self._corpus(language)]
        ballots = {COMPOSER: Ballot(), MEMORY: Ballot()}
        own: dict[str, str] = {}
        for reduced, text in corpus:
            template, _ = abstract(reduced, text, lexicon)
            own[reduced.id] = template_key(template)
            readings = self._read(reduced, self._texts[reduced.id], language)
            ballots[COMPOSER].add(composer_keys(reduced), reduced, template)
            ballots[MEMORY].add(memory_keys(reduced, readings), reduced, template)
        plain = [c for c in self.sources if names_have_capitals(self._lexicon(c)) and c != language]

        def elsewhere(reduced: Record) -> list[str]:
            texts = self._texts[reduced.id]
            return [texts[c] for c in plain if c in texts]

        witnesses = Witnesses(corpus, lexicon, elsewhere)
        self._languages[language] = _Language(lexicon, witnesses, ballots, own)
        return self._languages[language]

    # -- answering --------------------------------------------------------------------------

    def _best(
        self,
        reduced: Record,
        texts: Mapping[str, str],
        language: str,
        labels: Collection[str],
        hidden: str = "",
        own: bool = False,
    ) -> Best:
        """What each channel would say; without the votes of a ``hidden`` cluster, and without
        the entity's ``own``."""
        learned = self._language(language)
        mine = learned.own.get(reduced.id) if own else None
        readings = self._read(reduced, texts, language)
        said = frozenset(value for reading in readings for value in reading.values)
        keys = {COMPOSER: composer_keys(reduced), MEMORY: memory_keys(reduced, readings)}
        found: dict[str, list[Choice]] = {}
        for channel in CHANNELS:
            choices = elect(
                learned.ballots[channel],
                keys[channel],
                reduced,
                learned.lexicon,
                said=said,
                hidden=hidden,
                own=mine,
            )
            for place, choice in enumerate(choices[:_MOST_CHOICES]):
                if not refuse(
                    choice.filled,
                    choice.template,
                    reduced,
                    learned.lexicon,
                    learned.witnesses,
                    texts=texts,
                    said=said,
                    labels=labels,
                ):
                    found[channel] = choices[place:]
                    break
        # What only some entities are said to be needs a witness in another language.
        if COMPOSER in found and learned.ballots[COMPOSER].varies(found[COMPOSER][0].name):
            agreed = MEMORY in found and same(found[MEMORY][0], found[COMPOSER][0])
            if not agreed:
                del found[COMPOSER]
        asked = [key.what for key in keys[MEMORY] if key.main]
        heard = sum(
            bool(learned.ballots[MEMORY].tallies(what, hidden, mine, reduced.cluster)[0])
            for what in asked
        )
        return Best(found, heard / len(asked) if asked else 0.5, len(readings))

    def _calibrate(self) -> dict[str, Calibrator]:
        features: dict[str, list[list[float]]] = defaultdict(list)
        right: dict[str, list[bool]] = defaultdict(list)
        weights: dict[str, list[float]] = defaultdict(list)
        for language in self.sources[:_MOST_CALIBRATED]:
            corpus = self._corpus(language)
            sizes = Counter(r.classes[:1] for r, _ in corpus)
            step = max(1, len(corpus) * _MOST_CALIBRATED // _MOST_EXAMPLES)
            for reduced, text in corpus[::step]:
                said = self._texts[reduced.id]
                texts = {c: said[c] for c in self.sources if c in said and c != language}
                weight = 1.0 / math.sqrt(sizes[reduced.classes[:1]])
                for hidden in ("", reduced.cluster):
                    best = self._best(reduced, texts, language, set(), hidden, own=True)
                    for channel, choices in best.choices.items():
                        features[channel].append(best.features(channel))
                        right[channel].append(vote_key(choices[0].filled.text) == vote_key(text))
                        weights[channel].append(weight)
        return {c: Calibrator(features[c], right[c], weights[c]) for c in CHANNELS}
