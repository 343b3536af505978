"""What the predicates of ontologies say of a term."""

from __future__ import annotations

import re

from kgenrich.model import TermKind
from kgenrich.namespaces import DCTERMS, OBO, OBO_IN_OWL, RDFS

USUAL = {
    TermKind.LABEL: f"{RDFS}label",
    TermKind.DEFINITION: f"{OBO}IAO_0000115",
    TermKind.ALIAS: f"{OBO_IN_OWL}hasExactSynonym",
    TermKind.DESCRIPTION: f"{DCTERMS}description",
}
"""The predicates of ontologies of the OBO Foundry, by the kind of term."""

_KINDS = {
    "label": TermKind.LABEL,
    "preflabel": TermKind.LABEL,
    "name": TermKind.LABEL,
    "0000115": TermKind.DEFINITION,
    "definition": TermKind.DEFINITION,
    "altlabel": TermKind.ALIAS,
    "alternatename": TermKind.ALIAS,
    **{
        f"{has}{scope}synonym": TermKind.ALIAS
        for has in ("has", "")
        for scope in ("exact", "related", "broad", "narrow")
    },
    "description": TermKind.DESCRIPTION,
    "comment": TermKind.DESCRIPTION,
    "note": TermKind.DESCRIPTION,
}


def kind_of(predicate: str) -> TermKind | None:
    """The kind of term that a predicate leads to, by its name in an IRI or a CURIE of any prefix.

    >>> kind_of("IAO:0000115"), kind_of("oio:hasExactSynonym"), kind_of("rdfs:seeAlso")
    (<TermKind.DEFINITION: 'definition'>, <TermKind.ALIAS: 'alias'>, None)
    """
    return _KINDS.get(re.split("[:/#_]", predicate.strip())[-1].lower())
