"""The source ``local-search``: names that a local text gives, in any language.

Pages are found by the entity they are about, or by its names: in the title or, in other
languages, in the text. How often the names found in each way are right is counted on entities
whose names the graph has, and how far that and the likeness of a name to the entity's other names
tell, is learned on them: the score of a candidate is a probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from platformdirs import user_cache_path

from kgenrich.adapters.encoder.name_tables import TrainingNames
from kgenrich.adapters.likeness import likeness
from kgenrich.errors import InputError, SourceStopped
from kgenrich.languages import name as language_name
from kgenrich.languages import variants
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
from kgenrich.sources.casing import Casing
from kgenrich.sources.fitted_values import Fitting
from kgenrich.sources.search.name_calibration import Observation, Reliability, ScoredName
from kgenrich.sources.search.page_names import PageFinder
from kgenrich.sources.search.text_index import TextIndex, open_index
from kgenrich.text import vote_key

NAME = "local-search"
VERSION = "1"
"""Of what is learned: another one is not taken for it."""

READ = 50_000
"""Entities that are learned from."""


class LocalOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.local-search]``: the corpus (a file or several), its licence, where indexes are
    kept, how many candidates are offered and from which probability, how many terms of the graph
    the calibration looks at."""

    corpus: str | list[str] = ""
    licence: str = ""
    cache: str = ""
    candidates: int = 4
    minimum: float = 0.05
    alias_minimum: float = 0.05
    terms: int = 4_000


class LocalModel(Struct):
    """What was learned from the graph."""

    reliability: Reliability
    casing: Casing


class LocalSearch(FreeSource):
    name = NAME
    kind = SourceKind.SEARCH

    def __init__(self, context: SourceContext, options: LocalOptions, index: TextIndex) -> None:
        encoder = context.settings.encoder
        self.licence = options.licence
        self._options = options
        self._languages = context.languages
        self._likeness = likeness(encoder)
        self._finder = PageFinder(index, self._likeness)
        self._seen = _seen_by(encoder)
        self._fitting = Fitting(
            context,
            NAME,
            LocalModel,
            self._learn,
            (VERSION, self._languages, options.terms, _identity(encoder), index.digest),
            READ,
        )

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """Names for labels and aliases."""
        entity, language, kind = request.entity, request.language, request.kind
        if not kind.is_name:
            return
        is_label = kind is TermKind.LABEL
        known = set() if is_label else {vote_key(text) for text in entity.names(language)}
        minimum = self._options.minimum if is_label else self._options.alias_minimum
        pages = self._finder.find(entity, language)
        judged = self._fitting.value.reliability.judge(pages, kind, language, self._likeness)
        new = ((chance, scored) for chance, scored in judged if scored.key not in known)
        for chance, scored in islice(new, self._options.candidates):
            if chance >= minimum:
                text = scored.hit.given.text
                if scored.hit.given.way in {"title", "qualified title"}:
                    text = self._fitting.value.casing.of_title(text, entity, language)
                yield request.candidate(text, self._evidence(scored, kind, language, chance))

    def _learn(self, graph: Graph) -> LocalModel:
        """Learn from what is found for labels that the graph has, of entities in the order of a
        hash."""
        casing = Casing()
        named = (e for e in islice(graph.entities(), READ) if e.labels.keys() & self._languages)
        some = sorted(named, key=lambda entity: content_id("local search", entity.id))
        for entity in some:
            for language in entity.labels.keys() & self._languages:
                casing.observe(entity, language)
        terms = (
            (entity, language)
            for entity in some
            for language in self._languages
            if language in entity.labels
        )
        chosen = list(islice(terms, self._options.terms))
        found = [self._finder.find(_without(*term), term[1]) for term in chosen]
        seen = [False] * len(chosen)
        if any(hit.lead is not None for one in found for hit in one.hits):
            seen = self._seen([entity.labels[code] for entity, code in chosen]).tolist()
        # All at once: a call of the encoder costs as much as many names in it.
        texts = [(*one.names, *(hit.given.text for hit in one.hits)) for one in found]
        self._likeness.vectors(list(chain.from_iterable(texts)))
        known = [
            Observation(
                entity.id,
                next(iter(entity.classes), entity.id),
                language,
                vote_key(entity.labels[language]),
                frozenset(vote_key(text) for text in entity.names(language)),
                bool(entity.aliases.get(language)),
                trained_on,
                one,
            )
            for (entity, language), one, trained_on in zip(chosen, found, seen, strict=True)
        ]
        return LocalModel(Reliability.learn(known, self._likeness), casing)

    def _evidence(
        self, scored: ScoredName, kind: TermKind, language: str, chance: float
    ) -> Evidence:
        hit = scored.hit
        hits, seen = self._fitting.value.reliability.seen(kind, hit.way, language)
        counted = "not counted yet"
        if seen:
            counted = f"right for {hits} of {seen} in {language_name(language)}"
        notes = f"{hit.way} ({hit.page.title!r})", counted, scored.reason
        return Evidence(
            source=NAME,
            kind=SourceKind.SEARCH,
            from_language=hit.page.language,
            from_text=hit.page.title,
            raw=hit.page.text[:200],
            score=round(chance, 4),
            licence=self.licence,
            note="; ".join(filter(None, notes)),
        )


def _without(entity: Entity, language: str) -> Entity:
    gone = set(variants(language))
    labels = {code: text for code, text in entity.labels.items() if code not in gone}
    return Entity(entity.id, labels, classes=entity.classes)


def factory(context: SourceContext) -> LocalSearch:
    """The source over the corpora of its options.

    Raises `SourceStopped` where there is no corpus or it cannot be read, `UsageError` for options
    that it lacks and for an encoder that there is not.
    """
    options = context.read(LocalOptions)
    corpora = [options.corpus] if isinstance(options.corpus, str) else options.corpus
    paths = [Path(corpus).expanduser() for corpus in corpora if corpus]
    if not paths:
        raise SourceStopped("it has no text to search: set `corpus` in [sources.local-search]")
    cache = Path(options.cache).expanduser() if options.cache else user_cache_path("kgenrich")
    try:
        index = open_index(paths, cache / NAME)
    except InputError as error:
        raise SourceStopped(str(error)) from error
    return LocalSearch(context, options, index)


def _identity(encoder: str) -> tuple[str, int, int]:
    """An encoder's name, and when weights of one's own were written, and their size."""
    if not encoder or not Path(encoder).exists():
        return encoder, 0, 0
    status = Path(encoder).stat()
    return encoder, status.st_mtime_ns, status.st_size


def _seen_by(encoder: str) -> Callable[[Sequence[str]], NDArray[np.bool_]]:
    """Tells which names the encoder was trained on. Weights made by ``kgenrich adapters train``
    have the list beside them; of others nothing is known."""
    beside = Path(encoder).with_name("seen.safetensors") if encoder else None
    if beside is None or beside.is_file():
        return TrainingNames.load(beside)
    return lambda names: np.zeros(len(names), bool)
