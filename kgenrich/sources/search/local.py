"""The source ``local-search``: names that a local text gives, in any language.

Pages are found by the entity they are about, or by its names: in the title or, in other
languages, in the text. How often the names found in each way are right is counted on entities
whose names the graph has, so that the score of a candidate is a probability.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from msgspec import Struct
from platformdirs import user_cache_path

from kgenrich.errors import InputError, SourceStopped
from kgenrich.languages import name as language_name
from kgenrich.languages import script, variants
from kgenrich.model import (
    Candidate,
    Entity,
    Evidence,
    SourceKind,
    TermKind,
    TermRequest,
    content_id,
)
from kgenrich.sources.base import Answer, Graph, SourceContext
from kgenrich.sources.casing import Casing
from kgenrich.sources.graph.scripts import conversions
from kgenrich.sources.options import read
from kgenrich.sources.search.extract import Given, names
from kgenrich.sources.search.index import Page, TextIndex, open_index
from kgenrich.text import vote_key

NAME = "local-search"

STRENGTH = 5.0
"""Observations that the rate over all languages counts for in one language."""

ASKED_IN = ("en", "de", "fr", "es", "it", "ru", "ja", "zh", "ar")
"""Languages whose names are looked for first, and how many names of an entity are."""
MOST_NAMES = 4


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.local-search]``: the corpus (a file or several), its licence, where indexes are
    kept, how many candidates are offered and from which probability, how many terms of the graph
    the calibration looks at."""

    corpus: str | list[str] = ""
    licence: str = ""
    cache: str = ""
    candidates: int = 4
    minimum: float = 0.05
    alias_minimum: float = 0.05
    terms: int = 1_500


class Hit(Struct, frozen=True):
    """A name and the page that gives it; ``way`` is how the page was found and where the name
    stands in it."""

    given: Given
    page: Page
    way: str


class LocalSearch:
    """See the module."""

    name = NAME
    kind = SourceKind.SEARCH

    def __init__(
        self, index: TextIndex, graph: Graph, languages: Sequence[str], options: Options
    ) -> None:
        self.licence = options.licence
        self._index = index
        self._options = options
        self._languages = tuple(languages)
        self._casing = Casing(self._languages)
        self._rates: dict[tuple[TermKind, str, str], tuple[int, int]] = {}
        self._calibrate(graph)

    def fingerprint(self, request: TermRequest) -> str | None:
        """None: this source is free."""
        return None

    def propose(self, requests: Sequence[TermRequest]) -> Iterator[Answer]:
        """Names for labels and aliases."""
        for request in requests:
            if request.kind is not TermKind.DESCRIPTION:
                yield Answer(request, tuple(self._candidates(request)))

    def _candidates(self, request: TermRequest) -> Iterator[Candidate]:
        entity, language, kind = request.entity, request.language, request.kind
        known = {vote_key(text) for text in entity.names(language)}
        best: dict[str, tuple[float, Hit]] = {}
        for hit in self._hits(entity, language):
            chance = self._rate(kind, hit.way, language)
            key = vote_key(hit.given.text)
            is_new = kind is TermKind.LABEL or key not in known
            if is_new and chance > best.get(key, (0.0, None))[0]:
                best[key] = (chance, hit)
        ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].given.text))
        is_label = kind is TermKind.LABEL
        minimum = self._options.minimum if is_label else self._options.alias_minimum
        for chance, hit in ranked[: self._options.candidates]:
            if chance >= minimum:
                text = hit.given.text
                if hit.given.way in {"title", "qualified title"}:
                    text = self._casing.of_title(text, entity, language)
                evidence = self._evidence(hit, kind, language, chance)
                yield Candidate(entity.id, language, kind, text, (evidence,))

    def _hits(self, entity: Entity, language: str) -> Iterator[Hit]:
        """Every name that some page gives, the surest way of finding the page first."""
        seen: set[tuple[str, str]] = set()

        def given(found: Sequence[Page], how: str) -> Iterator[Hit]:
            for page in found:
                place = (page.language, page.title)
                if place not in seen:
                    seen.add(place)
                    for one in names(page, language):
                        yield Hit(one, page, f"{one.way}, {how}")
                        for way, text in _converted(one.text, page.language, language):
                            written = Given(text, one.way)
                            yield Hit(written, page, f"{one.way} ({way}), {how}")

        yield from given(self._index.of_entity(entity.id), "page of the entity")
        family = [code for code in variants(language) if self._index.speaks(code)]
        for code, name in _wanted(entity, language):
            yield from given(self._index.titled(name, code), "page of that title")
            for own in family:
                pages = self._index.mentioning(name, own)
                bracketed = [page for page in pages if _in_bracket(name, page)]
                yield from given(bracketed, "page that gives it in brackets")

    def _calibrate(self, graph: Graph) -> None:
        """Count how often each way is right, on entities in the order of a hash."""
        some = [
            entity
            for entity in islice(graph.entities(), 50_000)
            if any(language in entity.labels for language in self._languages)
        ]
        some.sort(key=lambda entity: content_id("local search", entity.id))
        for entity in some:
            for language in entity.labels.keys() & self._languages:
                self._casing.observe(entity, language)
        looked = 0
        for entity in some:
            for language in self._languages:
                label = entity.labels.get(language)
                if label is None or looked >= self._options.terms:
                    continue
                looked += 1
                bare = _without(entity, language)
                right = {vote_key(text) for text in entity.names(language)}
                found = {(hit.way, vote_key(hit.given.text)) for hit in self._hits(bare, language)}
                for way, key in found:
                    self._count(TermKind.LABEL, way, language, key in right)
                    if key != vote_key(label) and entity.aliases.get(language):
                        self._count(TermKind.ALIAS, way, language, key in right)

    def _count(self, kind: TermKind, way: str, language: str, right: bool) -> None:
        for where in (language, script(language), ""):
            hits, seen = self._rates.get((kind, way, where), (0, 0))
            self._rates[kind, way, where] = (hits + right, seen + 1)

    def _rate(self, kind: TermKind, way: str, language: str) -> float:
        """The rate in the language, shrunk to that in its script, to that everywhere, to a cautious
        guess: half for labels, a tenth for aliases."""
        rate = 0.5 if kind is TermKind.LABEL else 0.1
        for where in ("", script(language), language):
            hits, seen = self._rates.get((kind, way, where), (0, 0))
            rate = (hits + STRENGTH * rate) / (seen + STRENGTH)
        return rate

    def _evidence(self, hit: Hit, kind: TermKind, language: str, chance: float) -> Evidence:
        hits, seen = self._rates.get((kind, hit.way, language), (0, 0))
        counted = (
            f"right for {hits} of {seen} in {language_name(language)}"
            if seen
            else "not counted yet"
        )
        return Evidence(
            source=NAME,
            kind=SourceKind.SEARCH,
            from_language=hit.page.language,
            from_text=hit.page.title,
            raw=hit.page.text[:200],
            score=round(chance, 4),
            licence=self.licence,
            note=f"{hit.way} ({hit.page.title!r}); {counted}",
        )


