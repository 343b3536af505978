"""OBO documents: new clauses in the frames of their subjects, where the order of tags has them.

A term may have one name, one definition and one comment: further ones are values of the property
(``rdfs:label``), unless the term has several names already. Languages are qualifiers,
``{xml:lang="de"}``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fastobo.id import PrefixedIdent, Url, parse
from fastobo.pv import LiteralPropertyValue
from fastobo.qual import Qualifier, QualifierList
from fastobo.syn import Synonym
from fastobo.term import CommentClause, DefClause, NameClause, PropertyValueClause, SynonymClause

from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition, Source
from kgenrich.export.merging.waiting import Waiting, line_end, whole_lines
from kgenrich.namespaces import OBO, OBO_IN_OWL, RDFS, SKOS, XSD
from kgenrich.obo.frames import Frame, ParsedFrame, ParsedHeader, parse_frame
from kgenrich.obo.identifiers import Identifiers

_START = re.compile(rb"[ \t]*\[(\w+)\]")
_TAG = re.compile(rb"[ \t]*([\w-]+):")
_LANGUAGE = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ORDER = (
    "id",
    "is_anonymous",
    "name",
    "namespace",
    "alt_id",
    "def",
    "comment",
    "subset",
    "synonym",
    "xref",
    "builtin",
    "property_value",
)
"""Tags in the order in which frames have them (OBO Flat File Format 1.4, 3.6.2), as far as it
matters here."""

_SCOPES = {
    f"{OBO_IN_OWL}has{scope.title()}Synonym": scope
    for scope in ("EXACT", "NARROW", "BROAD", "RELATED")
}
_TAGGED = {
    f"{SKOS}prefLabel": f"{RDFS}label",
    f"{SKOS}altLabel": f"{OBO_IN_OWL}hasExactSynonym",
    f"{SKOS}definition": f"{OBO}IAO_0000115",
}
"""What OBO has tags for, by the predicates of a vocabulary in which new terms may come."""

_SINGLE = {
    f"{RDFS}label": ("name", NameClause),
    f"{OBO}IAO_0000115": ("def", DefClause),
    f"{RDFS}comment": ("comment", CommentClause),
}
"""The predicates that have a tag of which a term may have one clause."""


def merge_obo(
    source: Source, additions: Iterable[Addition], counts: ExportCounts, *, base: str = ""
) -> Iterator[bytes]:
    """A copy with the additions; see `Merge`. What is said of a subject that has no frame is
    refused."""
    waiting = Waiting(additions, counts)
    ids = Identifiers()
    for lines in _frames(source):
        if not _START.match(lines[0]):
            _read_header(lines, ids)
        else:
            for due in waiting.pop(_subject(lines, ids)):
                _add(lines, due, ids, counts)
        yield b"".join(lines)
    for subject in waiting.subjects():
        counts.refused["no frame of the document"] += len(waiting.pop(subject))


def _frames(source: Source) -> Iterator[list[bytes]]:
    """The lines of the header, if there is one, and of each frame, with their ends."""
    lines: list[bytes] = []
    for block in whole_lines(source):
        for line in block.splitlines(keepends=True):
            if lines and _START.match(line):
                yield lines
                lines = []
            lines.append(line)
    if lines:
        yield lines


def _read_header(lines: Sequence[bytes], ids: Identifiers) -> None:
    texts = [line.decode("utf-8-sig", "replace").strip() for line in lines]
    frame = Frame("", [(0, text) for text in texts if text and not text.startswith("!")])
    for item in parse_frame(frame, Counter()):
        if isinstance(item, ParsedHeader):
            ids.add_header(item.clauses)


def _subject(lines: Sequence[bytes], ids: Identifiers) -> str:
    """The IRI of a frame's id, empty where it has none."""
    start = _START.match(lines[0])
    kind = start[1].decode() if start else ""
    # A relation may be called what its xrefs say.
    wanted = ("id:", "xref:") if kind == "Typedef" else ("id:",)
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    frame = Frame(kind, [(0, text) for text in texts if text.startswith(wanted)])
    for item in parse_frame(frame, Counter()):
        if isinstance(item, ParsedFrame):
            if kind == "Typedef":
                ids.add_relation(item.id, [clause.xref.id for clause in item.clauses])
            return ids.iri(item.id).value
    return ""


def _add(lines: list[bytes], addition: Addition, ids: Identifiers, counts: ExportCounts) -> None:
    """Put a clause among the lines of its frame, after all that stand before its tag."""
    if _SURROGATE.search(addition.text):
        counts.refused["a lone surrogate"] += 1
        return
    if _CONTROLS.search(addition.text):
        counts.refused["a control character"] += 1
        return
    if addition.text.endswith("\\"):
        # Right as it is written, but fastobo 0.14 does not read it again.
        counts.refused["a backslash at the end"] += 1
        return
    if addition.tag and not _LANGUAGE.fullmatch(addition.tag):
        counts.refused["not a language tag"] += 1
        return
    tags = [found[1].decode() if (found := _TAG.match(line)) else "" for line in lines]
    clause = _clause(addition, tags, ids)
    if addition.tag:
        clause.qualifiers = QualifierList([Qualifier(PrefixedIdent("xml", "lang"), addition.tag)])
    line = str(clause).encode()
    if line in map(bytes.strip, lines):
        counts.refused["there already"] += 1
        return
    before = _ORDER[: _ORDER.index(clause.raw_tag()) + 1]
    place = max(at for at, tag in enumerate(tags) if tag in before)
    if end := line_end(lines[place]):
        lines.insert(place + 1, line + end)
    else:
        # The last line of a document may have no end; then the new last one has none.
        lines.insert(place + 1, (line_end(lines[0]) or b"\n") + line)
    counts.terms += 1
    counts.triples += 1


def _clause(addition: Addition, tags: Sequence[str], ids: Identifiers) -> Any:
    """What is added as a clause for a frame that has these tags."""
    text, predicate = addition.text, _TAGGED.get(addition.predicate, addition.predicate)
    if scope := _SCOPES.get(predicate):
        return SynonymClause(Synonym(text, scope))
    tag, kind = _SINGLE.get(predicate, ("", None))
    if kind is not None and tags.count(tag) != 1:
        return kind(text)
    name = ids.short_iri(predicate)
    relation = Url(name) if "://" in name else parse(name)
    datatype = addition.datatype or f"{XSD}string"
    local = datatype.removeprefix(XSD)
    of_kind = PrefixedIdent("xsd", local) if local != datatype else Url(datatype)
    return PropertyValueClause(LiteralPropertyValue(relation, text, of_kind))
