"""Any RDF file with labels and descriptions: its subjects become entities.

The file is streamed through pyoxigraph and its facts are grouped by subject (`grouping`), since
nothing says that the triples of a subject stand together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import IO, cast

from msgspec import Struct
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kgenrich.errors import InputError, UsageError
from kgenrich.harvest.batch import Batch, Broken, excerpt
from kgenrich.harvest.document import INSTANCE_OF, fact
from kgenrich.harvest.dump import LONGEST_LINE
from kgenrich.harvest.files import CHUNK, Input
from kgenrich.harvest.grouping import Groups
from kgenrich.languages import wikimedia
from kgenrich.model import MUL, Entity, Value

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_SCHEMA = ("http://schema.org/", "https://schema.org/")
_DCT = "http://purl.org/dc/terms/"
_WIKIBASE = "http://wikiba.se/ontology#"

LABELS = (f"{_RDFS}label", f"{_SKOS}prefLabel", *(f"{schema}name" for schema in _SCHEMA))
DESCRIPTIONS = (
    *(f"{schema}description" for schema in _SCHEMA),
    f"{_RDFS}comment",
    f"{_DCT}description",
    f"{_SKOS}definition",
)
ALIASES = (f"{_SKOS}altLabel", *(f"{schema}alternateName" for schema in _SCHEMA))
TYPES = (f"{_RDF}type",)

BATCH = 500

FORMATS = {
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "ttl": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "n3": RdfFormat.N3,
    "rdf": RdfFormat.RDF_XML,
    "owl": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD,
}
_BY_LINE = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_PACKED = (".gz", ".bz2", ".zst", ".xz")

_BARE = re.compile(r"[QPL][1-9][0-9]{0,17}")
_DATES = {f"{_XSD}dateTime", f"{_XSD}date", f"{_XSD}gYear", f"{_XSD}gYearMonth"}
_NUMBERS = {
    _XSD + name for name in ("decimal", "integer", "int", "long", "short", "double", "float")
}
_DATE = re.compile(r"(-?)(\d{4,16})(?:-(\d\d))?(?:-(\d\d))?(?:T.*|Z|[+-]\d\d:\d\d)?")


class _Fact(Struct, frozen=True, array_like=True):
    """What a triple says of its subject. ``role`` is one of label, description, alias, class and
    claim; ``order`` says which of several predicates is preferred; ``key`` is a language or a
    property."""

    role: str
    order: int
    key: str
    value: Value


class Vocabulary:
    """Which predicates mean what, and how IRIs and languages are named here.

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
        named = (
            ("label", tuple(labels) or LABELS),
            ("alias", ALIASES),
            ("description", DESCRIPTIONS),
            ("class", (*TYPES, self.direct + INSTANCE_OF)),
        )
        for role, predicates in named:
            for order, predicate in enumerate(predicates):
                self.roles.setdefault(predicate, (role, order))
        self.properties: Mapping[str, str] = {
            name if "://" in name else self.direct + name: name for name in properties
        }

    def bare(self, iri: str) -> str:
        """The id of an entity: bare under the base, the IRI itself elsewhere."""
        short = iri.removeprefix(self.base)
        return short if short != iri and _BARE.fullmatch(short) else iri

    def facts(self, quad: Quad | Triple) -> Iterator[_Fact]:
        """What a triple says that an entity can hold."""
        predicate, node = quad.predicate.value, quad.object
        role, order = self.roles.get(predicate, ("", 0))
        if role == "class":
            if isinstance(node, NamedNode) and not node.value.startswith(_WIKIBASE):
                yield _Fact(role, order, "", Value("entity", self.bare(node.value)))
        elif role and isinstance(node, Literal):
            language = self._language(node)
            if language and not (language == MUL and role == "description"):
                yield _Fact(role, order, language, Value("text", fact(node.value.strip())))
        if predicate in self.properties and (value := self._value(node)) is not None:
            yield _Fact("claim", 0, self.properties[predicate], value)

    def _language(self, node: Literal) -> str:
        """The code of a text's language; empty for what is no text or not wanted."""
        if node.language:
            code = _code(node.language)
        elif node.datatype.value == f"{_XSD}string":
            code = self.untagged
        else:
            return ""
        return code if not self.languages or code in self.languages else ""

    def _value(self, node: object) -> Value | None:
        if isinstance(node, NamedNode):
            return Value("entity", self.bare(node.value))
        if not isinstance(node, Literal):
            return None
        text = fact(node.value)
        if not text:
            return None
        if node.language:
            return Value("text", text, _code(node.language))
        if node.datatype.value in _DATES:
            return _time(text)
        if node.datatype.value in _NUMBERS:
            return Value("quantity", text.removeprefix("+"))
        return Value("string", text)


