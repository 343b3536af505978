"""The RDF vocabularies that are read and written, by their usual prefixes."""

from __future__ import annotations

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "http://schema.org/",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "spdx": "http://spdx.org/rdf/terms#",
    "formats": "http://www.w3.org/ns/formats/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
}
"""Where the IRIs of each vocabulary begin, by prefix."""
RDF, RDFS, XSD, SKOS, SCHEMA, DCTERMS, *_OTHERS = NAMESPACES.values()
PROV, VOID, DCAT, SPDX, FORMATS, OWL, SKOSXL, GEOSPARQL = _OTHERS

OBO = "http://purl.obolibrary.org/obo/"
OBO_IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"

KGENRICH = "urn:kgenrich:"
"""Where the IRIs of graphs, candidates, runs and the like begin, unless told otherwise."""
