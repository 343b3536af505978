"""One store, ready to be asked what names stand for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from msgspec import Struct
from platformdirs import user_cache_path

from kgenrich.errors import UsageError
from kgenrich.languages import CODES, chain, fallbacks, valid_codes, wikimedia
from kgenrich.matching.matcher import Matcher, open_matcher
from kgenrich.namespaces import RDFS
from kgenrich.store.engine import file_of
from kgenrich.store.facts.cards import EntityCard, entity_cards
from kgenrich.store.facts.graph import find_entities
from kgenrich.store.facts.graph_kinds import is_wikibase
from kgenrich.store.facts.names import narrower_pairs
from kgenrich.store.keys import entity_key
from kgenrich.verbs.arguments import read_entity_id, reader_language
from kgenrich.verbs.workspace import Workspace

_MOST_CLASSES = 5000
"""Classes that one stands for, itself and those under it."""


class Named(Struct, frozen=True):
    """An entity with its label and what it is said to be, each with the code of its language; one
    without a label goes by its id."""

    id: str
    name: str
    language: str = ""
    description: str = ""
    description_language: str = ""
    classes: tuple[str, ...] = ()


class Reconciler:
    """What all questions to a store share. ``readers`` are the languages of whoever does not say
    in which answers should be."""

    def __init__(self, workspace: Workspace, matcher: Matcher, readers: Sequence[str]) -> None:
        self.workspace = workspace
        self.matcher = matcher
        self.readers = tuple(readers)

    def named(self, keys: Iterable[int], languages: Sequence[str] = ()) -> dict[int, Named]:
        """The entities of these keys, named in the first of the languages that each has, else in
        those of the reader, else in any."""
        asked = dict.fromkeys(code for one in (*languages, *self.readers) for code in chain(one))
        order = (*asked, *CODES)
        cards = entity_cards(self.workspace.store, keys)
        return {key: _named(card, order) for key, card in cards.items()}

    def named_ids(self, ids: Iterable[str], languages: Sequence[str] = ()) -> dict[str, Named]:
        """As `named`, by id; those that are not in the store go by their ids."""
        keys = {entity_key(id): id for id in ids}
        found = self.named(keys, languages)
        return {id: found.get(key, Named(id, id)) for key, id in keys.items()}

    def known_id(self, text: str) -> str:
        """The id of the entity that a text names by its id, IRI or CURIE; empty where there is
        none."""
        text = text.strip()
        if not (text[:1] in "QPLMqplm" and text[1:].isdigit()) and ":" not in text:
            return ""
        try:
            id = read_entity_id(self.workspace, text)
        except UsageError:
            return ""
        entity = find_entities(self.workspace.store, [id]).get(id)
        return "" if entity is None or entity.deleted else entity.redirect or entity.id

    def members(self, classes: Iterable[str]) -> set[int]:
        """The keys of classes and of those under them, as the graph has them."""
        found: set[int] = set()
        new = {entity_key(self.known_id(id) or id) for id in classes}
        while new and len(found) < _MOST_CLASSES:
            found |= new
            new = {under for key in new for under in self._under(key)} - found
        return found

    def _under(self, key: int) -> list[int]:
        first, last = np.searchsorted(self._narrower[:, 0], [key, key + 1])
        under: list[int] = self._narrower[first:last, 1].tolist()
        return under

    @cached_property
    def view(self) -> str:
        """The template (RFC 6570) of the IRIs of entities, whose ids are such already where they
        are none of a Wikibase."""
        store = self.workspace.store
        return f"{store.base}{{id}}" if is_wikibase(store) else "{+id}"

    @cached_property
    def title(self) -> str:
        """What the graph is called: the host of a Wikibase, else the name of the store's file."""
        store = self.workspace.store
        path = file_of(store.engine.url)
        if is_wikibase(store) or path is None:
            return urlsplit(store.base).netloc or store.base
        return path.stem

    @cached_property
    def _narrower(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        under = self.workspace.roles.of("subclass_of")
        properties = [one for one in (under, f"{RDFS}subClassOf") if one]
        return narrower_pairs(self.workspace.store, properties)


def open_reconciler(workspace: Workspace, readers: Sequence[str] = ()) -> Reconciler:
    """A store that is ready to be asked; its index is built or brought up to date first. Without
    ``readers`` answers are in the language of the terminal, or else English."""
    store = workspace.store
    codes = valid_codes(readers) if readers else dict.fromkeys((reader_language(), "en"))
    matcher = open_matcher(store, index_folder(workspace), workspace.progress)
    return Reconciler(workspace, matcher, tuple(codes))


def index_folder(workspace: Workspace) -> Path:
    """Where the index of names is: beside the file of the store, or, for one that is not a file or
    whose folder cannot be written to, in the user's cache."""
    path = file_of(workspace.store.engine.url)
    if path is not None and os.access(path.parent, os.W_OK):
        return path.with_name(f"{path.name}.names")
    told = str(path) if path is not None else workspace.store_name
    digest = blake2b(told.encode(), digest_size=12).hexdigest()
    return user_cache_path("kgenrich") / "names" / digest


def read_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The codes of BCP 47 tags, each followed by its fallbacks; those that mean nothing here are
    left out."""
    codes = (code for tag in tags if (code := wikimedia(tag)))
    return tuple(dict.fromkeys(one for code in codes for one in (code, *fallbacks(code))))


def _named(card: EntityCard, order: Sequence[str]) -> Named:
    label = _first(card.labels, order)
    told = _first(card.descriptions, order)
    return Named(card.id, label[1] or card.id, label[0], told[1], told[0], card.classes)


def _first(texts: Mapping[str, str], order: Sequence[str]) -> tuple[str, str]:
    """The first of the languages that there is, and its text."""
    for code in order if texts else ():
        if code in texts:
            return code, texts[code]
    return next(iter(texts.items()), ("", ""))