def _wanted(entity: Entity, language: str) -> Iterator[tuple[str, str]]:
    """Names to look for, with their languages."""
    others = sorted(set(entity.labels) - set(ASKED_IN))
    order = [code for code in (*ASKED_IN, *others) if code in entity.labels and code != language]
    distinct = {entity.labels[code]: code for code in reversed(order)}
    for name, code in islice(reversed(distinct.items()), MOST_NAMES):
        if len(vote_key(name)) > 3:
            yield code, name


def _converted(text: str, written: str, wanted: str) -> tuple[tuple[str, str], ...]:
    """The name in the scripts of the variants of the language it is wanted in; a page in an
    undivided language (Chinese, Serbian) may be written in either."""
    others = [code for code in variants(wanted) if code != wanted]
    other = written if written != wanted or not others else others[0]
    return conversions(text, other, wanted)


def _in_bracket(name: str, page: Page) -> bool:
    """Whether the page gives the name within brackets near its beginning."""
    lead = page.text[:300]
    place = lead.find(name)
    return place > 0 and (
        lead.rfind("(", 0, place) > lead.rfind(")", 0, place)
        or lead.rfind("（", 0, place) > lead.rfind("）", 0, place)
    )


def _without(entity: Entity, language: str) -> Entity:
    gone = set(variants(language))
    return Entity(
        entity.id,
        labels={code: text for code, text in entity.labels.items() if code not in gone},
        classes=entity.classes,
    )


def factory(context: SourceContext) -> LocalSearch:
    """The source over the corpora of its options.

    Raises `SourceStopped` where there is no corpus or it cannot be read, `UsageError` for options
    that it lacks.
    """
    options = read(NAME, context.options, Options)
    corpora = [options.corpus] if isinstance(options.corpus, str) else options.corpus
    paths = [Path(corpus).expanduser() for corpus in corpora if corpus]
    if not paths:
        raise SourceStopped("it has no text to search: set `corpus` in [sources.local-search]")
    cache = Path(options.cache).expanduser() if options.cache else user_cache_path("kgenrich")
    try:
        index = open_index(paths, cache / NAME)
    except InputError as error:
        raise SourceStopped(str(error)) from error
    return LocalSearch(index, context.graph, context.languages, options)
