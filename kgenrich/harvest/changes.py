"""The changes of a wiki, as entities to read anew.

What was changed is told by a *feed* (`kgenrich.harvest.feeds`); what an entity is now says the API.
So a change may be told twice, or late, and an entity may be gone by the time it is asked for: what
counts is that each change is followed by a look. Where a feed does not reach back to where a
harvest stopped, the revisions of all that the store has are compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from kgenrich.errors import NetworkError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.wiki_spaces import TYPE_OF, Space
from kgenrich.model import Entity, EntityType
from kgenrich.net.mediawiki import MOST_VALUES, MediaWiki
from kgenrich.net.session import Session
from kgenrich.store.keys import chunks

TOGETHER = 500
"""Entities that are fetched at once."""
PATIENCE = 5.0
"""Seconds after which is fetched what there is."""
GAP = 900.0
"""Seconds without any event after which some may be lost."""


class Place(Struct, frozen=True, omit_defaults=True):
    """How far a feed is read: the time of the last change (Unix), and the feed's own ``mark`` of
    it. While revisions are compared, ``compared`` is the last entity of which they were, ``*`` at
    the start."""

    at: float = 0.0
    mark: str = ""
    compared: str = ""

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


class Change(Struct, frozen=True):
    """That something happened to an entity: an edit has a ``revision``, others 0."""

    entity: str
    revision: int = 0


class Told(Struct, frozen=True):
    """What a feed tells: where it is, and a change, if it is one of an entity."""

    place: Place
    change: Change | None = None


class Known(Struct, frozen=True):
    """What a store has: the revisions of some entities by id, without those that it has not; and
    the ids of all after one of them, in order, with whether they are there still."""

    revisions: Callable[[Iterable[str]], Mapping[str, int]]
    entities: Callable[[str], Iterator[tuple[str, bool]]]


class Tally(Struct):
    """What was seen of a feed: events, entities that they are about and that concern us, and
    entities whose revisions were compared; ``at`` is the time of the last change."""

    events: int = 0
    concerning: int = 0
    compared: int = 0
    at: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    @property
    def lag(self) -> float:
        """Seconds by which the last change is behind the clock."""
        return max(time.time() - self.at, 0.0) if self.at else 0.0

    @property
    def note(self) -> str:
        """A few words on how far it is."""
        return f"{self.concerning:,} of entities here, {_span(self.lag)} behind"


Fetch = Callable[[Sequence[str]], Iterator[Batch]]
"""Reads entities by their ids, as `kgenrich.harvest.wikibase.read_ids` does."""


class Follower:
    """Turns what a feed tells into batches of entities.

    ``types`` of entities are looked at, those that the store has, and with ``takes`` also others
    for which it holds. ``fetch`` None fetches nothing: for a dry run.
    """

    def __init__(
        self,
        known: Known,
        fetch: Fetch | None,
        types: Sequence[EntityType],
        takes: Callable[[Entity], bool] | None = None,
    ) -> None:
        self.tally = Tally()
        self._known, self._fetch, self._takes = known, fetch, takes
        self._types = frozenset(types)

    def follow(self, feed: Iterable[Told], place: Place) -> Iterator[Batch]:
        """The batches of a feed that is read from a place, each with the one that it leads to."""
        waiting: dict[str, int] = {}
        due, moved = time.monotonic() + PATIENCE, place
        for told in feed:
            moved, change = told.place, told.change
            self.tally.at = moved.at
            if change is not None:
                self.tally.events += 1
                if self._is_one(change.entity):
                    due = due if waiting else time.monotonic() + PATIENCE
                    revision = change.revision or _ANY
                    waiting[change.entity] = max(revision, waiting.get(change.entity, 0))
            if len(waiting) >= TOGETHER or time.monotonic() >= due:
                yield from self._read(waiting, place, moved)
                waiting, place, due = {}, moved, time.monotonic() + PATIENCE
        yield from self._read(waiting, place, moved)

    def compare(
        self, wiki: MediaWiki, session: Session, spaces: Mapping[EntityType, Space], place: Place
    ) -> Iterator[Batch]:
        """The batches of those whose revision on the wiki is not the one in the store. ``place``
        says after which entity; without a word on any it holds when all are compared."""
        after = place.compared.removeprefix("*")

        every = ((id, lives) for id, lives in self._known.entities(after) if self._is_one(id))

        def differing(block: Sequence[tuple[str, bool]]) -> tuple[int, str, dict[str, int]]:
            lives = dict(block)
            titles = {spaces[TYPE_OF[id[:1]]].prefix + id: id for id in lives}
            now, held = _last_revisions(wiki, titles), self._known.revisions(lives)
            # What was deleted is so still where the wiki has nothing newer of it.
            other = [
                id
                for id in lives
                if now.get(id, 0) > held[id] or (lives[id] and now.get(id, 0) != held[id])
            ]
            return len(block), block[-1][0], dict.fromkeys(other, _ANY)

        for count, last, other in session.map(differing, chunks(every, MOST_VALUES)):
            self.tally.compared += count
            yield from self._read(other, place, replace(place, compared=last))
            place = replace(place, compared=last)
        yield from self._read({}, place, replace(place, compared=""))

    def _read(self, waiting: Mapping[str, int], place: Place, then: Place) -> Iterator[Batch]:
        """Fetch what is waiting and not here yet; the last batch leads to ``then``."""
        held = self._known.revisions(waiting)
        wanted = [
            id
            for id, revision in waiting.items()
            if (id in held or self._takes is not None) and held.get(id, 0) < revision
        ]
        self.tally.concerning += len(wanted)
        if self._fetch is None or not wanted:
            yield Batch(str(then), self.tally.events, live=True, standing=self.tally.note)
            return
        for batch in self._fetch(wanted):
            batch.entities = [one for one in batch.entities if self._concerns(one, held)]
            batch.position = str(then if batch.position == wanted[-1] else place)
            batch.done, batch.standing = self.tally.events, self.tally.note
            yield batch

    def _is_one(self, id: str) -> bool:
        return TYPE_OF.get(id[:1]) in self._types

    def _concerns(self, entity: Entity, held: Mapping[str, int]) -> bool:
        is_other = entity.id not in held and not (entity.deleted or entity.redirect)
        return not is_other or self._takes is None or self._takes(entity)


_ANY = 1 << 63
"""More than any revision: what is no edit is followed by a look in any case."""


class _Page(Struct):
    title: str = ""
    lastrevid: int = 0


class _Query(Struct):
    pages: list[_Page] = []


class _Answer(Struct):
    query: _Query = field(default_factory=_Query)


_answer = msgspec.json.Decoder(_Answer)


def _last_revisions(wiki: MediaWiki, titles: Mapping[str, str]) -> dict[str, int]:
    """The last revisions of pages, by the ids that the titles stand for; 0 for what is missing."""
    parameters = {"action": "query", "prop": "info", "titles": "|".join(titles)}
    try:
        pages = _answer.decode(wiki.get(parameters)).query.pages
    except msgspec.MsgspecError as error:
        raise NetworkError(f"{wiki.api} sent something else than pages: {error}.") from error
    return {titles[page.title]: page.lastrevid for page in pages if page.title in titles}


def read_time(text: str) -> float:
    """A time in ISO 8601, in UTC unless it says otherwise, in Unix seconds; 0 for none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return read.replace(tzinfo=read.tzinfo or UTC).timestamp()


def written_time(at: float) -> str:
    """A time in Unix seconds as MediaWiki writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def details(tally: Tally) -> dict[str, Any]:
    """What a report tells of a feed."""
    return {
        "events": tally.events,
        "concerning": tally.concerning,
        "compared": tally.compared,
        "until": written_time(tally.at) if tally.at else "",
        "lag": round(tally.lag, 1),
    }
