"""One harvest: what its options select of a file or an API, brought into the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta
from msgspec.structs import asdict, replace

from kgenrich.curies import Curies
from kgenrich.errors import StoreError, UsageError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.completeness import Whole
from kgenrich.harvest.document import Reader
from kgenrich.harvest.run import (
    ALLOW_GONE,
    AskAgain,
    Read,
    Selection,
    dry_run,
    harvest,
    wanted_languages,
)
from kgenrich.harvest.trial import Trial
from kgenrich.harvest.wiki_properties import Document
from kgenrich.inputs import Input
from kgenrich.masking import mask
from kgenrich.model import Entity, EntityType, Origin
from kgenrich.store.facts.origins import home
from kgenrich.store.keys import read_id
from kgenrich.store.story.runs import now
from kgenrich.store.story.staleness import settle
from kgenrich.verbs.arguments import read_types
from kgenrich.verbs.wiki_roles import RoleSearch
from kgenrich.verbs.workspace import Count, Options, Workspace

if TYPE_CHECKING:
    from kgenrich.store.base import Store


class HarvestOptions(Options, frozen=True, kw_only=True):
    """What to take of a graph: these ``languages`` and those that stand in for them (else those of
    the settings, else all), entities of these ``types`` (items and properties of a Wikibase where
    none is named) and ``classes``, at most ``limit``. ``batch`` is how many entities are loaded
    together, by default as many as the reader finds best. Of more than ``allow_gone`` that a server
    says are gone, none is deleted. ``licence`` is the graph's."""

    languages: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    limit: Count | None = None
    dry_run: bool = False
    batch: Count | None = None
    allow_gone: Annotated[int, Meta(ge=0)] = ALLOW_GONE
    licence: str = ""


