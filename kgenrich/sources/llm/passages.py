"""Passages in which a model may find the term: pages in the language about the entity, or that
hold its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct
from platformdirs import user_cache_path

from kgenrich.model import TermRequest
from kgenrich.sources.naturalise import source_language

PASSAGES, LONGEST = 4, 600
"""How many passages are given, and code points of each."""


class Passage(Struct, frozen=True):
    """A piece of text with where it is from."""

    text: str
    url: str = ""
    licence: str = ""


Retriever = Callable[[TermRequest], Sequence[Passage]]


def from_corpus(path: str, licence: str = "") -> Retriever:
    """Passages from a local corpus (see `kgenrich.corpus`): of the entity itself,
    then with its name as their title, then that mention it."""
    from kgenrich.sources.search.text_index import TextIndex, open_index

    opened: list[TextIndex] = []

    def retrieve(request: TermRequest) -> list[Passage]:
        if not opened:
            opened.append(open_index([Path(path).expanduser()], user_cache_path("kgenrich")))
        index, entity, language = opened[0], request.entity, request.language
        name = entity.labels.get(source_language(entity), "")
        pages = [
            *index.of_entity(entity.id, language, PASSAGES),
            *index.titled(name, language, PASSAGES),
            *index.mentioning(name, language, PASSAGES),
        ]
        texts = dict.fromkeys(f"{page.title}: {page.text}"[:LONGEST] for page in pages)
        return [Passage(text, licence=licence) for text in list(texts)[:PASSAGES]]

    return retrieve
