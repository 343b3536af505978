"""What is added to a graph: literals that are to be said of its entities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

from msgspec import Struct

from kgenrich.export.counts import ExportCounts
from kgenrich.export.syntax import TYPE, escape, iri
from kgenrich.namespaces import SKOSXL

_TAG = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)*+(?:--(?:ltr|rtl))?")

known_iri = lru_cache(maxsize=4096)(iri)
"""`iri` for predicates and types, of which there are few."""

_BLANK = re.compile(r"_:[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_\-])?")


class Addition(Struct, frozen=True, gc=False, omit_defaults=True):
    """A literal that is to be said of an entity.

    ``subject``, ``predicate`` and ``datatype`` are IRIs without brackets, ``tag`` is the language
    tag to the letter; a literal has one of ``tag`` and ``datatype``, or neither. ``node`` is the
    IRI of the SKOS-XL label that carries the text: the predicate (``skosxl:prefLabel``) then leads
    to the node.
    """

    subject: str
    predicate: str
    text: str
    tag: str = ""
    datatype: str = ""
    node: str = ""


class Change(Struct, frozen=True, gc=False, omit_defaults=True):
    """What is added, and the literals that it replaces."""

    added: Addition
    removed: tuple[Addition, ...] = ()


class Source(Protocol):
    """A file to be copied, unpacked but otherwise as it is (`kgenrich.inputs.Input`)."""

    name: str

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, empty at the end."""
        ...


class Merge(Protocol):
    """Copies a source in pieces and adds statements to it."""

    def __call__(
        self,
        source: Source,
        additions: Iterable[Addition],
        counts: ExportCounts,
        *,
        base: str = "",
    ) -> Iterator[bytes]:
        """``base`` is what relative IRIs are relative to where the source does not say. Counted
        are the additions (``terms``, ``triples``), and by reason those that the format cannot hold
        (``refused``). Raises `InputError` where the source is not what it should be."""
        ...


class Triple(NamedTuple):
    """A triple in N-Triples form, ``<http://…>`` and ``"…"@it``."""

    subject: str
    predicate: str
    object: str


def triples(addition: Addition, counts: ExportCounts) -> list[Triple]:
    """The triples of an addition: one, or three where a SKOS-XL label carries the text. They are
    counted; none, and the reason counted, where it cannot be said in RDF."""
    subject, predicate = resource(addition.subject), known_iri(addition.predicate)
    datatype = known_iri(addition.datatype) if addition.datatype else ""
    node = resource(addition.node) if addition.node else ""
    if subject is None or predicate is None or datatype is None or node is None:
        counts.refused["not an IRI"] += 1
        return []
    if addition.tag and not _TAG.fullmatch(addition.tag):
        counts.refused["not a language tag"] += 1
        return []
    try:
        text = f'"{escape(addition.text)}"'
    except UnicodeEncodeError:
        counts.refused["a lone surrogate"] += 1
        return []
    kind = f"@{addition.tag}" if addition.tag else f"^^{datatype}" if datatype else ""
    made = [Triple(subject, predicate, node or text + kind)]
    if node:
        made.append(Triple(node, TYPE, f"<{SKOSXL}Label>"))
        made.append(Triple(node, f"<{SKOSXL}literalForm>", text + kind))
    counts.terms += 1
    counts.triples += len(made)
    return made


def resource(name: str) -> str | None:
    """An IRI between angle brackets, or a blank node (``_:name``) as it is; None for neither."""
    return name if _BLANK.fullmatch(name) else iri(name)
