"""An index of the names of a graph: which names are like one that is asked for.

It is a folder: what tantivy keeps, the rows (`kgenrich.matching.name_rows`) and ``state.json``,
which says what of them holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from kgenrich.errors import KgenrichError
from kgenrich.matching import name_forms as forms
from kgenrich.matching.name_forms import NameForms, name_forms
from kgenrich.matching.name_rows import NameRow, NameRows
from kgenrich.text import UNICODE

VERSION = f"1 {forms.VERSION} {UNICODE}"
"""Of the layout and the forms: another one makes another index."""

STATE = "state.json"
RETRIEVED = 60
"""Names that are looked at closely."""

_WORDS_ASKED = 12
_NEAR = 8.0
"""What a word with another letter counts; a word that is the same counts more, if it is rare."""
_SHORTEST_INEXACT = 3
"""Letters of a word in which one may be wrong, if no name has it as it is."""


class IndexState(Struct, frozen=True):
    """What an index holds: the last ``change`` of the store that is in it, with the ``mark`` that
    tells it from that of another store, how many ``rows`` there are and how many of them are
    ``live``."""

    version: str
    change: int
    mark: str
    rows: int = 0
    live: int = 0


class NameIndex:
    """Finds names, in any script, with words in any order, and with a letter wrong."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        self.folder = folder
        state = read_state(folder)
        if state is None:
            raise KgenrichError(f"{folder} holds no index of names: delete it to build it anew.")
        self.state = state
        try:
            self._index = tantivy.Index.open(str(folder))
            register(self._index)
            self._searcher = self._index.searcher()
        except ValueError as error:
            raise KgenrichError(
                f"The index {folder} cannot be opened ({error}): delete it to build it anew."
            ) from error
        self.rows = NameRows(folder, state.rows)
        self._schema = self._index.schema

    def search(
        self, text: str, members: Collection[int] = (), most: int = RETRIEVED
    ) -> list[NameRow]:
        """The names that are most like a text; with ``members`` those of entities that are in one
        of these classes."""
        alike = self._alike(name_forms(text))
        return self._found(alike, members, most) if alike else []

    def beginning(
        self, text: str, members: Collection[int] = (), role: str = "", most: int = RETRIEVED
    ) -> list[NameRow]:
        """The names with all the words of a text, the last of which may go on, well-known
        entities first; ``role``: of classes or properties alone."""
        query, must = self._tantivy.Query, self._tantivy.Occur.Must
        words = name_forms(text).words.split()[:_WORDS_ASKED]
        parts = [(must, self._term("words", word)) for word in words[:-1]]
        if words:
            last = query.fuzzy_term_query(self._schema, "words", words[-1], 0, True, True)
            parts.append((must, last))
        if role:
            parts.append((must, self._term("role", role)))
        if not parts:
            parts.append((must, query.all_query()))
        return self._found(parts, members, most, by_links=True)

    def _alike(self, asked: NameForms) -> list[Any]:
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        parts = []
        for word, sound in list(zip(asked.words.split(), asked.sounds.split(), strict=True))[
            :_WORDS_ASKED
        ]:
            parts.append((should, self._term("words", word)))
            parts.append((should, self._term("sounds", sound)))
            is_known = self._searcher.doc_freq("words", word) > 0
            if len(word) >= _SHORTEST_INEXACT and not is_known:
                near = query.fuzzy_term_query(self._schema, "words", word, 1)
                parts.append((should, query.boost_query(near, _NEAR)))
        for pair in asked.pairs.split()[: 2 * _WORDS_ASKED]:
            parts.append((should, self._term("pairs", pair)))
        return parts

    def _found(
        self, parts: Sequence[Any], members: Collection[int], most: int, *, by_links: bool = False
    ) -> list[NameRow]:
        query, must = self._tantivy.Query, self._tantivy.Occur.Must
        whole = query.boolean_query(list(parts))
        if members:
            named = [str(key) for key in sorted(members)]
            among = query.const_score_query(
                query.term_set_query(self._schema, "classes", named), 0.0
            )
            whole = query.boolean_query([(must, whole), (must, among)])
        weight = "links" if by_links else None
        hits = self._searcher.search(whole, most, count=False, weight_by_field=weight).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return self.rows.read([int(row) for row in rows if row is not None])

    def _term(self, field: str, text: str) -> Any:
        return self._tantivy.Query.term_query(self._schema, field, text)


def read_state(folder: Path) -> IndexState | None:
    """What the index in a folder holds; None where there is none that this version can read."""
    try:
        state = msgspec.json.decode((folder / STATE).read_bytes(), type=IndexState)
    except (OSError, msgspec.DecodeError):
        return None
    return state if state.version == VERSION else None


def register(index: Any) -> None:
    """Have an index take words as they stand between spaces."""
    import tantivy

    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("spaced", analyzer)
