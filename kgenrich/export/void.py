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
    integer,
    literal,
    local_iri,
    moment,
    prefixes,
    properties,
    text,
)

DCAT = "http://www.w3.org/ns/dcat#"
SPDX = "http://spdx.org/rdf/terms#"
FORMATS = "http://www.w3.org/ns/formats/"
_FEATURES = {"nt": "N_Triples", "ttl": "Turtle", "nq": "N_Quads", "trig": "TriG"}
_WRAPPERS = {".gz": "application/gzip", ".zst": "application/zstd"}


def describe(counts: RdfCounts, options: RdfOptions, written: Written, issued: str) -> bytes:
    """The description as Turtle: sizes, predicates, languages, graphs, and the file.

    ``issued`` is the time of writing (ISO 8601). File names are given relative to the
    description, which is meant to lie beside the dump.
    """
    file = PurePath(written.path).name
    dataset, distribution, checksum = (
        local_iri(options.resources, f"{kind}:{written.sha256[:32]}") or f"<#{kind}>"
        for kind in ("dataset", "file", "checksum")
    )
    about = [
        (TYPE, f"<{VOID}Dataset>"),
        (TYPE, f"<{DCAT}Dataset>"),
        *properties(
            DCTERMS, title=literal(f"Terms in {file}", language="en"), issued=moment(issued)
        ),
        *properties(
            VOID,
            uriSpace=literal(options.base),
            triples=integer(counts.triples),
            properties=integer(len(counts.predicates)),
            feature=f"<{FORMATS}{_FEATURES[options.form]}>",
        ),
        (f"<{DCAT}distribution>", distribution),
        *((f"<{DCTERMS}language>", literal(tag)) for tag in sorted(counts.tags)),
    ]
    blocks = [(dataset, about)]
    for number, (predicate, count) in enumerate(sorted(counts.predicates.items()), 1):
        name = f"{dataset[:-1]}:property{number}>"
        about += properties(VOID, propertyPartition=name)
        blocks.append((name, properties(VOID, property=predicate, triples=integer(count))))
    if not counts.graphs:
        about += properties(VOID, entities=integer(counts.entities))
    for graph, (triples, entities) in counts.graphs.items():
        about += properties(VOID, subset=graph)
        sizes = properties(VOID, triples=integer(triples), entities=integer(entities))
        blocks.append((graph, [(TYPE, f"<{VOID}Dataset>"), *sizes]))
    blocks += [
        (
            distribution,
            [
                (TYPE, f"<{DCAT}Distribution>"),
                *properties(DCTERMS, title=literal(file)),
                *properties(
                    DCAT,
                    mediaType=literal(MEDIA_TYPES[options.form]),
                    compressFormat=text(_WRAPPERS.get(PurePath(file).suffix, "")),
                    byteSize=integer(written.bytes),
                ),
                *properties(SPDX, checksum=checksum),
            ],
        ),
        (
            checksum,
            [
                (TYPE, f"<{SPDX}Checksum>"),
                (f"<{SPDX}algorithm>", f"<{SPDX}checksumAlgorithm_sha256>"),
                (f"<{SPDX}checksumValue>", literal(written.sha256, datatype="hexBinary")),
            ],
        ),
    ]
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
    return (layout.head() + "".join(layout.about(s, pairs) for s, pairs in blocks)).encode()
