"""Labels for all languages (``mul``), as Wikidata's guideline allows them (Help:Default values for
labels and aliases): of classes whose names hardly differ between languages, in the Latin script.

A name is proposed where the labels in several languages of that script are one and the same and
none differs. Of a person the native name has to be in the Latin script: it is the name itself, or,
where the graph has no native name, those of nearly all others of the same citizenship are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from msgspec import Struct

from kgenrich.languages import CODES, base, in_script, script
from kgenrich.model import MUL, Entity
from kgenrich.property_roles import PropertyRoles
from kgenrich.sources.base import Graph
from kgenrich.text import clean, is_letter

VERSION = "1"

LEAST_LANGUAGES = 5
"""Languages that have to agree; variants of one count once."""

CLASSES = (
    *("Q5", "Q202444", "Q12308941", "Q11879590", "Q3409032", "Q101352", "Q66480858"),
    *("Q16521", "Q310890", "Q23038290", "Q47487597"),
    *("Q6999", "Q523", "Q318", "Q3863", "Q67206691"),
    *("Q13442814", "Q3331189", "Q29654788", "Q4167410"),
)
"""What the guideline names, with the most used classes below: people, given and family names; taxa;
astronomical objects; articles, editions, characters, disambiguation pages."""

PEOPLE = "Q5"

PRIOR, PRIOR_WEIGHT = 0.8, 8
"""How often a name that the rules allow is the label for all languages, and how many such labels of
the graph that weighs. No data at hand had any: what nobody counted is not taken for sure."""

_MOST_CLASSES_UP = 6
_ENOUGH = 5
_NEARLY_ALL = 0.95
_LATIN = frozenset(code for code in CODES if script(code) == "Latn")


class NamesForAll(Struct):
    """What was counted on the graph: of names that languages share, how often one more language
    has it (``shared`` of ``compared``) and how often it is the label for all languages (``right``
    of ``told``); by citizenship the native names in the Latin script, and all."""

    shared: int = 0
    compared: int = 0
    right: int = 0
    told: int = 0
    native: dict[str, tuple[int, int]] = {}

    @property
    def probability(self) -> float:
        """That a name that the rules allow is the label for all languages, in (0, 1): never more
        than that one more language has it."""
        likely = (self.right + PRIOR * PRIOR_WEIGHT) / (self.told + PRIOR_WEIGHT)
        return min(likely, (self.shared + 1) / (self.compared + 2))


def shared_name(entity: Entity) -> tuple[str, tuple[str, ...]]:
    """The label that all languages of the Latin script have that have one, with these languages;
    nothing where two differ."""
    labels = {code: clean(text) for code, text in entity.labels.items() if code in _LATIN}
    texts = set(labels.values())
    if len(texts) != 1:
        return "", ()
    (text,) = texts
    written = any(map(is_letter, text)) and in_script(text, "en")
    return (text, tuple(labels)) if written else ("", ())


class AllLanguages:
    """Says which names may be labels for all languages, of entities of the ``classes`` and of those
    below them in the graph."""

    def __init__(self, graph: Graph, classes: Sequence[str], roles: PropertyRoles) -> None:
        self._graph, self._roles = graph, roles
        self._allowed = dict.fromkeys(classes, True)

    def learn(self, limit: int) -> NamesForAll:
        """Count on the first entities of the graph."""
        model = NamesForAll()
        native: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        named: list[tuple[Entity, str]] = []
        for entity in islice(self._graph.entities(), limit):
            if entity.redirect or entity.deleted or not self._is_of_class(entity):
                continue
            for text in self._native_names(entity):
                for country in self._values(entity, "citizenship"):
                    native[country][0] += in_script(text, "en")
                    native[country][1] += 1
            self._compare(entity, model)
            text, languages = shared_name(entity)
            if MUL in entity.labels and _count(languages) >= LEAST_LANGUAGES:
                named.append((entity, text))
        model.native = {country: (latin, all) for country, (latin, all) in native.items()}
        for entity, text in named:
            if self._is_native(entity, text, model):
                model.told += 1
                model.right += clean(entity.labels[MUL]) == text
        return model

    def name(self, entity: Entity, model: NamesForAll) -> tuple[str, tuple[str, ...]]:
        """The label for all languages that an entity may have, and the languages that have it."""
        text, languages = shared_name(entity)
        if _count(languages) < LEAST_LANGUAGES or not self._is_of_class(entity):
            return "", ()
        return (text, languages) if self._is_native(entity, text, model) else ("", ())

    def _compare(self, entity: Entity, model: NamesForAll) -> None:
        """Hide each language in turn: do the others agree, and it with them?"""
        by_language: dict[str, set[str]] = defaultdict(set)
        for code, text in entity.labels.items():
            if code in _LATIN:
                by_language[base(code)].add(clean(text))
        if len(by_language) <= LEAST_LANGUAGES:
            return
        for language, own in by_language.items():
            others = {t for code, some in by_language.items() if code != language for t in some}
            if len(others) == 1:
                model.compared += 1
                model.shared += own == others

    def _is_of_class(self, entity: Entity) -> bool:
        return any(map(self._is_allowed, entity.classes))

    def _is_allowed(self, class_id: str) -> bool:
        """Whether a class is one of those named, or below one."""
        if class_id in self._allowed:
            return self._allowed[class_id]
        seen, above = {class_id}, [class_id]
        for _ in range(_MOST_CLASSES_UP):
            classes = self._graph.entities(above)
            above = [c for one in classes for c in self._values(one, "subclass_of")]
            if any(self._allowed.get(one) for one in above):
                self._allowed[class_id] = True
                return True
            above = [one for one in dict.fromkeys(above) if one not in seen]
            seen.update(above)
        self._allowed[class_id] = False
        return False

    def _is_native(self, entity: Entity, text: str, model: NamesForAll) -> bool:
        if scientific := self._values(entity, "taxon_name"):
            return text in scientific
        if native := self._native_names(entity):
            return text in native
        countries = self._values(entity, "citizenship")
        if not countries and PEOPLE not in entity.classes:
            return True
        counted = [model.native.get(country, (0, 0)) for country in countries]
        return bool(counted) and all(
            all_ >= _ENOUGH and latin >= _NEARLY_ALL * all_ for latin, all_ in counted
        )

    def _native_names(self, entity: Entity) -> list[str]:
        names = ("native_name", "native_label")
        return [clean(text) for role in names for text in self._values(entity, role)]

    def _values(self, entity: Entity, role: str) -> list[str]:
        return [value.value for value in entity.claims.get(self._roles.of(role), ())]


def _count(languages: Sequence[str]) -> int:
    return len(set(map(base, languages)))
