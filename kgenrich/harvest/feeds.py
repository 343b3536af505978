"""What tells of the changes of a wiki: the event stream of Wikimedia, or the list of recent changes
that any wiki has."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from kgenrich.errors import NetworkError
from kgenrich.harvest.changes import Change, Place, Told, read_time, written_time
from kgenrich.net.events import events
from kgenrich.net.mediawiki import MediaWiki
from kgenrich.settings import Network

OVERLAP = 60.0
"""Seconds that are read again: recent changes come into their list a little late, and several have
one time."""
QUIET = 10.0
"""Seconds without an event after which a stream has nothing more to tell."""
EVERY = 10.0
"""Seconds between two looks at the list of recent changes."""
_FIRST_OF_EXTENSIONS = 16
_ID = re.compile(r"[QPL][1-9][0-9]{0,17}")


class End(Struct, frozen=True):
    """When following ends: with what was changed at a time (Unix), or where nothing more is told
    of; at the latest when the clock says ``by``, None for no such time."""

    at: float
    by: float | None = None

    def is_over(self) -> bool:
        """Whether the time is over."""
        return self.by is not None and time.time() >= self.by


class _Revision(Struct):
    new: int | None = 0


class _Meta(Struct):
    dt: str = ""


class _Event(Struct):
    server_name: str = ""
    type: str = ""
    namespace: int = -1
    title: str = ""
    timestamp: float = 0.0
    revision: _Revision | None = None
    meta: _Meta | None = None


_event = msgspec.json.Decoder(_Event)


def stream(
    network: Network, url: str, hosts: Collection[str], place: Place, end: End
) -> Iterator[Told]:
    """What the event stream of Wikimedia tells of the wiki at one of the ``hosts``, from a place
    on: the event with its ``mark``, else the time ``at``. Raises as `events` does."""
    since = {"since": written_time(place.at)} if place.at else {}
    heard = time.monotonic()
    quiet = min(QUIET, network.timeout)
    for event in events(network, url, place.mark, since, end.is_over):
        if event is None:
            yield Told(place)
            if end.by is None and time.monotonic() - heard >= quiet:
                return
            continue
        heard = time.monotonic()
        try:
            told = _event.decode(event.data)
        except (msgspec.MsgspecError, ValueError):
            # A stream has messages of its own, and others than these.
            continue
        at = told.timestamp or (read_time(told.meta.dt) if told.meta else 0.0)
        place = Place(max(at, place.at), event.id)
        change = None
        if told.server_name in hosts and told.type in ("edit", "new", "log"):
            revision = told.revision.new if told.revision and told.type != "log" else 0
            change = _change(told.title, told.namespace, revision or 0)
        yield Told(place, change)
        if at >= end.at:
            return


class _Row(Struct):
    rcid: int = 0
    type: str = ""
    ns: int = -1
    title: str = ""
    revid: int = 0
    timestamp: str = ""


class _Query(Struct):
    recentchanges: list[_Row] = []


class _Answer(Struct):
    query: _Query = field(default_factory=_Query)
    onwards: dict[str, str] = field(name="continue", default_factory=dict)


_answer = msgspec.json.Decoder(_Answer)


def recent_changes(
    wiki: MediaWiki,
    namespaces: Collection[int],
    place: Place,
    end: End,
    wait: Callable[[float], object],
) -> Iterator[Told]:
    """What the list of recent changes of a wiki tells, from the time of a place on; ``wait`` is
    called with the seconds until the next look. Raises as `MediaWiki.get` does."""
    asked = {
        "list": "recentchanges",
        "rcdir": "newer",
        "rcprop": "title|ids|timestamp",
        "rctype": "edit|new|log",
        "rclimit": "500",
        "rcnamespace": "|".join(str(number) for number in sorted(namespaces)),
    }
    while True:
        begun = time.time()
        more: Mapping[str, str] = {"rcstart": written_time(max(place.at - OVERLAP, 0.0))}
        while more:
            answer = _ask(wiki, {**asked, **more})
            for row in answer.query.recentchanges:
                place = Place(max(read_time(row.timestamp), place.at), str(row.rcid))
                revision = row.revid if row.type != "log" else 0
                yield Told(place, _change(row.title, row.ns, revision))
            more = {**more, **answer.onwards} if answer.onwards else {}
        place = replace(place, at=max(place.at, min(begun, end.at)))
        yield Told(place)
        if end.by is None or end.is_over():
            return
        wait(min(EVERY, max(end.by - time.time(), 0.0)))


def oldest_change(wiki: MediaWiki) -> float:
    """The time of the oldest change that a wiki lists, 0 where it lists none."""
    asked = {"list": "recentchanges", "rcdir": "newer", "rcprop": "timestamp", "rclimit": "1"}
    rows = _ask(wiki, asked).query.recentchanges
    return read_time(rows[0].timestamp) if rows else 0.0


def _ask(wiki: MediaWiki, parameters: Mapping[str, str]) -> _Answer:
    try:
        return _answer.decode(wiki.get({"action": "query", **parameters}))
    except msgspec.MsgspecError as error:
        raise NetworkError(f"{wiki.api} sent something else than changes: {error}.") from error


def _change(title: str, namespace: int, revision: int) -> Change | None:
    """The change of a page, if it is one of an entity: no talk about it (odd numbers), and no page
    of the wiki itself (the numbers of MediaWiki's own)."""
    if namespace % 2 or 0 < namespace < _FIRST_OF_EXTENSIONS:
        return None
    name = title.rpartition(":")[2]
    return Change(name, revision) if _ID.fullmatch(name) else None
