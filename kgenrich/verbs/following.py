"""A harvest of changes: who is asked for them, from where on, and until when."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from kgenrich.errors import SourceStopped, UsageError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.changes import (
    GAP,
    Follower,
    Known,
    Place,
    Told,
    details,
    read_time,
)
from kgenrich.harvest.feeds import End, oldest_change, recent_changes, stream
from kgenrich.harvest.run import place_of
from kgenrich.harvest.wiki_spaces import entity_spaces
from kgenrich.harvest.wikibase import read_ids
from kgenrich.interrupt import asked
from kgenrich.masking import mask
from kgenrich.model import Entity, EntityType
from kgenrich.net.mediawiki import MediaWiki
from kgenrich.net.session import Session
from kgenrich.store.facts.graph import find_entity, ids_after, revisions
from kgenrich.store.story.runs import latest_runs
from kgenrich.verbs.harvest_changes import ChangesOptions
from kgenrich.verbs.harvest_run import HarvestRun
from kgenrich.verbs.workspace import Workspace

VERB = "harvest changes"
_TYPES: tuple[EntityType, ...] = ("item", "property")
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(s|min|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def follow(workspace: Workspace, options: ChangesOptions) -> dict[str, Any]:
    """As `kgenrich.verbs.harvest_changes.harvest_changes`."""
    settings = workspace.settings
    end, since = read_end(options.until, options.span), _since(options.since)
    store = workspace.store
    network, base = settings.network, settings.base
    is_stream = options.stream is not None or (options.api is None and settings.is_wikidata)
    api = options.api or network.api
    feed = (options.stream or network.stream) if is_stream else api
    run = HarvestRun(workspace, VERB, options, _TYPES)
    classes = frozenset(run.selection.classes)
    # The classes say what else is taken: what the store has is read whatever it is now.
    run.selection = replace(run.selection, classes=())
    run.announce(api, options.api, "api")
    if is_stream:
        run.announce(feed, options.stream, "stream")

    def takes(entity: Entity) -> bool:
        return not classes or not classes.isdisjoint(entity.classes)

    with Session(network) as session:
        wiki = MediaWiki(session, api)
        spaces = entity_spaces(wiki)

        def fetch(ids: Sequence[str], start: str = "") -> Iterator[Batch]:
            lookup = partial(find_entity, store)
            languages = run.selection.languages
            more: Mapping[str, Any] = {"languages": languages, "start": start, "look": run.look}
            return read_ids(session, api, ids, run.reader, lookup, **more)

        follower = Follower(
            Known(partial(revisions, store), partial(ids_after, store)),
            None if options.dry_run else fetch,
            run.selection.types,
            takes if options.new or classes else None,
        )

        def told(place: Place) -> Iterator[Told]:
            if is_stream:
                hosts = {urlsplit(base).netloc, urlsplit(api).netloc}
                return stream(network, feed, hosts, place, end)
            numbers = {spaces[type].number for type in run.selection.types if type in spaces}
            return recent_changes(wiki, numbers, place, end, _wait)

        def read(start: str) -> Iterator[Batch]:
            place = _begin(start or _last_place(workspace, feed), since)
            if not (place.compared or is_stream) and place.at < oldest_change(wiki):
                place = Place(time.time(), compared="*")
            if place.compared:
                yield from follower.compare(wiki, session, spaces, place)
                place = replace(place, compared="")
            yield from read_on(place)

        def read_on(place: Place) -> Iterator[Batch]:
            feed_on, before = told(place), place
            for first in feed_on:
                if first.place == place:
                    # A sign of life, before the first event.
                    continue
                if not is_stream or first.place.at - before.at <= GAP or not before.at:
                    yield from follower.follow(_with(first, feed_on), place)
                    return
                # It does not reach back, or nothing happened: who knows?
                workspace.progress.remark(
                    "The stream does not reach back to the last change that was read: revisions "
                    "are compared."
                )
                gap = Place(first.place.at, first.place.mark, "*")
                yield from follower.compare(wiki, session, spaces, gap)
                place = before = replace(gap, compared="")
            yield from follower.follow((), place)

        workspace.progress.begin(VERB, None, "changes")
        if options.dry_run:
            begun = time.monotonic()
            for batch in read(""):
                workspace.progress.update(batch.done, batch.standing)
                workspace.progress.checkpoint()
            report: dict[str, Any] = {"seconds": round(time.monotonic() - begun, 3)}
        else:
            scope = {"feed": mask(feed), "api": mask(api), "new": options.new}
            scope |= {"taken": sorted(classes)} if classes else {}
            report = run.keep(scope, read, ask_again=fetch, input=mask(api))
    return report | details(follower.tally)


def read_end(until: str, span: str, clock: Callable[[], float] = time.time) -> End:
    """When following ends. Raises `UsageError` for what is no time."""
    now = clock()
    if span:
        if until:
            raise UsageError("--until and --for both say when to end: give one of them.")
        match = _SPAN.fullmatch(span.strip())
        if match is None:
            raise UsageError(f"--for {span}: give a time as 90s, 30min, 2h or 1d.")
        end = now + float(match[1]) * _SECONDS[match[2]]
        return End(end, end)
    if until in ("", "now"):
        return End(now)
    at = read_time(until)
    if not at:
        raise UsageError(f"--until {until}: give a time as 2026-11-28T06:00, or now.")
    return End(at, at if at > now else None)


def _since(text: str) -> float:
    at = read_time(text) if text else 0.0
    if text and not at:
        raise UsageError(f"--since {text}: give a time as 2026-11-28 or 2026-11-28T06:00.")
    return at


def _last_place(workspace: Workspace, feed: str) -> str:
    """Where the last harvest of a feed came to."""
    for run in latest_runs(workspace.store, VERB):
        if run.scope.get("feed") == mask(feed) and (place := place_of(run)):
            return place
    return ""


def _begin(place: str, since: float) -> Place:
    """Where to begin: where the last time ended, else at the time that is asked for, else now,
    with what the store has compared with the wiki."""
    if place:
        return msgspec.json.decode(place, type=Place)
    return Place(since) if since else Place(time.time(), compared="*")


def _with(first: Told, rest: Iterator[Told]) -> Iterator[Told]:
    yield first
    yield from rest


def _wait(seconds: float) -> None:
    if asked.wait(seconds):
        raise SourceStopped("The run was stopped while it waited for changes.")
