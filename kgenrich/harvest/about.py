"""What an RDF file says of itself: its title, licence and language, where its header says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct, field

from kgenrich.harvest.literals import language_of
from kgenrich.namespaces import DCAT, DCTERMS, OWL, RDFS, SCHEMA, SKOS, VOID

if TYPE_CHECKING:
    from kgenrich.harvest.gathering import ObjectForm

_DC = "http://purl.org/dc/elements/1.1/"
_HTTPS_SCHEMA = "https://schema.org/"

LICENCES = (
    f"{DCTERMS}license",
    "http://creativecommons.org/ns#license",
    f"{SCHEMA}license",
    f"{_HTTPS_SCHEMA}license",
    "http://www.w3.org/1999/xhtml/vocab#license",
    f"{DCTERMS}rights",
    f"{_DC}rights",
)
"""The predicates of a licence, the most telling first."""

_TITLES = (f"{DCTERMS}title", f"{_DC}title", f"{RDFS}label", f"{SKOS}prefLabel", f"{SCHEMA}name")
_LANGUAGES = (
    f"{DCTERMS}language",
    f"{_DC}language",
    f"{SCHEMA}inLanguage",
    f"{_HTTPS_SCHEMA}inLanguage",
)
HEADER_PREDICATES = frozenset((*LICENCES, *_TITLES, *_LANGUAGES))

# Who describes the file, before who may only be described in it.
_HEADERS = (
    f"{OWL}Ontology",
    "http://purl.org/vocommons/voaf#Vocabulary",
    f"{VOID}DatasetDescription",
    f"{VOID}Dataset",
    f"{SKOS}ConceptScheme",
    f"{DCAT}Catalog",
    f"{SCHEMA}Dataset",
    f"{_HTTPS_SCHEMA}Dataset",
    f"{DCAT}Dataset",
)
_ALONE = frozenset(_HEADERS[-3:])
HEADER_TYPES = frozenset(_HEADERS)
_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


class Header(Struct):
    """What is said of one that may describe the file: its types, and texts and IRIs by predicate,
    each with its tag."""

    MOST: ClassVar[int] = 1_000
    """As many are looked at."""

    types: set[str] = field(default_factory=set)
    said: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, facts: Iterable[tuple[ObjectForm, Any]]) -> None:
        """Keep those facts that matter."""
        for form, text in facts:
            if form.predicate in HEADER_PREDICATES:
                self.said.setdefault(form.predicate, []).append((form.tag, text))

    def texts(self, predicates: Iterable[str]) -> list[tuple[str, str]]:
        """Tags with texts, in the order of the predicates."""
        return [pair for predicate in predicates for pair in self.said.get(predicate, ())]


class About(Struct, frozen=True):
    """What a file says of itself: its ``title``, ``licences`` (IRIs or texts, to the letter) and
    the codes of the ``languages`` that it is said to be in; and the ``profiles`` that hold for
    it."""

    title: str = ""
    licences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


def about(headers: Mapping[str, Header], base_iri: str = "") -> About:
    """What the headers of a file say of it, those of the first kind that says anything; a licence
    of the file's own IRI, or of whom nothing else is, counts too."""
    kinds = [[h for h in headers.values() if kind in h.types] for kind in _HEADERS]
    said = [
        chosen
        for kind, chosen in zip(_HEADERS, kinds, strict=True)
        if chosen and (len(chosen) == 1 or kind not in _ALONE)
    ]
    own = headers.get(base_iri)
    said.insert(0, [own] if own else [])
    if len(headers) == 1:
        said.append(list(headers.values()))
    return About(
        title=" ".join(next(iter(_first(said, _TITLES)), ("", ""))[1].split()),
        licences=tuple(dict.fromkeys(text for _, text in _first(said, LICENCES))),
        languages=tuple(
            dict.fromkeys(c for _, text in _first(said, _LANGUAGES) if (c := _language(text)))
        ),
    )


def _first(said: Iterable[list[Header]], predicates: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the first headers say that say anything: by the first of the predicates that they use,
    in English where they say it in several languages."""
    for headers in said:
        for predicate in predicates:
            found = [pair for header in headers for pair in header.texts([predicate])]
            if found:
                return sorted(found, key=lambda pair: (pair[0][:2].lower() not in ("en", ""),))
    return []


def _language(text: str) -> str:
    """The code of a language that is named by its code or by an IRI that ends in it (``eng`` of
    Lexvo, of the Library of Congress, ``ENG`` of the Publications Office)."""
    code = re.split(r"[/#:]", text)[-1]
    return language_of(code) if _CODE.fullmatch(code) else ""
