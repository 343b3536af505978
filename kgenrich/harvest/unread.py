"""The texts of a file that nobody reads, by their predicates."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct

from kgenrich.harvest.iris import Iris
from kgenrich.harvest.literals import TEXTS, is_name_like
from kgenrich.harvest.tag_spelling import TagSpellings

MOST_SEEN = 100_000
"""Different predicates, and types, that are kept in mind."""


class Unread(Struct):
    """Texts of a predicate that is not read: how many have a tag, how many have none but look like
    names, and one of them."""

    tagged: int = 0
    untagged: int = 0
    example: str = ""

    def add(self, tag: str, datatype: str, text: str, count: int = 1) -> None:
        """Add some texts like this one, if anybody could miss them."""
        if tag:
            self.tagged += count
        elif datatype in TEXTS and is_name_like(text):
            self.untagged += count
        else:
            return
        self.example = self.example or text


class UnreadTexts:
    """Counts by predicate. Those that are ``silent``, and those of a Wikibase (``iris``), of which
    nobody expects that they are read, do not count."""

    def __init__(self, iris: Iris, tags: TagSpellings, silent: Collection[str]) -> None:
        self._iris, self._tags, self._silent = iris, tags, frozenset(silent)
        self._by_predicate: dict[str, Unread | None] = {}

    def see(self, predicate: str) -> Unread | None:
        """The texts of a predicate; None where they do not count."""
        try:
            return self._by_predicate[predicate]
        except KeyError:
            found = None if self._is_passed_over(predicate) else Unread()
            if len(self._by_predicate) < MOST_SEEN:
                self._by_predicate[predicate] = found
            return found

    def add(self, predicate: str, tag: str, datatype: str, text: str, count: int = 1) -> None:
        """Add some texts like this one."""
        if (unread := self.see(predicate)) is not None:
            unread.add(tag, datatype, self._tags.restored(text), count)

    def __iter__(self) -> Iterator[str]:
        """The predicates that have been met."""
        return iter(self._by_predicate)

    def missed(self) -> dict[str, Unread]:
        """The texts that count, by predicate."""
        return {
            predicate: unread
            for predicate, unread in self._by_predicate.items()
            if unread is not None and (unread.tagged or unread.untagged)
        }

    def _is_passed_over(self, predicate: str) -> bool:
        return predicate in self._silent or self._iris.is_inside(predicate)
