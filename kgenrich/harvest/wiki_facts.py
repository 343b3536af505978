"""What a Wikibase says of an item in another place than its own, or in its own way."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from kgenrich.harvest.iris import Iris, is_bare
from kgenrich.harvest.texts import fact
from kgenrich.languages import site_page
from kgenrich.namespaces import OWL, SCHEMA

SITELINK, REVISION, REDIRECT, ARTICLE, NODE = range(5)
"""The numbers of what is said in other ways than by a predicate: a page about an item, the revision
and the target of one; that the subject is such a page, or the node of a text, and no entity."""

_SCHEMAS = (SCHEMA, "https://schema.org/")
OF_WIKIBASE = {
    **{f"{schema}about": SITELINK for schema in _SCHEMAS},
    **{f"{schema}isPartOf": ARTICLE for schema in _SCHEMAS},
    **{f"{schema}version": REVISION for schema in _SCHEMAS},
    f"{OWL}sameAs": REDIRECT,
}
"""What a predicate may say so."""


def wiki_fact(number: int, iri: str, node: object, iris: Iris) -> tuple[str, str] | None:
    """Of which entity a triple of such a predicate says something, and what; None for nothing."""
    if number == REVISION:
        name = iris.data_of(iri) if isinstance(node, Literal) else ""
        return (name, node.value) if name and isinstance(node, Literal) else None
    if not isinstance(node, NamedNode):
        return None
    other = iris.name(node.value)
    if number == ARTICLE:
        return (iri, "") if iri.startswith(node.value) else None
    if not is_bare(other):
        return None
    if number == REDIRECT:
        return (name, other) if is_bare(name := iris.name(iri)) else None
    page = None if iris.data_of(iri) else site_page(iri)
    return (other, f"{page[0]}\n{fact(page[1])}") if page else None
