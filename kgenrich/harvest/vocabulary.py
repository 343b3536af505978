"""What the predicates of an RDF graph say of an entity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html.parser import HTMLParser

from msgspec import Struct
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kgenrich.harvest.batch import GraphNotes
from kgenrich.harvest.iris import ENTITY, Iris, is_bare
from kgenrich.harvest.texts import fact
from kgenrich.harvest.turtle import NO_TAG
from kgenrich.languages import bcp47, site_page, wikimedia
from kgenrich.model import MUL, Value
from kgenrich.namespaces import DCTERMS, OWL, RDF, RDFS, SCHEMA, SKOS, XSD
from kgenrich.property_roles import WIKIDATA

_SCHEMA = (SCHEMA, "https://schema.org/")
_WIKIBASE = "http://wikiba.se/ontology#"

LABELS = (f"{RDFS}label", f"{SKOS}prefLabel", *(f"{schema}name" for schema in _SCHEMA))
DESCRIPTIONS = (
    *(f"{schema}description" for schema in _SCHEMA),
    f"{RDFS}comment",
    f"{DCTERMS}description",
    f"{SKOS}definition",
)
ALIASES = (f"{SKOS}altLabel", *(f"{schema}alternateName" for schema in _SCHEMA))

_OF_WIKIBASE = ("about", "article", "revision", "redirect")
_TEXTS = ("label", "description", "alias")
_PLAIN = f"{RDF}PlainLiteral"
_MARKED_UP = {f"{RDF}HTML", f"{RDF}XMLLiteral"}
# A tag of RFC 5646: subtags of up to eight characters.
_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_DATES = {f"{XSD}dateTime", f"{XSD}date", f"{XSD}gYear", f"{XSD}gYearMonth"}
_NUMBERS = {
    XSD + name for name in ("decimal", "integer", "int", "long", "short", "double", "float")
}
# What people mean as a name when they write a number without quotes.
_STRINGS = {XSD + name for name in ("string", "normalizedString", "token", "Name", "NCName")} | (
    _NUMBERS | {f"{XSD}gYear", f"{XSD}nonNegativeInteger", f"{XSD}positiveInteger"}
)
_DATE = re.compile(r"(-?)(\d{4,16})(?:-(\d\d))?(?:-(\d\d))?(?:T.*|Z|[+-]\d\d:\d\d)?")


class Fact(Struct, frozen=True, array_like=True):
    """What a triple says of an entity. ``role`` is one of label, description, alias, class, claim,
    sitelink, revision, redirect and article (it is a page about an entity, and none itself);
    ``order`` says which of several predicates is preferred; ``key`` is a language, a property or a
    site. ``folded``: the text has a tag that only falls to the language (it-IT), and gives way to
    one in the language itself."""

    role: str
    order: int
    key: str
    value: Value
    folded: bool = False


class Vocabulary:
    """Which predicates mean what, and how IRIs and languages are written here.

    ``base`` is the IRI prefix of bare ids, ``address`` that of what a file names by relative IRIs
    (see `Iris`). ``labels`` takes the place of the usual label predicates. ``untagged`` is the
    language of literals without one; under ``mul`` they are names alone, for a description is never
    valid in all languages. ``properties`` are those whose values are kept: IRIs, or the ids of a
    Wikibase whose truthy statements they are; those of ``instance_of`` are classes. What cannot be
    used goes to ``notes``.
    """

    def __init__(
        self,
        base: str,
        *,
        address: str = "",
        labels: Sequence[str] = (),
        untagged: str = MUL,
        languages: Sequence[str] = (),
        properties: Sequence[str] = (),
        instance_of: str = WIKIDATA["instance_of"],
        notes: GraphNotes | None = None,
    ) -> None:
        self.iris = Iris(base, address)
        self.untagged = untagged
        self.languages = frozenset(languages)
        self.notes = notes or GraphNotes()
        direct = base.removesuffix(ENTITY) + "prop/direct/"
        self.roles: dict[str, tuple[str, int]] = {}
        predicates_of: dict[str, Sequence[str]] = {
            "label": labels or LABELS,
            "alias": ALIASES,
            "description": DESCRIPTIONS,
            "class": (f"{RDF}type", *([direct + instance_of] if instance_of else [])),
            "about": [f"{schema}about" for schema in _SCHEMA],
            "article": [f"{schema}isPartOf" for schema in _SCHEMA],
            "revision": [f"{schema}version" for schema in _SCHEMA],
            "redirect": (f"{OWL}sameAs",),
        }
        for role, predicates in predicates_of.items():
            for order, predicate in enumerate(predicates):
                self.roles.setdefault(predicate, (role, order))
        self.properties: Mapping[str, str] = {
            name if "://" in name else direct + name: name for name in properties
        }
        self._read = self.roles.keys() | self.properties.keys()

    def facts(self, quad: Quad | Triple) -> Iterator[tuple[str, Fact]]:
        """What a triple says that an entity can hold, each with the entity's id."""
        predicate = quad.predicate.value
        if predicate not in self._read:
            return
        subject, node = quad.subject, quad.object
        if not isinstance(subject, NamedNode):
            return
        iri = subject.value
        role, order = self.roles.get(predicate, ("", 0))
        if role in _OF_WIKIBASE:
            yield from self._of_wikibase(role, iri, node)
        if not (name := self._entity(iri)):
            return
        if role in _TEXTS and isinstance(node, Literal):
            if text := self._text(name, role, order, node):
                yield name, text
        elif role == "class" and isinstance(node, NamedNode):
            kind = "" if node.value.startswith(_WIKIBASE) else self._entity(node.value)
            if kind:
                yield name, Fact(role, order, "", Value("entity", kind))
        if predicate in self.properties and (value := self._value(node)) is not None:
            yield name, Fact("claim", 0, self.properties[predicate], value)

    def _of_wikibase(self, role: str, iri: str, node: object) -> Iterator[tuple[str, Fact]]:
        """What is said of an entity in another place than its own, or only in a Wikibase."""
        if role == "revision":
            if isinstance(node, Literal) and (name := self.iris.data_of(iri)):
                yield name, Fact(role, 0, "", Value("quantity", node.value))
        elif isinstance(node, NamedNode):
            other = self.iris.name(node.value)
            if role == "article" and iri.startswith(node.value):
                yield iri, Fact(role, 0, "", Value("string", ""))
            elif role == "redirect" and is_bare(other) and is_bare(name := self.iris.name(iri)):
                yield name, Fact(role, 0, "", Value("entity", other))
            elif role == "about" and is_bare(other):
                page = None if self.iris.data_of(iri) else site_page(iri)
                if page:
                    yield other, Fact("sitelink", 0, page[0], Value("text", fact(page[1])))

    def _entity(self, iri: str) -> str:
        name = self.iris.name(iri)
        if name != iri and not iri.endswith(name):
            self.notes.mend("IRI")
        elif not name and not self.iris.is_inside(iri):
            self.notes.leave("IRI", f"{iri[:100]!r} is no absolute IRI")
        return name

    def _text(self, name: str, role: str, order: int, node: Literal) -> Fact | None:
        """A text, where it is one and in a language that is wanted."""
        text, tag = node.value, node.language or ""
        if not tag:
            kind = node.datatype.value
            if kind == _PLAIN:
                text, _, tag = text.rpartition("@") if "@" in text else (text, "", "")
            elif kind in _MARKED_UP:
                text = _without_markup(text)
            elif kind not in _STRINGS:
                self.notes.leave(role, f"a {role} of type <{kind}>", name)
                return None
        code, folded, odd = _code(tag)
        if not tag or tag == "und":
            code = self.untagged
        if not code:
            self.notes.leave(role, f"no language is called {tag[:100]!r}", name)
            return None
        if self.languages and code not in self.languages:
            return None
        if code == MUL and role == "description":
            self.notes.leave(role, "a description in no language: --untagged names one", name)
            return None
        value = fact(text.strip())
        if not value or "\ufffd" in value:
            if text.strip():
                self.notes.leave(role, f"a {role} that is too long or damaged", name)
            return None
        if odd and tag:
            self.notes.mend("language tag")
        return Fact(role, order, code, Value("text", value), folded)

    def _value(self, node: object) -> Value | None:
        if isinstance(node, NamedNode):
            return Value("entity", name) if (name := self._entity(node.value)) else None
        if not isinstance(node, Literal):
            return None
        text = fact(node.value)
        if not text:
            return None
        if node.language:
            return Value("text", text, _code(node.language)[0])
        if node.datatype.value in _DATES:
            return _time(text)
        if node.datatype.value in _NUMBERS:
            return Value("quantity", text.removeprefix("+"))
        return Value("string", text)


@lru_cache(maxsize=4096)
def _code(tag: str) -> tuple[str, bool, bool]:
    """The code of a tag, whether the tag is that of another one, and whether it is ill-formed."""
    code = "" if tag == NO_TAG else wikimedia(tag) or ""
    return code, tag.lower() not in (code, bcp47(code).lower()), not _TAG.fullmatch(tag)


def _without_markup(text: str) -> str:
    """The text of a piece of HTML or XML."""
    parser = _Text()
    parser.feed(text)
    parser.close()
    return "".join(parser.pieces)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def _time(text: str) -> Value | None:
    """A date of XML Schema as a Wikibase time."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    sign, year, month, day = match.groups()
    precision = 11 if day else 10 if month else 9
    if (month, day) == ("01", "01"):
        # Truthy statements write a year as its first day, so the year is all that is certain.
        precision = 9
    return Value(
        "time", f"{sign or '+'}{year}-{month or '00'}-{day or '00'}T00:00:00Z", precision=precision
    )
