"""Whether a name begins with a capital letter, where the text it comes from cannot tell: page
titles always do. Learned from the graph: what labels of a language do when those of the other
languages begin with a small letter."""

from __future__ import annotations

from msgspec import Struct

from kgenrich.model import Entity


class Casing(Struct):
    """Counts by target language, of entities whose labels elsewhere mostly begin small: those
    that begin small in the target too, and all."""

    small: dict[str, list[int]] = {}

    def observe(self, entity: Entity, target: str) -> None:
        """Count an entity that has a label in the target."""
        if begins_small(entity, target):
            counts = self.small.setdefault(target, [0, 0])
            counts[0] += entity.labels[target][:1].islower()
            counts[1] += 1

    def of_title(self, title: str, entity: Entity, target: str) -> str:
        """The title as the label would be written: with a small first letter when the entity's
        other labels have one, and labels of the target then mostly do."""
        small, seen = self.small.get(target, (0, 0))
        if 2 * small > seen and begins_small(entity, target) and not title[1:2].isupper():
            return title[:1].lower() + title[1:]
        return title


def begins_small(entity: Entity, target: str) -> bool:
    """Whether most of the entity's labels in other languages begin with a small letter, among
    those in scripts that tell."""
    others = [label[:1] for language, label in entity.labels.items() if language != target]
    return sum(map(str.islower, others)) > sum(map(str.isupper, others))