@lru_cache(maxsize=4096)
def _code(tag: str) -> str:
    return wikimedia(tag)


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


def format_of(path: str, named: str = "") -> RdfFormat:
    """The format of a file by its name (``names.ttl.gz``), or the one named.

    Raises `UsageError` when it cannot be told.
    """
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    ending = named or (suffixes[-1][1:] if suffixes else "")
    if ending not in FORMATS:
        raise UsageError(
            f"The format of {path} cannot be told from its name: give --format "
            f"({', '.join(FORMATS)})."
        )
    return FORMATS[ending]


def read_rdf(
    source: Input, form: RdfFormat, vocabulary: Vocabulary, *, start: str = "", size: int = BATCH
) -> Iterator[Batch]:
    """The subjects that have a name, a description or a class, in the order of their ids.

    Positions are ids. While the file is read, batches without entities tell the progress. A
    broken line of N-Triples or N-Quads is reported; in other formats it ends the file with an
    `InputError`. Blank nodes are no entities.
    """
    groups: Groups[_Fact] = Groups(_Fact)
    try:
        told = 0
        for item in _quads(source, form):
            if isinstance(item, Broken):
                yield Batch(start, source.tell(), 1, [], [item])
            elif isinstance(item.subject, NamedNode):
                for each in vocabulary.facts(item):
                    groups.add(vocabulary.bare(item.subject.value), each, len(each.value.value))
            if source.tell() - told > CHUNK:
                told = source.tell()
                yield Batch(start, told)
        batch = Batch(start, source.tell())
        for name, facts in groups:
            if name <= start or (entity := _entity(name, facts)) is None:
                continue
            batch.entities.append(entity)
            batch.read += 1
            batch.position = name
            if batch.read >= size:
                yield batch
                batch = Batch(name, source.tell())
        if batch.read:
            yield batch
    finally:
        groups.close()


def _quads(source: Input, form: RdfFormat) -> Iterator[Quad | Triple | Broken]:
    if form not in _BY_LINE:
        try:
            yield from parse(cast(IO[bytes], source), format=form)
        except SyntaxError as error:
            raise InputError(f"{source.name} is broken: {_tidy(error)}") from error
        return
    number = 0
    rest = b""
    while chunk := source.read(CHUNK):
        block, found, rest_now = chunk.rpartition(b"\n")
        if not found:
            rest += chunk
            if len(rest) > LONGEST_LINE:
                raise InputError(f"{source.name} is no {form.name}: it has no lines.")
            continue
        block, rest = rest + block, rest_now
        yield from _block(source.name, block, form, number)
        number += block.count(b"\n") + 1
    if rest:
        yield from _block(source.name, rest, form, number)


def _block(
    name: str, block: bytes, form: RdfFormat, number: int
) -> Iterator[Quad | Triple | Broken]:
    """The triples of some whole lines, after line ``number``, and those lines that have none."""
    try:
        yield from list(parse(block, format=form))
    except SyntaxError:
        for place, line in enumerate(block.split(b"\n"), number + 1):
            try:
                yield from list(parse(line, format=form))
            except SyntaxError as error:
                yield Broken(name, place, _tidy(error, " at line 1"), excerpt(line))


def _tidy(error: SyntaxError, known: str = "\0") -> str:
    return f"{error.msg}".replace(known, "").removeprefix("Parser error").strip(" :.") + "."


def _entity(name: str, facts: Iterable[_Fact]) -> Entity | None:
    labels: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    aliases: dict[str, dict[str, None]] = {}
    classes: dict[str, None] = {}
    claims: dict[str, dict[Value, None]] = {}
    for each in sorted(facts, key=lambda each: each.order):
        if not each.value.value:
            continue
        text = each.value.value
        match each.role:
            case "label":
                if labels.setdefault(each.key, text) != text:
                    aliases.setdefault(each.key, {})[text] = None
            case "alias":
                aliases.setdefault(each.key, {})[text] = None
            case "description":
                descriptions.setdefault(each.key, text)
            case "class":
                classes[text] = None
            case "claim":
                claims.setdefault(each.key, {})[each.value] = None
    if not (labels or descriptions or aliases or classes):
        return None
    return Entity(
        id=name,
        labels=labels,
        descriptions=descriptions,
        aliases={
            language: others
            for language, texts in aliases.items()
            if (others := tuple(text for text in texts if text != labels.get(language)))
        },
        classes=tuple(classes),
        claims={key: tuple(values) for key, values in claims.items()},
    )
