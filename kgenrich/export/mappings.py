"""Alignments as files: SSSOM TSV (Matentzoglu et al., 2022) and ``owl:sameAs`` triples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from msgspec import Struct

from kgenrich import __version__
from kgenrich.errors import InputError
from kgenrich.export.syntax import iri

_COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "confidence",
    "mapping_tool",
    "mapping_tool_version",
)
_PREFIXES = {
    "owl": "http://www.w3.org/2002/07/owl#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_SAME_AS = "<http://www.w3.org/2002/07/owl#sameAs>"


class Mapping(Struct, frozen=True, order=True):
    """Two entities (absolute IRIs) that are the same with a probability."""

    subject: str
    subject_label: str
    object: str
    object_label: str
    probability: float


def sssom(mappings: Iterable[Mapping], title: str) -> Iterator[str]:
    """The lines of an SSSOM TSV file with its metadata as comments."""
    yield "#curie_map:\n"
    for prefix, base in _PREFIXES.items():
        yield f'#  {prefix}: "{base}"\n'
    yield f"#mapping_set_title: {json.dumps(_plain(title), ensure_ascii=False)}\n"
    yield "#mapping_tool: kgenrich\n"
    yield f'#mapping_tool_version: "{__version__}"\n'
    yield "\t".join(_COLUMNS) + "\n"
    for mapping in mappings:
        cells = (
            mapping.subject,
            mapping.subject_label,
            "owl:sameAs" if mapping.probability >= 0.9 else "skos:closeMatch",
            mapping.object,
            mapping.object_label,
            "semapv:CompositeMatching",
            f"{mapping.probability:.4f}",
            "kgenrich",
            __version__,
        )
        yield "\t".join(_plain(cell) for cell in cells) + "\n"


def same_as(mappings: Iterable[Mapping]) -> Iterator[str]:
    """N-Triples, one a mapping. Raises `InputError` for an id that is no absolute IRI."""
    for mapping in mappings:
        subject, other = iri(mapping.subject), iri(mapping.object)
        if subject is None or other is None:
            bad = mapping.subject if subject is None else mapping.object
            raise InputError(f"{bad[:100]!r} is no absolute IRI and cannot stand in RDF.")
        yield f"{subject} {_SAME_AS} {other} .\n"


def _plain(text: str) -> str:
    """Text without what would break a line of a TSV file."""
    return " ".join(text.split())
