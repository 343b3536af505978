"""How a new term is written: as the others of its entity, else as its origins write others.

Of several ways the one that is used most holds; where an entity has labels by several predicates,
that of the preferred one. What no origin has an example of is written as
Wikidata writes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from kgenrich.export.merging.additions import Addition, Change
from kgenrich.languages import bcp47
from kgenrich.model import GIVES_WAY, EntityRow, Form, NewTerm, Statement, TermKind, content_id
from kgenrich.namespaces import RDFS, SCHEMA, SKOS, SKOSXL

USUAL = {
    "label": f"{RDFS}label",
    "alias": f"{SKOS}altLabel",
    "description": f"{SCHEMA}description",
    "definition": f"{SKOS}definition",
}
"""The predicates of terms where nothing else is known, by their kind."""

LABELS = ("label", "alias", "hidden")
"""What SKOS-XL has nodes for, by role."""

VOCABULARIES: dict[str, Mapping[str, str]] = {
    "rdfs": {**USUAL, "description": f"{RDFS}comment", "definition": f"{RDFS}comment"},
    "skos": {
        **USUAL,
        "label": f"{SKOS}prefLabel",
        "description": f"{SKOS}note",
        "hidden": f"{SKOS}hiddenLabel",
        "note": f"{SKOS}note",
    },
    "schema": {
        "label": f"{SCHEMA}name",
        "alias": f"{SCHEMA}alternateName",
        "description": f"{SCHEMA}description",
        "definition": f"{SCHEMA}description",
    },
}
"""Predicates on request, by the role of what is said."""

_SIBLINGS = {
    f"{SKOSXL}prefLabel": {"alias": f"{SKOSXL}altLabel"},
    f"{SCHEMA}name": {"alias": f"{SCHEMA}alternateName"},
    "https://schema.org/name": {
        "alias": "https://schema.org/alternateName",
        "description": "https://schema.org/description",
    },
}
"""The predicates that go with one of labels, where they are not the usual ones."""

T = TypeVar("T")


class Manner(Protocol):
    """How an origin (by name) says things: in which form, of which language, and how often."""

    @property
    def origin(self) -> str: ...
    @property
    def form(self) -> Form: ...
    @property
    def language(self) -> str: ...
    @property
    def times(self) -> int: ...


class Manners:
    """How origins write terms; ``vocabulary`` has the predicates that are asked for instead,
    ``tag`` gives that of a language that no origin has."""

    def __init__(
        self,
        found: Iterable[Manner],
        vocabulary: Mapping[str, str] | None = None,
        tag: Callable[[str], str] = bcp47,
    ) -> None:
        self._vocabulary, self._new_tag = vocabulary, tag
        self._predicates: dict[tuple[str, str], Counter[str]] = {}
        self._tags: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
        self._cases: dict[str, Counter[bool]] = {}
        for each in found:
            origin, form = each.origin, each.form
            predicates = self._predicates.setdefault((origin, form.role), Counter())
            predicates[form.predicate] += each.times
            tags = self._tags.setdefault((origin, each.language), Counter())
            tags[form.tag, form.datatype] += each.times
            if "-" in form.tag:
                cases = self._cases.setdefault(origin, Counter())
                cases[form.tag.islower()] += each.times

    def change(self, entity: EntityRow, subject: str, new: NewTerm) -> Change:
        """A new term of an entity as a statement about its ``subject``, an IRI."""
        row = new.row
        gone = [
            each
            for _, each in entity.said
            if new.replaces
            and each.form.role == row.kind
            and (each.value.language, each.value.value) == (row.language, new.replaces)
        ]
        if gone and gone[0].node and not self._vocabulary:
            # The label stays, with another text.
            subject, predicate, in_node = gone[0].node, f"{SKOSXL}literalForm", False
        else:
            predicate, in_node = self._predicate(entity, row.kind)
        tag, datatype = self._tag(entity, row.language)
        if gone and is_of_rdf(gone[0]):
            tag, datatype = gone[0].form.tag, gone[0].form.datatype
        node = ""
        if in_node:
            separator = "-" if "#" in subject else "/"
            name = content_id(subject, predicate, tag, row.text)[:12]
            node = f"{subject}{separator}label-{name}"
        removed = tuple(self._as_it_was(subject, each) for each in gone)
        return Change(Addition(subject, predicate, row.text, tag, datatype, node), removed)

    def _as_it_was(self, subject: str, gone: Statement) -> Addition:
        form = gone.form
        text, predicate = gone.raw or gone.value.value, form.predicate or USUAL[form.role]
        if gone.node:
            subject, predicate = gone.node, f"{SKOSXL}literalForm"
        tag = form.tag if form.predicate else self._new_tag(gone.value.language)
        return Addition(subject, predicate, text, tag, form.datatype)

    def _predicate(self, entity: EntityRow, kind: TermKind) -> tuple[str, bool]:
        """The predicate, and whether it leads to a node with the text."""
        if self._vocabulary:
            return self._vocabulary[kind], False
        those = [each for _, each in entity.said if each.form.role == kind and is_of_rdf(each)]
        # Where there are several for one thing, the label is that of the first one.
        best = min((each.form.rank % GIVES_WAY for each in those), default=0)
        own = Counter(
            (each.form.predicate, bool(each.node) and kind in LABELS)
            for each in those
            if each.form.rank % GIVES_WAY == best
        )
        if own:
            return _most(own)
        found: Counter[str] = Counter()
        for origin in _origins(entity):
            found += self._predicates.get((origin, kind), Counter())
        if found:
            predicate = _most(found)
        elif kind == TermKind.LABEL:
            predicate = USUAL[kind]
        else:
            label, _ = self._predicate(entity, TermKind.LABEL)
            predicate = _SIBLINGS.get(label, {}).get(kind, USUAL[kind])
        return predicate, predicate.startswith(SKOSXL)

    def _tag(self, entity: EntityRow, language: str) -> tuple[str, str]:
        """The tag of a language, or the datatype of its texts."""
        own = Counter(
            (each.form.tag, each.form.datatype)
            for _, each in entity.said
            if each.value.kind == "text" and each.value.language == language and is_of_rdf(each)
        )
        if own:
            return _most(own)
        found: Counter[tuple[str, str]] = Counter()
        cases: Counter[bool] = Counter()
        for origin in _origins(entity):
            found += self._tags.get((origin, language), Counter())
            cases += self._cases.get(origin, Counter())
        if found:
            return _most(found)
        tag = self._new_tag(language)
        return tag.lower() if cases[True] > cases[False] else tag, ""


def is_of_rdf(said: Statement) -> bool:
    """Whether a statement has a predicate of its own; those of the Wikibase model have none."""
    return ":" in said.form.predicate


def _origins(entity: EntityRow) -> set[str]:
    return {origin for origin, each in entity.said if is_of_rdf(each)}


def _most(found: Counter[T]) -> T:
    """What was found most; of equals the first by the alphabet, so that it is always the same."""
    return min(found, key=lambda each: (-found[each], each))
