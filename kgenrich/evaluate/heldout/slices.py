"""Slices of held-out terms, in which probabilities have to hold as well as over all: an average
hides that common nouns are taken for names, or eight items for eight hundred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from kgenrich.languages import script
from kgenrich.model import Entity, TermKind
from kgenrich.property_roles import PropertyRoles

FEW_OF_CLASS = 20
"""Labels in the language that a class with few items has less than."""

FEW_OF_LANGUAGE = 1_000
"""Labels in all that a language with few data has less than."""

_CASED = frozenset(("Latn", "Cyrl", "Grek", "Armn"))


class Slicer:
    """Says which slices a proposal is in, by what the graph holds without the hidden terms."""

    def __init__(
        self, graph: Iterable[Entity], languages: Iterable[str], roles: PropertyRoles
    ) -> None:
        self._subclass_of = roles.of("subclass_of")
        self._labels: Counter[tuple[str, str]] = Counter()
        self._is_used: set[str] = set()
        wanted = tuple(languages)
        for entity in graph:
            self._is_used.update(entity.classes)
            for language in wanted:
                if language in entity.labels:
                    self._labels.update((language, name) for name in ("", *entity.classes))

    def slices(self, entity: Entity, language: str, kind: TermKind, text: str) -> tuple[str, ...]:
        """The slices of a proposed text, by name."""
        written = script(language)
        of_class = max((self._labels[language, one] for one in entity.classes), default=0)
        found = [
            "class" if self._is_class(entity) else "instance",
            "few of the class" if of_class < FEW_OF_CLASS else "many of the class",
            "few of the language"
            if self._labels[language, ""] < FEW_OF_LANGUAGE
            else "many of the language",
            f"script {written}",
        ]
        if kind.is_name:
            found.append("one word" if len(text.split()) == 1 else "several words")
            if written in _CASED and text[:1].isalpha():
                found.append("lower case" if text[:1].islower() else "upper case")
        return tuple(found)

    def _is_class(self, entity: Entity) -> bool:
        """Whether it is above or below another class."""
        return (
            entity.id in self._is_used
            or self._subclass_of in entity.claims
            or any(one.form.role == "hierarchy" for one in entity.statements)
        )
