"""Terms as RDF: N-Triples and Turtle, or N-Quads and TriG with a named graph for each state.

Labels are ``rdfs:label``, aliases ``skos:altLabel``, descriptions ``schema:description``, as in
Wikidata's own mapping; that has ``skos:prefLabel`` and ``schema:name`` for labels too, which are
written on request. The order is that of the rows; memory does not grow with their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from kgenrich.errors import InputError
from kgenrich.export.syntax import (
    QUADS,
    RDFS,
    SCHEMA,
    SKOS,
    Layout,
    Pair,
    escape,
    iri,
    is_tag,
    local_iri,
)
from kgenrich.languages import bcp47
from kgenrich.model import TermKind
from kgenrich.store.exports import TermRow

LABEL = f"<{RDFS}label>"
ALL_LABELS = (LABEL, f"<{SKOS}prefLabel>", f"<{SCHEMA}name>")
ALIAS = f"<{SKOS}altLabel>"
DESCRIPTION = f"<{SCHEMA}description>"

WIKIDATA = "http://www.wikidata.org/entity/"
RESOURCES = "urn:kgenrich:"
"""Where the IRIs of graphs, candidates, runs and the like begin, unless told otherwise."""

_CHUNK = 1 << 16


class RdfOptions(Struct, frozen=True):
    """How terms are written: the concept base of bare ids, and what tags and predicates are."""

    base: str
    form: str = "nt"
    all_labels: bool = False
    raw_tags: bool = False
    resources: str = RESOURCES


class Tally(Struct):
    """What was written.

    ``entities`` are counted in each graph anew, ``graphs`` has the triples and entities of each;
    ``refused`` counts by reason the terms that RDF cannot hold.
    """

    terms: int = 0
    triples: int = 0
    entities: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    predicates: Counter[str] = field(default_factory=Counter)
    tags: set[str] = field(default_factory=set)
    graphs: dict[str, tuple[int, int]] = field(default_factory=dict)


def graph_of(state: str, options: RdfOptions) -> str:
    """The named graph of the asserted, accepted or proposed terms; empty in formats without."""
    return f"<{options.resources}{state}>" if options.form in QUADS else ""


def serialize(
    parts: Iterable[tuple[str, Iterable[TermRow]]], options: RdfOptions, tally: Tally
) -> Iterator[bytes]:
    """The document in chunks, from graphs (see `graph_of`) with their rows.

    The rows of an entity must follow each other. Raises `InputError` for a lone surrogate.
    """
    writer = _Writer(options, tally)
    buffer = [writer.layout.head()]
    size = 0
    for graph, rows in parts:
        before = tally.triples, tally.entities
        buffer.append(writer.layout.begin(graph))
        for text in writer.subjects(rows):
            buffer.append(text)
            size += len(text)
            if size > _CHUNK:
                yield "".join(buffer).encode()
                buffer.clear()
                size = 0
        buffer.append(writer.layout.end())
        if graph:
            tally.graphs[graph] = tally.triples - before[0], tally.entities - before[1]
    yield "".join(buffer).encode()


class _Writer:
    def __init__(self, options: RdfOptions, tally: Tally) -> None:
        self.options = options
        self.tally = tally
        name = "wd" if options.base == WIKIDATA else "entity"
        prefixes = {name: options.base, "rdfs": RDFS, "skos": SKOS, "schema": SCHEMA}
        self.layout = Layout(options.form, prefixes)
        labels = ALL_LABELS if options.all_labels else (LABEL,)
        self.predicates: dict[str, tuple[str, ...]] = {
            TermKind.LABEL: labels,
            TermKind.ALIAS: (ALIAS,),
            TermKind.DESCRIPTION: (DESCRIPTION,),
        }
        self.tags: dict[str, str | None] = {}

    def subjects(self, rows: Iterable[TermRow]) -> Iterator[str]:
        """The text for each entity."""
        tally = self.tally
        count = tally.predicates
        for entity, group in _by_entity(rows):
            subject = self.subject(entity)
            if subject is None:
                tally.refused["not an IRI"] += len(group)
                continue
            pairs = self.pairs(group)
            tally.terms += len(group)
            if pairs:
                tally.entities += 1
                tally.triples += len(pairs)
                for predicate, _ in pairs:
                    count[predicate] += 1
                yield self.layout.about(subject, pairs)

    def pairs(self, group: list[TermRow]) -> list[Pair]:
        """Predicates and literals of an entity's rows, each once."""
        tags = self.tags
        predicates = self.predicates
        pairs: list[Pair] = []
        for row in group:
            try:
                tag = tags[row.language]
            except KeyError:
                tag = self.tag(row.language)
            if tag is None:
                self.tally.refused["not a language tag"] += 1
                self.tally.terms -= 1
                continue
            text = row.text
            if not text.isprintable() or '"' in text or "\\" in text:
                try:
                    text = escape(text)
                except UnicodeEncodeError as error:
                    raise InputError(
                        f"A {row.kind} of {row.entity} in {row.language} holds a lone surrogate, "
                        "which RDF cannot: harvest the entity again."
                    ) from error
            for predicate in predicates[row.kind]:
                pairs.append((predicate, f'"{text}"{tag}'))
        # Two codes can have one tag, and an accepted term may have been asserted since.
        unique = dict.fromkeys(pairs)
        return pairs if len(unique) == len(pairs) else list(unique)

    def subject(self, entity: str) -> str | None:
        if ":" in entity:
            return iri(entity)
        if entity.isascii() and entity.isalnum():
            return f"<{self.options.base}{entity}>"
        return local_iri(self.options.base, entity)

    def tag(self, language: str) -> str | None:
        tag = language if self.options.raw_tags else bcp47(language)
        valid = is_tag(tag) or (self.options.raw_tags and _is_raw_tag(tag))
        self.tags[language] = f"@{tag}" if valid else None
        if valid:
            self.tally.tags.add(tag)
        return self.tags[language]


def _is_raw_tag(tag: str) -> bool:
    """Whether the grammar of N-Triples has it, though RFC 5646 may not (``zh-classical``)."""
    first, *rest = tag.split("-")
    return tag.isascii() and first.isalpha() and all(part.isalnum() for part in rest)


def _by_entity(rows: Iterable[TermRow]) -> Iterator[tuple[str, list[TermRow]]]:
    entity = ""
    group: list[TermRow] = []
    for row in rows:
        if row.entity != entity:
            if group:
                yield entity, group
            entity = row.entity
            group = [row]
        else:
            group.append(row)
    if group:
        yield entity, group
