"""Which properties of a wiki of one's own have which roles: found by what the wiki itself says.

A property is known by a statement that it is equivalent to one of Wikidata (or to ``rdf:type`` and
the like), else by its name in any language, else by its alias. The property that says what an
entity is an instance of is at last the one that most items have an item for, the same ones again
and again.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import msgspec
from msgspec import Struct

from kgenrich.errors import InputError
from kgenrich.harvest.document import Reader
from kgenrich.model import Entity
from kgenrich.namespaces import RDF, RDFS, SCHEMA
from kgenrich.property_roles import WIKIDATA
from kgenrich.resources import resource

Document = bytes | memoryview | msgspec.Raw

_OF_WIKIDATA = re.compile(
    r"(?:https?://(?:www\.)?wikidata\.org/(?:entity/|prop/(?:direct/)?|wiki/(?:Special:EntityData/|"
    r"(?:Special:EntityPage/)?(?:Property:)?)))?(P[1-9][0-9]*)"
)
_ELSEWHERE = {
    f"{RDF}type": "instance_of",
    f"{RDFS}subClassOf": "subclass_of",
    f"{SCHEMA}birthDate": "birth",
    f"{SCHEMA}deathDate": "death",
    f"{SCHEMA}gender": "sex_or_gender",
}
_ROLES = {id: role for role, id in WIKIDATA.items()}


class Found(Struct, frozen=True):
    """A property that has a role, and how that is known ("by its label 'ist ein(e)'")."""

    property: str
    how: str


class PropertyFinder:
    """Sees documents of a wiki, then says which properties have which roles."""

    def __init__(self) -> None:
        self._reader = Reader((), None, "")
        self._properties: dict[str, Entity] = {}
        self._uses: Counter[str] = Counter()
        self._values: dict[str, set[str]] = defaultdict(set)

    def see(self, documents: Iterable[Document]) -> None:
        """Look at some documents; one that cannot be read says nothing."""
        for data in documents:
            try:
                entities = list(self._reader.read(data))
            except InputError:
                continue
            for entity in entities:
                self._see(entity)

    def _see(self, entity: Entity) -> None:
        if entity.redirect:
            return
        if entity.type == "property":
            self._properties[entity.id] = entity
        elif entity.type == "item":
            for name, values in entity.claims.items():
                if items := {v.value for v in values if v.kind == "entity"}:
                    self._uses[name] += 1
                    self._values[name] |= items

    def found(self) -> dict[str, Found]:
        """The property of each role for which just one is the likeliest."""
        found: dict[str, Found] = {}
        for known in (self._equivalent, self._called("label"), self._called("alias")):
            by_role: dict[str, list[Found]] = defaultdict(list)
            for one in self._properties.values():
                for role, how in known(one).items():
                    by_role[role].append(Found(one.id, how))
            found = {r: some[0] for r, some in by_role.items() if len(some) == 1} | found
        taken = {one.property for role, one in found.items() if role != "instance_of"}
        if "instance_of" not in found and (used := self._most_used(taken)):
            found["instance_of"] = used
        return {role: found[role] for role in WIKIDATA if role in found}

    @staticmethod
    def _equivalent(one: Entity) -> dict[str, str]:
        said = {}
        for values in one.claims.values():
            for value in values:
                match = _OF_WIKIDATA.fullmatch(value.value) if value.kind == "string" else None
                role = _ROLES.get(match[1]) if match else _ELSEWHERE.get(value.value)
                if role:
                    said[role] = f"which says that it is {value.value}"
        return said

    @staticmethod
    def _called(kind: str) -> Callable[[Entity], dict[str, str]]:
        """By labels that are Wikidata's; for ``alias``, by what is an alias here or there."""

        def known(one: Entity) -> dict[str, str]:
            aliases = [text for some in one.aliases.values() for text in some]
            said: dict[str, str] = {}
            for own, texts in (("label", one.labels.values()), ("alias", aliases)):
                for text in texts:
                    role, kind_there = _names().get(_folded(text), ("", ""))
                    if role and (kind == "alias" or own == kind_there == "label"):
                        said.setdefault(role, f"by its {own} {text!r}")
            return said

        return known

    def _most_used(self, taken: set[str]) -> Found | None:
        """The property that most items have an item for, if these repeat as classes do."""
        for name, uses in self._uses.most_common(1):
            if name not in taken and 2 * len(self._values[name]) <= uses:
                return Found(name, f"which most items have, {uses:,} of those looked at")
        return None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    """Role and kind of term by what Wikidata calls a property."""
    with resource("config/properties/labels.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["text"]: (row["role"], row["kind"]) for row in rows}
