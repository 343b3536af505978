"""A description of a written dump in VoID, with DCAT for the file itself.

VoID: Alexander and others, "Describing Linked Datasets with the VoID Vocabulary", W3C Interest
Group Note, 2011. DCAT: W3C Recommendation, version 3. The checksum is SPDX's.
"""

from __future__ import annotations

from pathlib import PurePath

from kgenrich.export.files import Written
from kgenrich.export.rdf import RdfCounts, RdfOptions
from kgenrich.export.syntax import (
    DCTERMS,
    MEDIA_TYPES,
    TYPE,
    VOID,
    Layout,
    Pair,
    integer,
    literal,
    local_iri,
    prefixes,
)

DCAT = "http://www.w3.org/ns/dcat#"
SPDX = "http://spdx.org/rdf/terms#"
FORMATS = "http://www.w3.org/ns/formats/"
_FEATURES = {"nt": "N-Triples", "ttl": "Turtle", "nq": "N-Quads", "trig": "TriG"}
_WRAPPERS = {".gz": "application/gzip", ".zst": "application/zstd"}


def describe(counts: RdfCounts, options: RdfOptions, written: Written, issued: str) -> bytes:
    """The description as Turtle: sizes, predicates, languages, graphs, and the file.

    ``issued`` is the time of writing (ISO 8601). File names are given relative to the
    description, which is meant to lie beside the dump.
    """
    file = PurePath(written.path).name
    dataset = local_iri(options.resources, f"dataset:{written.sha256[:32]}") or "<#dataset>"
    distribution = local_iri(options.resources, f"file:{written.sha256[:32]}") or "<#file>"
    checksum = local_iri(options.resources, f"checksum:{written.sha256[:32]}") or "<#checksum>"
    layout = Layout(
        "ttl",
        {
            "void": VOID,
            "dcat": DCAT,
            **prefixes("dcterms"),
            "spdx": SPDX,
            "formats": FORMATS,
            **prefixes("rdf", "rdfs", "skos", "schema", "xsd"),
        },
    )
    about: list[Pair] = [
        (TYPE, f"<{VOID}Dataset>"),
        (TYPE, f"<{DCAT}Dataset>"),
        (f"<{DCTERMS}title>", literal(f"Terms in {file}", language="en")),
        (f"<{DCTERMS}issued>", literal(issued, datatype="dateTime")),
        (f"<{VOID}uriSpace>", literal(options.base)),
        (f"<{VOID}triples>", integer(counts.triples)),
        (f"<{VOID}properties>", integer(len(counts.predicates))),
        (f"<{VOID}feature>", f"<{FORMATS}{_FEATURES[options.form].replace('-', '_')}>"),
        (f"<{DCAT}distribution>", distribution),
    ]
    about += [(f"<{DCTERMS}language>", literal(tag)) for tag in sorted(counts.tags)]
    blocks: list[tuple[str, list[Pair]]] = []
    for number, (predicate, count) in enumerate(sorted(counts.predicates.items()), 1):
        name = f"{dataset[:-1]}:property{number}>"
        about.append((f"<{VOID}propertyPartition>", name))
        blocks.append(
            (name, [(f"<{VOID}property>", predicate), (f"<{VOID}triples>", integer(count))])
        )
    if not counts.graphs:
        about.append((f"<{VOID}entities>", integer(counts.entities)))
    for graph, (triples, entities) in counts.graphs.items():
        about.append((f"<{VOID}subset>", graph))
        part = [
            (TYPE, f"<{VOID}Dataset>"),
            (f"<{VOID}triples>", integer(triples)),
            (f"<{VOID}entities>", integer(entities)),
        ]
        blocks.append((graph, part))
    media = _WRAPPERS.get(PurePath(file).suffix)
    blocks.append(
        (
            distribution,
            [
                (TYPE, f"<{DCAT}Distribution>"),
                (f"<{DCTERMS}title>", literal(file)),
                (f"<{DCAT}mediaType>", literal(MEDIA_TYPES[options.form])),
                *([(f"<{DCAT}compressFormat>", literal(media))] if media else []),
                (f"<{DCAT}byteSize>", integer(written.bytes)),
                (f"<{SPDX}checksum>", checksum),
            ],
        )
    )
    blocks.append(
        (
            checksum,
            [
                (TYPE, f"<{SPDX}Checksum>"),
                (f"<{SPDX}algorithm>", f"<{SPDX}checksumAlgorithm_sha256>"),
                (f"<{SPDX}checksumValue>", literal(written.sha256, datatype="hexBinary")),
            ],
        )
    )
    blocks.insert(0, (dataset, about))
    return (layout.head() + "".join(layout.about(s, pairs) for s, pairs in blocks)).encode()
