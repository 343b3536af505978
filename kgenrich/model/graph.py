"""What a graph says: entities, their terms and statements, and who says it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from msgspec import Struct

MUL = "mul"
"""The language code of a term that is valid in all languages (Wikibase's default values)."""


UNDETERMINED = "und"
"""The language code of a text whose language nobody knows (ISO 639-2)."""

UNKNOWN = "unknown"
"""Stands for a licence that nobody knows."""


def joined_licences(*licences: str) -> str:
    """The licence of what is made from several things, as an SPDX expression; what is empty puts no
    condition.

    >>> joined_licences("CC-BY-4.0", "", "CC0-1.0 AND CC-BY-4.0")
    'CC-BY-4.0 AND CC0-1.0'
    """
    parts = (part for licence in licences if licence for part in licence.split(" AND "))
    return " AND ".join(dict.fromkeys(parts))


class TermKind(StrEnum):
    """What a term is to its entity. A description tells it from others of its name in a few words,
    a definition says in whole sentences what it is."""

    LABEL = "label"
    DESCRIPTION = "description"
    ALIAS = "alias"
    DEFINITION = "definition"

    @property
    def is_name(self) -> bool:
        """Whether it is what the entity is called."""
        return self in (TermKind.LABEL, TermKind.ALIAS)


ValueKind = Literal["entity", "time", "text", "string", "quantity"]


class Value(Struct, frozen=True, order=True, omit_defaults=True, gc=False):
    """The value of a claim.

    ``value`` holds an entity id, a Wikibase time (``+1952-03-11T00:00:00Z``), the text of a
    monolingual text or string, or a decimal amount; ``precision`` is that of a Wikibase time
    (9 year, 11 day); ``language`` that of a monolingual text.
    """

    kind: ValueKind
    value: str
    language: str = ""
    precision: int = 0


Role = Literal[
    "label",
    "alias",
    "description",
    "definition",
    "class",
    "hidden",
    "note",
    "notation",
    "hierarchy",
    "mapping",
    "scheme",
    "claim",
]
"""What a statement is to its subject. Labels, aliases, descriptions and definitions are terms, a
class is a class, and what remains are claims whose property is the predicate: labels for search
alone, notes, notations, broader concepts and superclasses, the same thing in other graphs, the
scheme that it is in, and whatever else is kept."""


class Form(Struct, frozen=True, omit_defaults=True):
    """How an origin writes statements: with this ``predicate`` (an IRI; empty for the Wikibase
    model, which has none), this language ``tag`` to the letter (empty: none) and this ``datatype``
    (an IRI; empty for plain texts). Of several labels in a language that of the lowest ``rank``
    is the label."""

    role: Role
    predicate: str = ""
    tag: str = ""
    datatype: str = ""
    rank: int = 0


GIVES_WAY = 100
"""What is added to the rank of a form whose tag only falls to its language, or that has none: it
gives way to any that is in the language itself."""


class Statement(Struct, frozen=True, omit_defaults=True, gc=False):
    """What an origin says of an entity, to the letter.

    ``value`` is what it is taken for: of a term a text in a ``language`` (`Value`), of a class an
    entity. ``raw`` is the literal or IRI as the origin has it where that is not ``value.value``.
    ``node`` is the IRI (or ``_:`` and a name) of the SKOS-XL label that carries the text.
    """

    form: Form
    value: Value
    raw: str = ""
    node: str = ""


EntityType = Literal[
    "item", "property", "lexeme", "media", "scheme", "collection", "ontology", "deprecated"
]
"""What an entity is in its graph. Terms are asked for items (concepts, classes and individuals of
RDF graphs too), for the others on request."""


class Entity(Struct, frozen=True, omit_defaults=True):
    """An entity of the graph with what is known of it in every harvested language.

    ``classes`` are the values of P31 (``rdf:type`` in other graphs), ``claims`` maps a property
    to its best-ranked values, ``sitelinks`` a site (``enwiki``) to a title. ``redirect`` names
    the entity that took this one's place. ``revision`` is 0 where the graph has none.

    ``statements`` are all that an RDF origin says of it, terms, classes and claims; a reader of RDF
    fills them in place of the fields for these, ``classes`` excepted (they select what is taken).
    """

    id: str
    labels: Mapping[str, str] = {}
    descriptions: Mapping[str, str] = {}
    definitions: Mapping[str, str] = {}
    aliases: Mapping[str, tuple[str, ...]] = {}
    classes: tuple[str, ...] = ()
    claims: Mapping[str, tuple[Value, ...]] = {}
    sitelinks: Mapping[str, str] = {}
    revision: int = 0
    redirect: str = ""
    deleted: bool = False
    type: EntityType = "item"
    statements: tuple[Statement, ...] = ()

    def names(self, language: str) -> tuple[str, ...]:
        """The label, if there is one, and the aliases in a language."""
        label = self.labels.get(language)
        aliases = self.aliases.get(language, ())
        return aliases if label is None else (label, *aliases)

    def terms(self, kind: TermKind) -> Mapping[str, str]:
        """The terms of a kind by language, of those of which a language has one; no aliases."""
        match kind:
            case TermKind.LABEL:
                return self.labels
            case TermKind.DESCRIPTION:
                return self.descriptions
            case TermKind.DEFINITION:
                return self.definitions
            case TermKind.ALIAS:
                return {}


OriginKind = Literal["wiki", "file", "endpoint"]


class Origin(Struct, frozen=True):
    """Who says something: a wiki, a harvested file, an endpoint.

    ``place`` is its address or path, ``licence`` an SPDX id or an IRI (empty: unknown), ``profile``
    names the vocabularies that it was read by, ``language`` is that of its untagged texts.
    ``prefixes`` are its own abbreviations of IRIs; ``retrieved`` is when it was last harvested,
    ``digest`` that of its content then.
    """

    name: str
    kind: OriginKind = "file"
    place: str = ""
    licence: str = ""
    profile: str = ""
    language: str = ""
    prefixes: Mapping[str, str] = {}
    retrieved: str = ""
    digest: str = ""


class Scope(Struct, frozen=True, omit_defaults=True):
    """Which terms a verb is about: in these languages, of these kinds, of entities of this class,
    of these entities. What is empty does not narrow. ``other_script``: labels that are inherited
    from ``mul`` alone, in another script than the language's, count as missing. What is missing is
    missing of items unless ``types`` says otherwise. ``origin`` names one that speaks of them."""

    languages: tuple[str, ...] = ()
    kinds: tuple[TermKind, ...] = ()
    class_id: str | None = None
    ids: tuple[str, ...] = ()
    other_script: bool = False
    types: tuple[EntityType, ...] = ()
    origin: str = ""


EVERYTHING = Scope()
"""The scope that narrows nothing."""


class Reject(Struct, frozen=True):
    """A part of an input that could not be used: where it is (a byte, a line, or 0), why, how it
    begins, the entity that it belongs to (empty where nobody knows), and the run that met it."""

    input: str
    position: int
    reason: str
    excerpt: str = ""
    entity: str = ""
    run: int = 0
