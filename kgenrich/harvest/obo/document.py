"""An OBO document as the triples of OWL, read frame by frame in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from pyoxigraph import Literal, Triple

from kgenrich.harvest.batch import excerpt
from kgenrich.harvest.obo.owl import Translation
from kgenrich.harvest.obo.vocabulary import SET_OPERATIONS, oio
from kgenrich.inputs import Input
from kgenrich.model import Reject
from kgenrich.obo.frames import (
    Broken,
    ParsedFrame,
    ParsedHeader,
    parse_frame,
    read_lines,
    split_frames,
)
from kgenrich.obo.identifiers import Identifiers

_IN_MEMORY = 8 << 20


def read_obo(source: Input, repaired: Counter[str]) -> Iterator[Triple | Reject]:
    """The triples of an OBO document, and what of it is broken; counts by name what was mended.

    What a relation is called stands in its typedef, at the end of most documents: clauses that
    name it before are put aside and read then. Raises `InputError` where reading cannot go on.
    """
    ids = Identifiers()
    translation = Translation(ids, repaired)
    typedefs: list[ParsedFrame] = []
    with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n") as aside:
        for frame in split_frames(read_lines(source), source.name):
            for item in parse_frame(frame, repaired):
                if isinstance(item, Broken):
                    text = excerpt(item.text.encode())
                    yield Reject(source.name, item.number, item.reason, text)
                elif isinstance(item, ParsedHeader):
                    yield from translation.header(item)
                elif item.kind == "Typedef":
                    xrefs = [each.xref.id for each in item.clauses if each.raw_tag() == "xref"]
                    ids.add_relation(item.id, xrefs)
                    typedefs.append(item)
                else:
                    now, later = _by_relation(item, ids)
                    yield from translation.frame(now)
                    if later:
                        lines = [f"[{item.kind}]", f"id: {item.id}", *map(str, later)]
                        aside.writelines(f"{line}\n" for line in lines)
        for typedef in typedefs:
            yield from translation.frame(typedef)
            if short := ids.short_id(typedef.id):
                yield Triple(ids.iri(typedef.id), oio("shorthand"), Literal(short))
        aside.seek(0)
        for frame in split_frames(aside, source.name):
            for item in parse_frame(frame, Counter()):
                if isinstance(item, ParsedFrame):
                    yield from translation.clauses(ids.iri(item.id), item)


def _by_relation(frame: ParsedFrame, ids: Identifiers) -> tuple[ParsedFrame, list[Any]]:
    """A frame without the clauses that name a relation that is not known yet, and those."""
    unknown = [not ids.is_known(_relation(clause)) for clause in frame.clauses]
    if not any(unknown):
        return frame, []
    pairs = list(zip(frame.clauses, unknown, strict=True))
    # The clauses of a definition stay together.
    whole = {clause.raw_tag() for clause, later in pairs if later} & SET_OPERATIONS.keys()
    now: list[Any] = []
    aside: list[Any] = []
    for clause, later in pairs:
        (aside if later or clause.raw_tag() in whole else now).append(clause)
    return ParsedFrame(frame.kind, frame.id, now), aside


def _relation(clause: Any) -> Any:
    said = getattr(clause, "property_value", None)
    return getattr(clause, "typedef", None) if said is None else said.relation
