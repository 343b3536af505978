"""What a Wikibase says in RDF of an item or property, which has its own forms: terms without
predicates, sitelinks, a revision, a target."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kgenrich.harvest.wiki_facts import REDIRECT, REVISION, SITELINK
from kgenrich.languages import bcp47
from kgenrich.model import MUL, Entity, Role, Value

_REVISION = re.compile(r"[0-9]{1,18}")


class WikiEntity:
    """An entity in the making."""

    def __init__(self) -> None:
        self.classes: dict[str, None] = {}
        self.claims: dict[str, dict[Value, None]] = {}
        self._terms: list[tuple[bool, int, Role, str, str]] = []
        self._sitelinks: dict[str, str] = {}
        self._redirect, self._revision = "", 0

    def name(self, role: Role, rank: int, tag: str, value: Value) -> None:
        """A term with a tag; one that only falls to its language (it-IT) gives way to others."""
        code = value.language
        folded = bool(tag) and tag.lower() not in (code, bcp47(code).lower())
        self._terms.append((folded, rank, role, code, value.value))

    def say(self, number: int, text: str) -> None:
        """What is said in another way than by a predicate."""
        if number == SITELINK:
            site, _, title = text.partition("\n")
            self._sitelinks.setdefault(site, title)
        elif number == REVISION:
            self._revision = max(self._revision, int(text) if _REVISION.fullmatch(text) else 0)
        elif number == REDIRECT:
            self._redirect = text

    def entity(self, name: str) -> Entity | None:
        """The entity, if anything is said of it."""
        labels: dict[str, str] = {}
        descriptions: dict[str, str] = {}
        aliases: dict[str, dict[str, None]] = {}
        # Of equal terms the order is that in which they came.
        for _, _, role, code, text in sorted(self._terms, key=lambda term: term[:2]):
            if role == "label":
                if labels.setdefault(code, text) != text:
                    aliases.setdefault(code, {})[text] = None
            elif role == "alias":
                aliases.setdefault(code, {})[text] = None
            elif code != MUL:
                descriptions.setdefault(code, text)
        if not (labels or descriptions or aliases or self.classes):
            # What is the same as another and has no terms of its own has been merged into it.
            return Entity(id=name, redirect=self._redirect) if self._redirect else None
        return Entity(
            id=name,
            labels=labels,
            descriptions=descriptions,
            aliases=_others(aliases, labels),
            classes=tuple(self.classes),
            claims={key: tuple(values) for key, values in self.claims.items()},
            sitelinks=self._sitelinks,
            revision=self._revision,
            type="property" if name.startswith("P") else "item",
        )


def _others(
    aliases: Mapping[str, Mapping[str, None]], labels: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    return {
        code: others
        for code, texts in aliases.items()
        if (others := tuple(text for text in texts if text != labels.get(code)))
    }
