"""The routes by which a name of an entity can come from what the graph holds of the entity itself:
labels of other languages, their conversions, page titles, native names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.languages import CODES, fallbacks, site_language, variants
from kgenrich.model import Entity
from kgenrich.property_roles import OF_WIKIDATA
from kgenrich.sources.graph.scripts import conversions, converts
from kgenrich.text import clean, strip_qualifier, vote_key

NATIVE = ("native_label", "official_name", "native_name")
"""The roles of properties whose values are names in one language, those of the entity itself."""

MAX_LENGTH = 400
"""Code points; longer texts are no names."""


class Routes(Struct):
    """Numbers for the routes that a text can come: the label in ``es``, the title in ``eswiki``,
    ``zh-hant`` converted by ``t2s``. They are given out as routes appear, up to ``capacity``.
    ``native`` are the graph's properties of native names, ``taxon`` is that of scientific ones."""

    capacity: int = 900
    native: tuple[str, ...] = OF_WIKIDATA.all_of(*NATIVE)
    taxon: str = OF_WIKIDATA.of("taxon_name")
    names: list[str] = []
    languages: list[str] = []
    groups: list[str] = []
    numbers: dict[str, int] = {}

    def number(self, name: str, language: str, group: str) -> int | None:
        """The number of a route; None when there are too many."""
        number = self.numbers.get(name)
        if number is None and len(self.names) < self.capacity:
            number = self.numbers[name] = len(self.names)
            self.names.append(name)
            self.languages.append(language)
            self.groups.append(group)
        return number


class RoutedTexts(Struct, frozen=True):
    """Everything found for one entity and target: parallel sequences, one place a route."""

    routes: NDArray[np.int32]
    keys: tuple[str, ...]
    texts: tuple[str, ...]

    def only(self, keep: Callable[[int], bool]) -> RoutedTexts:
        """What came by the routes that are to be kept."""
        places = [place for place, route in enumerate(self.routes.tolist()) if keep(route)]
        return RoutedTexts(
            self.routes[places],
            tuple(self.keys[place] for place in places),
            tuple(self.texts[place] for place in places),
        )


Texts = dict[int, tuple[str, str]]
"""Normal form and text by the number of the route."""


def label_texts(entity: Entity, routes: Routes) -> Texts:
    """The labels as they are: what `find` needs for every target alike."""
    found: Texts = {}
    for language, label in entity.labels.items():
        _add(found, routes, language, language, "label", label)
    return found


def find(entity: Entity, target: str, routes: Routes, labels: Texts | None = None) -> RoutedTexts:
    """All texts that could be the entity's name in the target language, with their routes.

    Texts without a letter or digit are left out. ``labels`` are the entity's `label_texts`.
    """
    convertible = _convertible(target)
    hidden = {routes.numbers.get(language) for language in (target, *convertible)}
    texts = label_texts(entity, routes) if labels is None else labels
    found = {number: text for number, text in texts.items() if number not in hidden}

    def offer(name: str, language: str, group: str, text: str) -> None:
        converted: tuple[tuple[str, str], ...] = ()
        if language in convertible and len(text) <= MAX_LENGTH:
            converted = conversions(text, language, target)
        # A text that a conversion would change is seldom right as it is: another route.
        as_it_is = f"{name} as it is" if converted else name
        _add(found, routes, as_it_is, language, group, text)
        for route, other in converted:
            _add(found, routes, f"{name} {route}", language, "converted", other)

    for language in convertible:
        if language in entity.labels:
            offer(language, language, "label", entity.labels[language])
    near = _near(target)
    for site, title in entity.sitelinks.items():
        site_code = _site(site)
        if site_code in near:
            title = clean(title)
            bare = strip_qualifier(title)
            if turned := _turned(bare):
                # As Russian and Ukrainian pages of people are called: "Surname, First name".
                offer(f"{site} ,", site_code, "title", bare)
                offer(f"{site} turned", site_code, "title", turned)
            else:
                offer(site if bare == title else f"{site} ()", site_code, "title", bare)
    for property_id in routes.native:
        for value in entity.claims.get(property_id, ()):
            if value.kind == "text":
                own = "its own" if value.language == target else value.language
                offer(f"{property_id} {own}", value.language, "native", clean(value.value))
    for value in entity.claims.get(routes.taxon, ()):
        _add(found, routes, routes.taxon, "la", "native", clean(value.value))
    return RoutedTexts(
        np.fromiter(found, np.int32, len(found)),
        tuple(key for key, _ in found.values()),
        tuple(text for _, text in found.values()),
    )


def _add(found: Texts, routes: Routes, name: str, language: str, group: str, text: str) -> None:
    key = vote_key(text) if len(text) <= MAX_LENGTH else ""
    number = routes.number(name, language, group) if key else None
    if number is not None:
        found.setdefault(number, (key, text))


def _turned(title: str) -> str:
    """The parts around the only comma in the other order; empty where that makes no name.

    >>> _turned("Пушкин, Александр Сергеевич")
    'Александр Сергеевич Пушкин'
    """
    surname, _, rest = title.partition(", ")
    plain = surname and rest and "," not in rest and not any(c.isdigit() for c in title)
    return f"{rest} {surname}" if plain else ""


_site = lru_cache(maxsize=4096)(site_language)


@lru_cache(maxsize=4096)
def _near(target: str) -> frozenset[str]:
    return frozenset({target, *variants(target), *fallbacks(target)})


@lru_cache(maxsize=4096)
def _convertible(target: str) -> tuple[str, ...]:
    return tuple(code for code in CODES if converts(code, target))
