"""A description of a written dump in VoID, with DCAT for the file itself.

VoID: Alexander and others, "Describing Linked Datasets with the VoID Vocabulary", W3C Interest
Group Note, 2011. DCAT: W3C Recommendation, version 3. The checksum is SPDX's.
"""

from __future__ import annotations

from pathlib import PurePath

from kgenrich.export.rdf import RdfCounts, RdfOptions
from kgenrich.export.syntax import (
    TYPE,
    Layout,
    literal,
    local_iri,
    moment,
    prefixes,
    properties,
    text,
)
from kgenrich.export.writing import Written
from kgenrich.namespaces import DCAT, DCTERMS, FORMATS, SPDX, VOID

_FORMATS = {
    "nt": ("N_Triples", "application/n-triples"),
    "ttl": ("Turtle", "text/turtle"),
    "nq": ("N_Quads", "application/n-quads"),
    "trig": ("TriG", "application/trig"),
}
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
    feature, media_type = _FORMATS[options.form]
    about = [
        (TYPE, f"<{VOID}Dataset>"),
        (TYPE, f"<{DCAT}Dataset>"),
        *properties(
            DCTERMS, title=literal(f"Terms in {file}", language="en"), issued=moment(issued)
        ),
        *properties(
            VOID,
            uriSpace=literal(options.base),
            triples=counts.triples,
            properties=len(counts.predicates),
            feature=f"<{FORMATS}{feature}>",
        ),
        *properties(DCAT, distribution=distribution),
        *((f"<{DCTERMS}language>", literal(tag)) for tag in sorted(counts.tags)),
    ]
    blocks = {dataset: about}
    for number, (predicate, count) in enumerate(sorted(counts.predicates.items()), 1):
        name = f"{dataset[:-1]}:property{number}>"
        about += properties(VOID, propertyPartition=name)
        blocks[name] = properties(VOID, property=predicate, triples=count)
    if not counts.graphs:
        about += properties(VOID, entities=counts.entities)
    for graph, (triples, entities) in counts.graphs.items():
        about += properties(VOID, subset=graph)
        sizes = properties(VOID, triples=triples, entities=entities)
        blocks[graph] = [(TYPE, f"<{VOID}Dataset>"), *sizes]
    blocks[distribution] = [
        (TYPE, f"<{DCAT}Distribution>"),
        *properties(DCTERMS, title=literal(file)),
        *properties(
            DCAT,
            mediaType=literal(media_type),
            compressFormat=text(_WRAPPERS.get(PurePath(file).suffix, "")),
            byteSize=written.bytes,
        ),
        *properties(SPDX, checksum=checksum),
    ]
    blocks[checksum] = [
        (TYPE, f"<{SPDX}Checksum>"),
        *properties(
            SPDX,
            algorithm=f"<{SPDX}checksumAlgorithm_sha256>",
            checksumValue=literal(written.sha256, datatype="hexBinary"),
        ),
    ]
    layout = Layout(
        "ttl",
        prefixes(
            "void", "dcat", "dcterms", "spdx", "formats", "rdf", "rdfs", "skos", "schema", "xsd"
        ),
    )
    return (layout.head() + "".join(layout.about(*block) for block in blocks.items())).encode()
