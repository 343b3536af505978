"""Pages found by a title that is like a name of the entity, in whatever script the name is.

It serves corpora whose pages do not say what they are about: with an id, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.adapters.likeness import Likeness
from kgenrich.corpus import Page
from kgenrich.sources.search.text_index import TextIndex
from kgenrich.text import strip_qualifier

MOST_TITLES = 100_000
"""Pages of one language whose titles are compared; their vectors take 26 MB (of the shipped
encoder) in half precision."""

NEAREST = 2
LOWEST = 0.4
"""Pages that are looked at for one entity, and the cosine under which none is."""

_BLOCK = 8192


class SimilarTitle(Struct, frozen=True):
    """A page whose title is like a name, and how much more than the next title: the difference of
    their cosines, negative for all but the first."""

    page: Page
    lead: float


class TitleIndex:
    """The titles of an index, as vectors; those of a language are made when it is first asked."""

    def __init__(self, index: TextIndex, likeness: Likeness) -> None:
        self._index = index
        self._likeness = likeness
        self._known: dict[str, tuple[list[Page], NDArray[np.float16]]] = {}

    def nearest(self, names: Sequence[str], language: str) -> list[SimilarTitle]:
        """The pages in the language, of none that is known what they are about, whose titles are
        most like one of the names."""
        pages, titles = self._titles(language)
        if not pages or not names:
            return []
        vectors = self._likeness.vectors(names).T
        blocks = [
            (titles[start : start + _BLOCK].astype(np.float32) @ vectors).max(axis=1)
            for start in range(0, len(titles), _BLOCK)
        ]
        alike = np.concatenate(blocks)
        few = min(NEAREST + 1, len(alike))
        best = np.argpartition(-alike, few - 1)[:few]
        best = best[np.argsort(-alike[best], kind="stable")]
        found = []
        for place, page in enumerate(best[:NEAREST]):
            rival = best[1 - min(place, 1)] if len(best) > 1 else None
            lead = alike[page] - (0.0 if rival is None else alike[rival])
            if alike[page] >= LOWEST:
                found.append(SimilarTitle(pages[page], float(lead)))
        return found

    def _titles(self, language: str) -> tuple[list[Page], NDArray[np.float16]]:
        if language not in self._known:
            pages = self._index.anonymous(language, MOST_TITLES)
            bare = [strip_qualifier(page.title) for page in pages]
            vectors = self._likeness.encoder.encode(bare).astype(np.float16)
            self._known[language] = (pages, vectors)
        return self._known[language]
