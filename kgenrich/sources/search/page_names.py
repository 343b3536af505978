"""The names that the pages of a corpus give of an entity, with how each page was found.

Pages that do not say what they are about are also found by a title that is like a name of the
entity, in whatever script the name is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.likeness import Likeness
from kgenrich.corpus import Page
from kgenrich.languages import variants
from kgenrich.model import Entity
from kgenrich.sources.graph.scripts import conversions
from kgenrich.sources.naturalise import named
from kgenrich.sources.search.name_extraction import PageName, names
from kgenrich.sources.search.text_index import TextIndex
from kgenrich.text import strip_qualifier, vote_key

ASKED_IN = ("en", "de", "fr", "es", "it", "ru", "ja", "zh", "ar")
"""Languages whose names are looked for first, how many names of an entity are, and how many are
compared."""
MOST_NAMES = 4
MOST_COMPARED = 12

MOST_TITLES = 100_000
"""Pages of one language whose titles are compared; their vectors take 26 MB (of the shipped
encoder) in half precision."""

NEAREST = 2
LOWEST = 0.4
"""Pages that are looked at for one entity, and the cosine under which none is."""

_BLOCK = 8192


class PageHit(Struct, frozen=True):
    """A name and the page that gives it; ``way`` is how the page was found and where the name
    stands in it. Of a page that was found because its title is like the entity's names, ``lead``
    is how much more like than any other title."""

    given: PageName
    page: Page
    way: str
    lead: float | None = None


class PageNames(Struct, frozen=True):
    """What a corpus gives of an entity in a language: the ``hits``, the surest way of finding the
    page first; the ``names`` of the entity in other languages; of every other page about the
    entity, whether it bears the entity's label in its own language as title (``titled``)."""

    hits: tuple[PageHit, ...]
    names: tuple[str, ...]
    titled: tuple[bool, ...]


class PageFinder:
    """Searches one index. Its titles are kept as vectors; those of a language are made when they
    are first needed."""

    def __init__(self, index: TextIndex, likeness: Likeness) -> None:
        self._index = index
        self._likeness = likeness
        self._titles: dict[str, tuple[list[Page], NDArray[np.float16]]] = {}

    def find(self, entity: Entity, language: str) -> PageNames:
        """Everything that some page gives."""
        own = self._index.of_entity(entity.id)
        known = other_names(entity, language)
        family = set(variants(language))
        titled = tuple(
            vote_key(strip_qualifier(page.title)) == vote_key(entity.labels[page.language])
            for page in own
            if page.language in entity.labels and page.language not in family
        )
        return PageNames(tuple(self._hits(entity, language, own, known)), known, titled)

    def _hits(
        self, entity: Entity, language: str, own: Sequence[Page], known: Sequence[str]
    ) -> Iterator[PageHit]:
        seen: set[tuple[str, str]] = set()

        def given(found: Sequence[Page], how: str, lead: float | None = None) -> Iterator[PageHit]:
            for page in found:
                place = (page.language, page.title)
                if place not in seen:
                    seen.add(place)
                    for one in names(page, language):
                        yield PageHit(one, page, f"{one.way}, {how}", lead)
                        for way, text in _converted(one.text, page.language, language):
                            written = PageName(text, one.way)
                            yield PageHit(written, page, f"{one.way} ({way}), {how}", lead)

        yield from given(own, "page of the entity")
        family = [code for code in variants(language) if self._index.speaks(code)]
        for code, name in _wanted(named(entity, language), language):
            yield from given(self._index.titled(name, code), "page of that title")
            for mine in family:
                pages = self._index.mentioning(name, mine)
                bracketed = [page for page in pages if _in_bracket(name, page)]
                yield from given(bracketed, "page that gives it in brackets")
        for mine in family:
            for alike, lead in self._nearest(known, mine):
                yield from given([alike], "page of a title like its names", lead)

    def _nearest(self, names: Sequence[str], language: str) -> Iterator[tuple[Page, float]]:
        """The pages in the language, of none that is known what they are about, whose titles are
        most like one of the names, each with how much more than the next title: the difference of
        their cosines, negative for all but the first."""
        pages, titles = self._titles_in(language)
        if not pages or not names:
            return
        vectors = self._likeness.vectors(names).T
        blocks = [
            (titles[start : start + _BLOCK].astype(np.float32) @ vectors).max(axis=1)
            for start in range(0, len(titles), _BLOCK)
        ]
        alike = np.concatenate(blocks)
        few = min(NEAREST + 1, len(alike))
        best = np.argpartition(-alike, few - 1)[:few]
        best = best[np.argsort(-alike[best], kind="stable")]
        for place, page in enumerate(best[:NEAREST]):
            rival = best[1 - min(place, 1)] if len(best) > 1 else None
            lead = alike[page] - (0.0 if rival is None else alike[rival])
            if alike[page] >= LOWEST:
                yield pages[page], float(lead)

    def _titles_in(self, language: str) -> tuple[list[Page], NDArray[np.float16]]:
        if language not in self._titles:
            pages = self._index.anonymous(language, MOST_TITLES)
            bare = [strip_qualifier(page.title) for page in pages]
            vectors = self._likeness.encoder.encode(bare).astype(np.float16)
            self._titles[language] = (pages, vectors)
        return self._titles[language]


def other_names(entity: Entity, language: str) -> tuple[str, ...]:
    """The entity's distinct names in other languages than this one and its variants, those of the
    languages that are asked first before the others."""
    gone = set(variants(language))
    codes = [code for code in _ordered(entity) if code not in gone]
    labels = [entity.labels[code] for code in codes]
    aliases = [text for code in codes for text in entity.aliases.get(code, ())]
    return tuple(islice(dict.fromkeys(labels + aliases), MOST_COMPARED))


def _ordered(entity: Entity) -> list[str]:
    others = sorted(set(entity.labels) - set(ASKED_IN))
    return [code for code in (*ASKED_IN, *others) if code in entity.labels]


def _wanted(entity: Entity, language: str) -> Iterator[tuple[str, str]]:
    """Names to look for, with their languages."""
    order = [code for code in _ordered(entity) if code != language]
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
    return place > 0 and any(
        lead.rfind(opening, 0, place) > lead.rfind(closing, 0, place)
        for opening, closing in ("()", "（）")
    )
