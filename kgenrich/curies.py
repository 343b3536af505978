"""IRIs as people write and read them: CURIEs (``skos:Concept``), by the prefixes of the files that
were harvested, and by well-known ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from kgenrich.errors import UsageError
from kgenrich.namespaces import NAMESPACES, OBO, OBO_IN_OWL

if TYPE_CHECKING:
    from curies import Converter

_OBO_ONTOLOGIES = (
    "BFO CHEBI CL DOID ECO ENVO FOODON GO HP IAO MONDO MP MS NCBITaxon OBI OMO PATO PR RO SO SYMP "
    "UBERON UO"
)
WELL_KNOWN = {
    **NAMESPACES,
    "sdo": "https://schema.org/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "cc": "http://creativecommons.org/ns#",
    "vann": "http://purl.org/vocab/vann/",
    "sh": "http://www.w3.org/ns/shacl#",
    "org": "http://www.w3.org/ns/org#",
    "time": "http://www.w3.org/2006/time#",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "obo": OBO,
    "oboInOwl": OBO_IN_OWL,
    **{name: f"{OBO}{name}_" for name in _OBO_ONTOLOGIES.split()},
    "wikibase": "http://wikiba.se/ontology#",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "dbr": "http://dbpedia.org/resource/",
    "dbo": "http://dbpedia.org/ontology/",
    "gnd": "https://d-nb.info/gnd/",
    "gndo": "https://d-nb.info/standards/elementset/gnd#",
    "aat": "http://vocab.getty.edu/aat/",
    "tgn": "http://vocab.getty.edu/tgn/",
    "ulan": "http://vocab.getty.edu/ulan/",
    "gvp": "http://vocab.getty.edu/ontology#",
    "viaf": "http://viaf.org/viaf/",
    "lcsh": "http://id.loc.gov/authorities/subjects/",
    "geonames": "https://sws.geonames.org/",
    "ror": "https://ror.org/",
    "orcid": "https://orcid.org/",
    "qudt": "http://qudt.org/schema/qudt/",
    "unit": "http://qudt.org/vocab/unit/",
    "quantitykind": "http://qudt.org/vocab/quantitykind/",
    "rico": "https://www.ica.org/standards/RiC/ontology#",
}
"""Prefixes that need no file to say them."""

_CURIE = re.compile(r"(?P<prefix>[\w.-]*):(?P<local>(?!//)\S+)")
_LOCAL = re.compile(r"\w(?:[\w.-]*[\w-])?")
"""The part of an IRI after its namespace that is a name, and can be typed."""

_SCHEMES = frozenset(("urn", "tag", "info", "did", "mailto", "file", "ark"))
"""Schemes of IRIs that have no slashes: no prefixes, unless a file says so."""

_NEAR = 5


class Curies:
    """The prefixes of some ``origins``, by the names of these: an origin's own come before those
    that are well known. A prefix by which two origins mean two things is nobody's."""

    def __init__(self, origins: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.origins = dict(origins or {})
        self._meanings: dict[str, dict[str, str]] = {}
        for origin, prefixes in self.origins.items():
            for prefix, iri in prefixes.items():
                if iri:
                    self._meanings.setdefault(prefix, {}).setdefault(iri, origin)

    def expand(self, text: str) -> str:
        """The IRI of a CURIE; an IRI, in angle brackets or not, and an id without a colon are
        that themselves.

        Raises `UsageError` for a prefix that nobody knows or that means several things.

        >>> Curies().expand("skos:Concept"), Curies().expand("Q5")
        ('http://www.w3.org/2004/02/skos/core#Concept', 'Q5')
        """
        text = text.strip()
        if text.startswith("<") and text.endswith(">"):
            return text[1:-1]
        found = _CURIE.fullmatch(text)
        if found is None:
            return text
        prefix = found["prefix"]
        if len(meanings := self._meanings.get(prefix, {})) > 1:
            told = " and ".join(f"{iri} ({origin})" for iri, origin in meanings.items())
            raise UsageError(f"The prefix {prefix!r} means {told}: give the whole IRI.")
        if (iri := self._converter.expand(text)) is not None:
            return iri
        if prefix.lower() in _SCHEMES:
            return text
        raise UsageError(f"There is no prefix {prefix!r}{self._near(prefix)}.")

    def contract(self, iri: str) -> str:
        """The CURIE of an IRI, by the longest namespace that leaves a name; else the IRI itself.

        >>> Curies().contract("http://purl.obolibrary.org/obo/GO_0005575")
        'GO:0005575'
        """
        if ":" not in iri:
            return iri
        found = self._converter.compress(iri)
        if found is None or not _LOCAL.fullmatch(found.partition(":")[2]):
            return iri
        return found

    @cached_property
    def _converter(self) -> Converter:
        from curies import Converter, Record

        prefixes = {
            prefix: next(iter(meanings))
            for prefix, meanings in self._meanings.items()
            if len(meanings) == 1
        }
        for prefix, iri in WELL_KNOWN.items():
            if prefix not in self._meanings:
                prefixes.setdefault(prefix, iri)
        names: dict[str, list[str]] = {}
        for prefix, iri in prefixes.items():
            names.setdefault(iri, []).append(prefix)
        return Converter(
            [
                # An empty prefix looks like a mistake where there is another.
                Record(prefix=first, uri_prefix=iri, prefix_synonyms=others)
                for iri, (first, *others) in (
                    (iri, sorted(each, key=lambda prefix: not prefix))
                    for iri, each in names.items()
                )
            ]
        )

    def _near(self, prefix: str) -> str:
        known: Iterable[str] = dict.fromkeys((*self._meanings, *WELL_KNOWN))
        lower = {name.lower(): name for name in known if name}
        near = [lower[name] for name in get_close_matches(prefix.lower(), lower, _NEAR, 0.5)]
        return f"; near it there are {', '.join(near)}" if near else "; give the whole IRI"
