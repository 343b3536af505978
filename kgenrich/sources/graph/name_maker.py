"""Candidates for names by what was learned: routes, phrases and words by sound together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from kgenrich.languages import script
from kgenrich.model import MUL, Entity
from kgenrich.sources.graph.copy_counts import CopyCounts
from kgenrich.sources.graph.name_candidates import Composed, NameCandidate, name_candidates
from kgenrich.sources.graph.name_kinds import KindCounts, kinds_of
from kgenrich.sources.graph.name_routes import RoutedTexts
from kgenrich.sources.graph.phrases.composer import Composer
from kgenrich.sources.graph.phrases.phrase_table import PhraseTable, owner_of
from kgenrich.sources.graph.phrases.words_by_sound import WordWays, writer
from kgenrich.sources.graph.two_scripts import ScriptCounts, is_undivided

MOST_NAMES = 4
"""Names of an entity that are translated: the label and some aliases."""

ENOUGH = 20
"""Labels of a language without which no names are put together in it."""

_NOTHING = PhraseTable()


class LanguageNames(Struct):
    """What the names of a language teach: phrases, what becomes of which kinds of names, and in
    which script they are where there are two."""

    table: PhraseTable
    kinds: KindCounts
    scripts: ScriptCounts


class SourceNames(NamedTuple):
    """Names that others are made from: their language, and the texts, the label first."""

    language: str
    texts: tuple[str, ...]


def source_names(entity: Entity, hub: str, target: str) -> SourceNames | None:
    """Those in the language that phrases are learned from (or `mul`); else in one that can be
    written in the target by sound."""
    labels = entity.labels
    for language in (hub, MUL):
        if language in labels and language != target:
            names = (labels[language], *entity.aliases.get(language, ()))
            return SourceNames(hub, names[:MOST_NAMES])
    for language in sorted(labels):
        if language != target and writer(language, target) is not None:
            return SourceNames(language, (labels[language],))
    return None


class NameMaker:
    """Makes candidates by what was ``learned`` of the target languages; ``superclass`` is the
    graph's property for what a class is a kind of."""

    def __init__(
        self,
        hub: str,
        counts: CopyCounts,
        learned: Mapping[str, LanguageNames],
        ways: WordWays,
        superclass: str = "",
    ) -> None:
        self._superclass = superclass
        self._hub, self._counts, self._ways = hub, counts, ways
        self._learned = learned
        self._composers: dict[tuple[str, str], Composer] = {}

    def prepare(self, asked: Iterable[tuple[Entity, str]]) -> None:
        """Work out the words by sound of many names at once."""
        words: dict[tuple[str, str], set[str]] = {}
        for entity, target in asked:
            names = source_names(entity, self._hub, target)
            if names is not None and self.has_learned(target):
                composer = self._composer(names.language, target)
                wanted = words.setdefault((names.language, target), set())
                for text in names.texts:
                    wanted.update(composer.unknown_words(text))
        for (language, target), wanted in words.items():
            self._ways.of(wanted, language, target)

    def candidates(self, entity: Entity, target: str, found: RoutedTexts) -> list[NameCandidate]:
        """The candidates for an entity's name, by routes and parts; see `prepare`."""
        names = source_names(entity, self._hub, target)
        composed: list[Composed] = []
        name = names.texts[0] if names is not None else ""
        kinds = kinds_of(entity, name, self._hub, self._superclass)
        if names is not None and self.has_learned(target):
            composer = self._composer(names.language, target)
            sounds = self._ways.of((), names.language, target)
            owner = owner_of(entity.id)
            for place, text in enumerate(names.texts):
                parts = composer.compose(text, sounds, owner)
                if is_undivided(target):
                    parts = self._learned[target].scripts.written(parts, kinds)
                composed += (Composed(part, not place) for part in parts)
        counts = self._learned[target].kinds if target in self._learned else KindCounts()
        return name_candidates(self._counts, entity, target, found, composed, kinds, counts, name)

    def has_learned(self, target: str) -> bool:
        """Whether enough labels of a language were read to put names in it together."""
        learned = self._learned.get(target)
        return learned is not None and learned.table.labels >= ENOUGH

    def _composer(self, language: str, target: str) -> Composer:
        key = language, target
        if key not in self._composers:
            is_known = language == self._hub and target in self._learned
            table = self._learned[target].table if is_known else _NOTHING
            foreign = script(language) != script(target)
            self._composers[key] = Composer(table, foreign=foreign)
        return self._composers[key]


def pairs_of(entity: Entity, hub: str, target: str) -> tuple[Sequence[str], Sequence[str]] | None:
    """The names in the language that phrases are learned from, and those in the target."""
    if hub == target or hub not in entity.labels or target not in entity.labels:
        return None
    return entity.names(hub), entity.names(target)
