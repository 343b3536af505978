"""What all dictionaries have in common: entries found by the identifiers that an entity's claims
have, or as places are (`places`), never by name alone, and how far an entry can be trusted.

An entry is trusted as far as what it says in other languages is what the entity is called there:
so one that is about something near (the kingdom for the country) counts for little. What only
repeats the English is no answer in another script. In the same it counts the less the more entries
the catalogue repeats, and for nothing where it repeats most: that one was not translated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from kgenrich.languages import base, current, in_script, iso639, same_language
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest
from kgenrich.property_roles import PropertyRoles
from kgenrich.sources.base import FreeSource, SourceContext
from kgenrich.sources.dictionary.places import Place, PlaceIndex
from kgenrich.text import vote_key

PRIOR, PRIOR_WEIGHT = 0.9, 4
PRIORS = {"subdivision": 0.7, "part": 0.7, "brand": 0.8, "tag": 0.6, "character": 0.6}
"""How often an entry is right, at large and by kind of thing, and how many compared languages that
weighs; see ``benchmarks/dictionaries.py``."""

WITNESSES = ("en", "de", "fr", "es", "ru", "ja", "ar")
"""Languages that are compared besides those wanted."""

_CODES = {
    "territory": ("country_code",),
    "language": ("language_code_2", "language_code_3b", "language_code_3"),
    "script": ("script_code",),
    "currency": ("currency_code",),
    "subdivision": ("subdivision_code",),
    "element": ("element_symbol",),
    "character": ("unicode_character",),
    "tag": ("openstreetmap_tag",),
}
"""The roles of properties whose values are codes, by kind of thing."""

VARIATION = "\ufe0f"
"""The selector that asks for a character as an emoji: with and without it is one character."""

_FORMS = {"language": iso639, "character": lambda value: value.replace(VARIATION, "")}


class Entry(Struct, frozen=True):
    """An entry of a dictionary: what kind of thing it is about, and the code of that."""

    table: str
    code: str


Tables = Mapping[str, Mapping[str, str]]
"""The names in one language by kind of thing and code."""


class Dictionary:
    """Names by language, kind of thing and code.

    ``licence`` is an SPDX id, ``edition`` what evidence calls the dictionary, ``places`` are the
    settlements that the table `CITY` has. `tables` is asked for the languages of `languages`
    alone, once each.
    """

    licence = ""
    edition = ""
    places: Sequence[Place] = ()

    @cached_property
    def languages(self) -> frozenset[str]:
        """The codes of the languages that it has."""
        raise NotImplementedError

    @cached_property
    def originals(self) -> Tables:
        """What its translations were made from: the English."""
        return self.tables("en")

    def find(self, entity: Entity, roles: PropertyRoles) -> Iterator[Entry]:
        """Entries that are found neither by a code nor as `places` are; none by default."""
        return iter(())

    def tables(self, language: str) -> Tables:
        """What it says in a language; without what it has no words of its own for."""
        raise NotImplementedError


CITY = "city"
"""The table of settlements, which have no identifiers."""


def entries(entity: Entity, tables: Tables, roles: PropertyRoles) -> Iterator[Entry]:
    """The entries of the codes that an entity has, at most one for each kind of thing: one that
    has two codes of a kind is not known for either."""
    for table, names in tables.items():
        codes = roles.all_of(*_CODES.get(table, ()))
        values = (v.value for p in codes for v in entity.claims.get(p, ()))
        said = map(_FORMS.get(table, str), values)
        known = {code for code in said if code in names}
        if len(known) == 1:
            yield Entry(table, known.pop())


def agreed(tables: Tables, others: Tables) -> Tables:
    """What two languages call the same."""
    return {
        table: {code: name for code, name in names.items() if others[table].get(code) == name}
        for table, names in tables.items()
    }


class DictionarySource(FreeSource):
    """A dictionary as a source. However many tables it has, it is one voter."""

    kind = SourceKind.DICTIONARY

    def __init__(self, dictionary: Dictionary, context: SourceContext) -> None:
        self.name = context.name
        self.licence = dictionary.licence
        self.dictionary = dictionary
        self._roles = context.roles
        self._places = PlaceIndex(dictionary.places, context.graph, context.roles)
        self._compared = tuple(dict.fromkeys((*WITNESSES, *context.languages)))
        self._read: dict[str, Tables] = {}
        self._shares: dict[tuple[str, str], float] = {}

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """Names for labels and aliases of what has one of the codes."""
        entity, language = request.entity, request.language
        if not request.kind.is_name:
            return
        is_label = request.kind is TermKind.LABEL
        known = set() if is_label else set(map(vote_key, entity.names(language)))
        for entry in self._entries(entity):
            text = self._name(entry, language)
            if not text or vote_key(text) in known:
                continue
            copied = self._is_copied(entry, language, text)
            weight = self._translated(entry.table, language) if copied else 1.0
            if weight < 0.5 or (copied and not in_script(text, language)):
                continue
            agreed, compared = self._agreement(entry, request)
            prior = PRIORS.get(entry.table, PRIOR)
            score = (prior * PRIOR_WEIGHT + agreed) / (PRIOR_WEIGHT + compared)
            yield request.candidate(
                text,
                Evidence(
                    self.name,
                    self.kind,
                    from_text=entry.code,
                    raw=text,
                    score=round(score * weight, 4),
                    licence=self.licence,
                    note=f"{self.dictionary.edition}, {entry.table} {entry.code}; {agreed} of "
                    f"{compared} other names there are the entity's"
                    f"{'; as in English' if copied else ''}",
                ),
            )

    def _entries(self, entity: Entity) -> Iterator[Entry]:
        yield from entries(entity, self.dictionary.originals, self._roles)
        yield from self.dictionary.find(entity, self._roles)
        if place := self._places.find(entity):
            yield Entry(CITY, place.code)

    def _agreement(self, entry: Entry, request: TermRequest) -> tuple[int, int]:
        """In how many other languages the entry is called as the entity, and of how many."""
        entity, own = request.entity, base(request.language)
        agreed = compared = 0
        for language in self._compared:
            names = entity.names(language)
            if not names or base(language) == own:
                continue
            text = self._name(entry, language)
            if text and not self._is_copied(entry, language, text):
                compared += 1
                agreed += vote_key(text) in map(vote_key, names)
        return agreed, compared

    def _is_copied(self, entry: Entry, language: str, text: str) -> bool:
        original = self.dictionary.originals.get(entry.table, {}).get(entry.code, "")
        return base(language) != "en" and vote_key(text) == vote_key(original)

    def _translated(self, table: str, language: str) -> float:
        """The share of a table's names that are not the English ones again."""
        if (table, language) not in self._shares:
            names = self._tables(language)[table]
            own = (
                not self._is_copied(Entry(table, code), language, text)
                for code, text in names.items()
            )
            self._shares[table, language] = sum(own) / len(names)
        return self._shares[table, language]

    def _name(self, entry: Entry, language: str) -> str:
        return self._tables(language).get(entry.table, {}).get(entry.code, "")

    def _tables(self, language: str) -> Tables:
        if language not in self._read:
            code = current(language)
            near = (code, *same_language(code))
            there = next((one for one in near if one in self.dictionary.languages), None)
            self._read[language] = self.dictionary.tables(there) if there else {}
        return self._read[language]
