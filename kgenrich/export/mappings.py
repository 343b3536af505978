"""Alignments as files: SSSOM TSV (Matentzoglu et al., 2022) and triples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from operator import itemgetter
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from kgenrich import __version__
from kgenrich.errors import InputError
from kgenrich.export.syntax import iri
from kgenrich.export.writing import csv_lines
from kgenrich.namespaces import NAMESPACES, OWL, SKOS
from kgenrich.pairs import uri

_COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "confidence",
)
_PREFIXES = {"owl": OWL, "semapv": "https://w3id.org/semapv/vocab/", "skos": SKOS}
_ID = "#mapping_set_id:"
_SETS = "https://w3id.org/sssom/mappings/"
_NAMESPACE = re.compile(r"(.*[/#:])(.+)", re.DOTALL)

_SURE = 0.9
"""From this probability on a mapping is written as an equality, not as a near match."""


class Mapping(Struct, frozen=True, order=True):
    """Two entities (absolute IRIs) that are the same with a probability; ``given`` by the user.

    ``predicate`` (a prefixed name) says how, if they are.
    """

    subject: str
    subject_label: str
    object: str
    object_label: str
    probability: float
    given: bool = False
    predicate: str = "owl:sameAs"


def sssom(
    mappings: Iterable[Mapping],
    title: str,
    license: str = "https://w3id.org/sssom/license/unspecified",
) -> Iterator[str]:
    """The lines of an SSSOM TSV file with its metadata as comments.

    IRIs are written as URIs (RFC 3987, 3.1) and those as CURIEs, whose prefixes stand in the
    metadata. The id of the set follows from all other lines.
    """
    prefixes = {base: prefix for prefix, base in _PREFIXES.items()}
    rows = [_row(mapping, prefixes) for mapping in mappings]
    spaces = sorted(prefixes.items(), key=itemgetter(1))
    lines = [
        "#curie_map:\n",
        *(f"#  {prefix}: {json.dumps(base)}\n" for base, prefix in spaces),
        f"#license: {json.dumps(_plain(license), ensure_ascii=False)}\n",
        f"#mapping_set_title: {json.dumps(_plain(title), ensure_ascii=False)}\n",
        "#mapping_tool: kgenrich\n",
        f'#mapping_tool_version: "{__version__}"\n',
        "\t".join(_COLUMNS) + "\n",
        *rows,
    ]
    yield from lines[: len(spaces) + 1]
    yield _set_id(lines)
    yield from lines[len(spaces) + 1 :]


def is_as_written(lines: Iterable[str]) -> bool:
    """Whether these are the lines of a file of `sssom` that nobody has changed."""
    told: list[str] = []
    others: list[str] = []
    for line in lines:
        (told if line.startswith(_ID) else others).append(line)
    return told == [_set_id(others)]


def _set_id(others: Iterable[str]) -> str:
    """The line with the id of a set, from the other lines."""
    content = sha256()
    for line in others:
        content.update(line.encode("utf-8", "surrogateescape"))
    return f'{_ID} "{_SETS}{uuid5(NAMESPACE_URL, content.hexdigest())}"\n'


def _row(mapping: Mapping, prefixes: dict[str, str]) -> str:
    cells = (
        _curie(mapping.subject, "subject", prefixes),
        mapping.subject_label,
        mapping.predicate if mapping.probability >= _SURE else "skos:closeMatch",
        _curie(mapping.object, "object", prefixes),
        mapping.object_label,
        # How a given pair was found is not known here.
        "semapv:UnspecifiedMatching" if mapping.given else "semapv:CompositeMatching",
        f"{mapping.probability:.4f}",
    )
    return csv_lines([map(_plain, cells)], delimiter="\t", lineterminator="\n")


def _curie(iri: str, side: str, prefixes: dict[str, str]) -> str:
    """An IRI by the prefix of what it begins with, which gets one if it has none yet."""
    match = _NAMESPACE.fullmatch(uri(iri))
    if match is None:
        return uri(iri)
    prefix = prefixes.setdefault(match[1], f"{side}{len(prefixes) - len(_PREFIXES) or ''}")
    return f"{prefix}:{match[2]}"


def triples(mappings: Iterable[Mapping]) -> Iterator[str]:
    """N-Triples, one a mapping; concepts that are not surely one get ``skos:closeMatch``.

    Raises `InputError` for an id that is no absolute IRI.
    """
    for mapping in mappings:
        subject, other = iri(mapping.subject), iri(mapping.object)
        if subject is None or other is None:
            bad = mapping.subject if subject is None else mapping.object
            raise InputError(f"{bad[:100]!r} is no absolute IRI and cannot stand in RDF.")
        near = mapping.predicate == "skos:exactMatch" and mapping.probability < _SURE
        prefix, name = ("skos:closeMatch" if near else mapping.predicate).split(":")
        yield f"{subject} <{NAMESPACES[prefix]}{name}> {other} .\n"


def _plain(text: str) -> str:
    """Text without what would break a line of a TSV file."""
    return " ".join(text.split())