class HarvestRun:
    """A harvest of what its options select, noted in the store under the name of its ``verb``."""

    def __init__(
        self,
        workspace: Workspace,
        verb: str,
        options: HarvestOptions,
        types: tuple[EntityType, ...] = (),
        prefixes: Mapping[str, str] | None = None,
    ) -> None:
        settings = workspace.settings
        self.workspace, self.verb, self.options = workspace, verb, options
        self._prefixes = prefixes or {}
        self.selection = Selection(
            languages=wanted_languages(options.languages or settings.languages),
            classes=tuple(
                read_id(self.curies.expand(name), settings.base) for name in options.classes
            ),
            limit=options.limit or 0,
            types=read_types(options.types, types),
        )
        instance_of = settings.property_roles().of("instance_of")
        self.reader = Reader(self.selection.languages, settings.kept_properties, instance_of)
        self.search = (
            None
            if settings.is_wikidata
            else RoleSearch(workspace, self.reader, dry_run=options.dry_run)
        )

    @cached_property
    def curies(self) -> Curies:
        """The prefixes of what is read before those of all that the store has."""
        prefixes = self._prefixes
        known: Mapping[str, Mapping[str, str]] = {}
        if not self.options.dry_run:
            self.workspace.make_store()
            known = self.workspace.curies.origins
        others = {
            origin: {prefix: iri for prefix, iri in each.items() if prefix not in prefixes}
            for origin, each in known.items()
        }
        return Curies({**others, "": prefixes})

    def known_instance_of(self) -> str:
        """The property whose values are classes, by the settings or by what a harvest found before;
        empty where none is known."""
        if self.search is None or self.options.dry_run:
            return self.workspace.settings.property_roles().of("instance_of")
        self.workspace.make_store()
        return self.workspace.roles.of("instance_of")

    @property
    def look(self) -> Callable[[Iterable[Document]], None] | None:
        """Is shown the first documents of a wiki of one's own."""
        return None if self.search is None else self.search.look

    def whole(self, is_complete: bool | None) -> Whole:
        """Whether this reads all that the origin says. Raises `UsageError` where it cannot."""
        if is_complete and self.selection.limit:
            raise UsageError("--complete is about all there is: leave --limit out.")
        if is_complete is None:
            is_narrowed = self.selection.limit or self.selection.classes or self.options.types
            return Whole.NO if is_narrowed else Whole.PERHAPS
        return Whole.YES if is_complete else Whole.NO

    def nothing(self, source: Input) -> dict[str, Any]:
        """What reading a file gives that the store knows all of."""
        self.workspace.progress.remark(
            f"{source.name} was exported from this store, so nothing in it is read: if it is to be "
            "a newer version of an origin, name that with --origin."
        )
        return asdict(dry_run(self.selection, lambda start: iter(()))) | {"seconds": 0.0}

    def file(
        self,
        source: Input,
        scope: Mapping[str, Any],
        read: Read,
        *,
        origin: Origin | None = None,
        whole: Whole = Whole.NO,
    ) -> dict[str, Any]:
        """Harvest a file; one whose size is known (no stream) can be taken up again."""
        identity: dict[str, Any] = {"file": source.name}
        if source.size is not None:
            path = Path(source.name).resolve()
            modified = path.stat().st_mtime_ns
            identity = {"file": str(path), "size": source.size, "modified": modified}
        self.workspace.progress.begin(self.verb, source.size, "bytes")
        known = source.size is not None
        return self.keep(
            {**identity, **scope, "complete": whole is Whole.YES},
            read,
            input=source.name,
            resumable=known,
            origin=origin,
            whole=whole,
        )

    def fetch(
        self, ids: Sequence[str], scope: Mapping[str, Any], api: str | None
    ) -> dict[str, Any]:
        """Harvest entities by their ids from an API."""
        return self._fetch(lambda read, start: read(ids, start), scope, api, len(ids))

    def fetch_pages(
        self,
        pages: Callable[[str], Iterator[Sequence[str]]],
        scope: Mapping[str, Any],
        api: str | None,
    ) -> dict[str, Any]:
        """Harvest entities from an API by their ids, which come in ``pages`` after an id: one that
        is taken up again asks for those that are left alone."""

        def read_on(read: Callable[..., Iterator[Batch]], start: str) -> Iterator[Batch]:
            done = 0
            for page in pages(start):
                for batch in read(page):
                    batch.done += done
                    yield batch
                done += len(page)

        return self._fetch(read_on, scope, api, None)

    def _fetch(
        self,
        read_on: Callable[[Callable[..., Iterator[Batch]], str], Iterator[Batch]],
        scope: Mapping[str, Any],
        api: str | None,
        total: int | None,
    ) -> dict[str, Any]:
        from kgenrich.harvest.property_pages import properties_of
        from kgenrich.harvest.wikibase import read_ids
        from kgenrich.net.mediawiki import MOST_VALUES, ApiError, MediaWiki
        from kgenrich.net.session import Session
        from kgenrich.store.facts.graph import find_entity

        network = self.workspace.settings.network
        url = api or network.api

        def stored(name: str) -> Entity | None:
            return None if self.options.dry_run else find_entity(self.workspace.make_store(), name)

        def read_some(ids: Sequence[str], start: str = "") -> Iterator[Batch]:
            return read_ids(
                session,
                url,
                ids,
                self.reader,
                stored,
                languages=self.selection.languages,
                start=start,
                size=self.options.batch or MOST_VALUES,
                look=self.look,
            )

        with Session(network) as session:
            self.workspace.progress.begin(self.verb, total)
            self.announce(url, api, "api")
            if self.search is not None:
                with suppress(ApiError):
                    self.search.see(properties_of(MediaWiki(session, url)))
            return self.keep(
                {**scope, "api": mask(url)},
                partial(read_on, read_some),
                ask_again=read_some,
                input=mask(url),
            )

    def announce(self, url: str, option: str | None, setting: str) -> None:
        """Say whom an option, else a setting of the network, has us ask."""
        said_by = f"--{setting}" if option else self.workspace.settings.said_by("network", setting)
        self.workspace.announce(urlsplit(url).netloc, said_by)

    def _trial(self, origin: Origin | None, whole: Whole) -> Trial | None:
        """What a dry run is counted against: the store, where there is one that can be written."""
        with suppress(StoreError):
            if not (store := self.workspace.store).read_only:
                return Trial(store, origin, whole, self.options.allow_gone)
        return None

    def _home(self, store: Store) -> Origin:
        """The wiki of the bare ids."""
        known = home(store, place=self.workspace.settings.base, retrieved=now())
        return replace(known, licence=self.options.licence or known.licence)

    def keep(
        self,
        scope: Mapping[str, Any],
        read: Read,
        *,
        input: str,
        ask_again: AskAgain | None = None,
        resumable: bool = True,
        origin: Origin | None = None,
        whole: Whole = Whole.NO,
    ) -> dict[str, Any]:
        """Bring what is read into the store, and find what rests on what that changed."""
        begun, progress = time.monotonic(), self.workspace.progress
        if self.search is not None:
            self.search.begin()
        if self.options.dry_run:
            trial = self._trial(origin, whole)
            report = asdict(dry_run(self.selection, read, progress, trial))
            if trial is None:
                del report["new"], report["changed"], report["unchanged"], report["gone"]
        else:
            store = self.workspace.make_store()
            counts = harvest(
                store,
                self.verb,
                scope,
                self.workspace.settings.digest(),
                self.selection,
                read,
                progress,
                ask_again=ask_again,
                input=input,
                resumable=resumable,
                allow_gone=self.options.allow_gone,
                origin=origin or self._home(store),
                whole=whole,
            )
            report = asdict(counts)
            settle(store, (self.workspace.roles.of("subclass_of"),))
        return report | {"seconds": round(time.monotonic() - begun, 3)}
