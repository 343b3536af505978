"""Terms as RDF: N-Triples and Turtle, or N-Quads and TriG with a named graph for each state.

Labels are ``rdfs:label``, aliases ``skos:altLabel``, descriptions ``schema:description``, as in
Wikidata's own mapping; that has ``skos:prefLabel`` and ``schema:name`` for labels too, which are
written on request. The order is that of the rows; memory does not grow with their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from msgspec import Struct, field

from kgenrich.errors import InputError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.syntax import QUADS, Layout, escape, iri, is_tag, local_iri, prefixes
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import TermKind, TermRow
from kgenrich.namespaces import KGENRICH, RDFS, SCHEMA, SKOS

LABEL = f"<{RDFS}label>"
ALL_LABELS = [LABEL, f"<{SKOS}prefLabel>", f"<{SCHEMA}name>"]
ALIAS = f"<{SKOS}altLabel>"
DESCRIPTION = f"<{SCHEMA}description>"
DEFINITION = f"<{SKOS}definition>"
PREDICATES = {
    TermKind.LABEL: LABEL,
    TermKind.ALIAS: ALIAS,
    TermKind.DESCRIPTION: DESCRIPTION,
    TermKind.DEFINITION: DEFINITION,
}

WIKIDATA = "http://www.wikidata.org/entity/"


class RdfOptions(Struct, frozen=True):
    """How terms are written: the concept base of bare ids, and what tags and predicates are."""

    base: str
    form: str = "nt"
    all_labels: bool = False
    raw_tags: bool = False
    resources: str = KGENRICH

    @property
    def prefix(self) -> str:
        """Stands for the concept base in formats that shorten IRIs."""
        return "wd" if self.base == WIKIDATA else "entity"

    def subject(self, entity: str) -> str | None:
        """The IRI of an entity, None where it cannot have one."""
        if ":" in entity:
            return iri(entity)
        if entity.isascii() and entity.isalnum():
            return f"<{self.base}{entity}>"
        return local_iri(self.base, entity)

    def tag(self, language: str) -> str:
        """The language tag of a text, whether or not it is well-formed."""
        return language if self.raw_tags else bcp47(language)


class RdfCounts(ExportCounts, kw_only=True):
    """What a description of the file tells besides.

    ``entities`` are counted in each graph anew, ``graphs`` has the triples and entities of each.
    ``predicates`` are counted only when ``detailed`` is set, which costs time.
    """

    detailed: bool = False
    entities: int = 0
    predicates: Counter[str] = field(default_factory=Counter)
    tags: set[str] = field(default_factory=set)
    graphs: dict[str, tuple[int, int]] = field(default_factory=dict)


def graph_of(state: str, options: RdfOptions) -> str:
    """The named graph of the asserted, accepted or proposed terms; empty in formats without."""
    return f"<{options.resources}{state}>" if options.form in QUADS else ""


def serialize(
    parts: Iterable[tuple[str, Iterable[TermRow]]], options: RdfOptions, counts: RdfCounts
) -> Iterator[bytes]:
    """The document in pieces, from graphs (see `graph_of`) with their rows.

    The rows of an entity must follow each other. Raises `InputError` for a lone surrogate.
    """
    writer = _Writer(options, counts)
    yield writer.layout.head().encode()
    for graph, rows in parts:
        before = counts.triples, counts.entities
        yield writer.layout.begin(graph).encode()
        writer.ends.clear()
        for entity, group in groupby(rows, attrgetter("entity")):
            yield writer.about(entity, list(group))
        yield writer.layout.end().encode()
        if graph:
            counts.graphs[graph] = counts.triples - before[0], counts.entities - before[1]


class _Writer:
    def __init__(self, options: RdfOptions, counts: RdfCounts) -> None:
        self.options = options
        self.counts = counts
        spaces = {options.prefix: options.base, **prefixes("rdfs", "skos", "schema")}
        self.layout = Layout(options.form, spaces)
        self.predicates = {kind: [predicate] for kind, predicate in PREDICATES.items()}
        if options.all_labels:
            self.predicates[TermKind.LABEL] = ALL_LABELS
        self.ends: dict[str, bytes] = {}
        """What follows a text, by the languages whose tag no other language has."""

    def about(self, entity: str, group: list[TermRow]) -> bytes:
        """The statements about an entity, each once."""
        counts = self.counts
        subject = self.options.subject(entity)
        if subject is None:
            counts.refused["not an IRI"] += len(group)
            return b""
        counts.terms += len(group)
        data, count = (self.block if self.layout.prefixes else self.lines)(subject, group)
        counts.triples += count
        counts.entities += count > 0
        return data

    def lines(self, subject: str, group: list[TermRow]) -> tuple[bytes, int]:
        """Statements as N-Triples and N-Quads have them, and their number.

        Bytes are put together, not text: one wide character would make a whole text wide. Rows
        are distinct, so a statement can come twice only where an accepted term was asserted
        since, or where two codes have one tag.
        """
        heads = {
            kind: [f'{subject} {predicate} "'.encode() for predicate in predicates]
            for kind, predicates in self.predicates.items()
        }
        ends = self.ends
        pieces: list[bytes] = []
        doubtful = False
        for row in group:
            try:
                end = ends[row.language]
            except KeyError:
                end = self.end(row.language)
                doubtful |= row.language not in ends
            if not end:
                continue
            text = row.text
            if not text.isprintable() or '"' in text or "\\" in text:
                text = _escaped(row)
            if row.candidate:
                doubtful = True
            data = text.encode()
            for head in heads[row.kind]:
                pieces += (head, data, end)
        if doubtful:
            unique = dict.fromkeys(zip(*[iter(pieces)] * 3, strict=True))
            pieces = [piece for line in unique for piece in line]
        if self.counts.detailed:
            self.counts.predicates.update(head.split(b" ")[1].decode() for head in pieces[::3])
        return b"".join(pieces), len(pieces) // 3

    def block(self, subject: str, group: list[TermRow]) -> tuple[bytes, int]:
        """Statements grouped by predicate, and their number."""
        objects: dict[str, dict[str, None]] = {}
        for row in group:
            end = self.ends.get(row.language) or self.end(row.language)
            if not end:
                continue
            text = row.text
            if not text.isprintable() or '"' in text or "\\" in text:
                text = _escaped(row)
            for predicate in self.predicates[row.kind]:
                objects.setdefault(predicate, {})[f'"{text}{end.decode()}'] = None
        if self.counts.detailed:
            for predicate, values in objects.items():
                self.counts.predicates[predicate] += len(values)
        count = sum(map(len, objects.values()))
        return self.layout.block(subject, objects).encode() if count else b"", count

    def end(self, language: str) -> bytes:
        """What follows the text of a literal in a language; empty, and the term refused, where it
        has no tag."""
        tag = self.options.tag(language)
        if not (is_tag(tag) or (self.options.raw_tags and _is_raw_tag(tag))):
            self.counts.refused["not a language tag"] += 1
            self.counts.terms -= 1
            return b""
        self.counts.tags.add(tag)
        end = f'"@{tag}{"" if self.layout.prefixes else self.layout.ending}'.encode()
        if self.options.raw_tags or wikimedia(tag) == language:
            self.ends[language] = end
        return end


def _escaped(row: TermRow) -> str:
    try:
        return escape(row.text)
    except UnicodeEncodeError as error:
        raise InputError(
            f"A {row.kind} of {row.entity} in {row.language} holds a lone surrogate, "
            "which RDF cannot: harvest the entity again."
        ) from error


def _is_raw_tag(tag: str) -> bool:
    """Whether the grammar of N-Triples has it, though RFC 5646 may not (``zh-classical``)."""
    first, *rest = tag.split("-")
    return tag.isascii() and first.isalpha() and all(part.isalnum() for part in rest)
