"""What the predicates of an RDF graph say of an entity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kgenrich.harvest.statements import INSTANCE_OF
from kgenrich.harvest.texts import fact
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import MUL, Value
from kgenrich.namespaces import DCTERMS, RDF, RDFS, SCHEMA, SKOS, XSD

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

_BARE = re.compile(r"[QPL][1-9][0-9]{0,17}")
_DATES = {f"{XSD}dateTime", f"{XSD}date", f"{XSD}gYear", f"{XSD}gYearMonth"}
_NUMBERS = {
    XSD + name for name in ("decimal", "integer", "int", "long", "short", "double", "float")
}
_DATE = re.compile(r"(-?)(\d{4,16})(?:-(\d\d))?(?:-(\d\d))?(?:T.*|Z|[+-]\d\d:\d\d)?")


class Fact(Struct, frozen=True, array_like=True):
    """What a triple says of its subject. ``role`` is one of label, description, alias, class and
    claim; ``order`` says which of several predicates is preferred; ``key`` is a language or a
    property. ``folded``: the text has a tag that only falls to the language (it-IT), and gives
    way to one in the language itself."""

    role: str
    order: int
    key: str
    value: Value
    folded: bool = False


class Vocabulary:
    """Which predicates mean what, and how IRIs and languages are written here.

    ``base`` is the IRI prefix of bare ids. ``labels`` takes the place of the usual label
    predicates. ``untagged`` is the language of literals without one; under ``mul`` they are names
    alone, for a description is never valid in all languages. ``properties`` are those whose values
    are kept: IRIs, or the ids of a Wikibase whose truthy statements they are.
    """

    def __init__(
        self,
        base: str,
        *,
        labels: Sequence[str] = (),
        untagged: str = MUL,
        languages: Sequence[str] = (),
        properties: Sequence[str] = (),
    ) -> None:
        self.base = base
        self.untagged = untagged
        self.languages = frozenset(languages)
        self.direct = base.removesuffix("entity/") + "prop/direct/"
        self.roles: dict[str, tuple[str, int]] = {}
        predicates_of: dict[str, Sequence[str]] = {
            "label": labels or LABELS,
            "alias": ALIASES,
            "description": DESCRIPTIONS,
            "class": (f"{RDF}type", self.direct + INSTANCE_OF),
        }
        for role, predicates in predicates_of.items():
            for order, predicate in enumerate(predicates):
                self.roles.setdefault(predicate, (role, order))
        self.properties: Mapping[str, str] = {
            name if "://" in name else self.direct + name: name for name in properties
        }

    def bare(self, iri: str) -> str:
        """The id of an entity: bare under the base, the IRI itself elsewhere."""
        short = iri.removeprefix(self.base)
        return short if short != iri and _BARE.fullmatch(short) else iri

    def facts(self, quad: Quad | Triple) -> Iterator[Fact]:
        """What a triple says that an entity can hold."""
        predicate, node = quad.predicate.value, quad.object
        role, order = self.roles.get(predicate, ("", 0))
        if role == "class":
            if isinstance(node, NamedNode) and not node.value.startswith(_WIKIBASE):
                yield Fact(role, order, "", Value("entity", self.bare(node.value)))
        elif role and isinstance(node, Literal):
            language, folded = self._language(node)
            if language and not (language == MUL and role == "description"):
                yield Fact(role, order, language, Value("text", fact(node.value.strip())), folded)
        if predicate in self.properties and (value := self._value(node)) is not None:
            yield Fact("claim", 0, self.properties[predicate], value)

    def _language(self, node: Literal) -> tuple[str, bool]:
        """The code of a text's language, empty for what is no text or not wanted, and whether its
        tag is that of another one."""
        code, folded = "", False
        if node.language:
            code, folded = _code(node.language)
        elif node.datatype.value == f"{XSD}string":
            code = self.untagged
        return (code if not self.languages or code in self.languages else "", folded)

    def _value(self, node: object) -> Value | None:
        if isinstance(node, NamedNode):
            return Value("entity", self.bare(node.value))
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
def _code(tag: str) -> tuple[str, bool]:
    code = wikimedia(tag) or ""
    return code, tag.lower() not in (code, bcp47(code).lower())


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
