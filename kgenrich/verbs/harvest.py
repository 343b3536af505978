"""Reading a graph into the store: from a dump, by ids, by a query, from an RDF file."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta
from msgspec.structs import asdict, replace

from kgenrich.curies import Curies
from kgenrich.errors import UsageError
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
from kgenrich.harvest.wiki_properties import Document
from kgenrich.inputs import Input, read_text
from kgenrich.languages import valid_codes
from kgenrich.masking import mask
from kgenrich.model import Entity, EntityType, Origin, content_id
from kgenrich.store.facts.origins import find_origin, home, register
from kgenrich.store.keys import read_id
from kgenrich.store.story.exports import was_exported
from kgenrich.store.story.runs import now
from kgenrich.verbs.arguments import read_types
from kgenrich.verbs.wiki_roles import RoleSearch
from kgenrich.verbs.workspace import Count, Options, Workspace

if TYPE_CHECKING:
    from kgenrich.store.base import Store

WIKIBASE_TYPES: tuple[EntityType, ...] = ("item", "property")
"""What is harvested of a Wikibase where no types are named."""
_DIGESTED = 1 << 30
"""The bytes of the largest file whose digest is noted."""
_NEEDED = "a query selects a variable by a pattern in braces, as SELECT ?item WHERE { ... }."


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


class DumpOptions(HarvestOptions, frozen=True, kw_only=True):
    """A ``file`` of JSON documents, packed or not; ``-`` is the standard input. If it is
    ``complete``, what it lacks is gone; None: if little is missing."""

    file: str
    complete: bool | None = None


class IdsOptions(HarvestOptions, frozen=True, kw_only=True):
    """Entities by their ``ids`` or IRIs, from the ``api`` of a Wikibase (else the settings')."""

    ids: tuple[str, ...]
    api: str | None = None


class SparqlOptions(HarvestOptions, frozen=True, kw_only=True):
    """A ``query``, or the name of a file that holds one, for an ``endpoint``, and the ``api`` that
    gives what the entities are (else those of the settings)."""

    query: str
    endpoint: str | None = None
    api: str | None = None


class RdfOptions(HarvestOptions, frozen=True, kw_only=True):
    """An RDF ``file``, its ``format`` (by its name else), the ``profiles`` that say what its
    predicates mean (names or files; those that it is told to have else), the predicates of
    ``labels``, and the language of texts that are ``untagged`` (``und``: nobody knows; it is found
    else). Relative IRIs are under ``base_iri``, by default the address of the file. ``origin`` is
    who says it, by default the name of the file; what it said before of the same entities is
    replaced, and if this is ``complete``, what it lacks is gone."""

    file: str
    origin: str = ""
    complete: bool = False
    format: str = ""
    base_iri: str = ""
    profiles: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    untagged: str = ""


def harvest_dump(workspace: Workspace, options: DumpOptions) -> dict[str, Any]:
    """Read entities in JSON, in any shape in which a Wikibase gives them.

    Gives back counts of entities ``read``, ``new``, ``changed``, ``unchanged``, ``not_asked_for``
    and ``broken``; by name, of ``types`` besides items, and of what was ``left_out`` and
    ``repaired`` of those that were read; and the ``seconds`` it took. Raises `InputError` for a
    file that cannot be read.
    """
    from kgenrich.harvest.dump import BATCH, read_dump

    run = _Harvest(workspace, "harvest dump", options, WIKIBASE_TYPES)
    with Input(options.file) as source:
        reader = partial(read_dump, source, run.reader, look=run.look)
        return run.file(
            source,
            {},
            lambda start: reader(start=start, size=options.batch or BATCH),
            whole=run.whole(options.complete),
        )


def harvest_rdf(workspace: Workspace, options: RdfOptions) -> dict[str, Any]:
    """Read any RDF file with labels and descriptions.

    Counts are as of `harvest_dump`; ``vocabulary`` says besides what the file is (``is``, a
    sentence), its ``title``, ``licences`` and ``profiles``, how many entities of each of ``types``
    it has, what its ``untagged`` texts were taken for, and which texts were ``unread``, by
    predicate. Raises `UsageError` for a profile that cannot be used.
    """
    from kgenrich.harvest.batch import GraphNotes
    from kgenrich.harvest.literals import UNDETERMINED
    from kgenrich.harvest.prefixes import declared_prefixes
    from kgenrich.harvest.rdf import BATCH, read_rdf
    from kgenrich.harvest.triples import format_of
    from kgenrich.harvest.vocabulary import Vocabulary

    untagged = options.untagged
    if untagged not in ("", UNDETERMINED):
        (untagged,) = valid_codes([untagged])
    with Input(options.file) as source:
        form = format_of(source, options.format)
        prefixes = declared_prefixes(source, form)
        run = _Harvest(workspace, "harvest rdf", options, prefixes=prefixes)
        labels = tuple(run.curies.expand(name) for name in options.labels)
        address = "" if source.size is None else Path(options.file).resolve().as_uri()
        vocabulary = Vocabulary(
            workspace.settings.base,
            address="" if options.base_iri else address,
            profiles=options.profiles,
            labels=labels,
            untagged=untagged,
            languages=run.selection.languages,
            properties=workspace.settings.properties,
            instance_of=run.known_instance_of(),
            notes=GraphNotes(source.name),
        )
        base_iri = options.base_iri or address
        reader = partial(read_rdf, source, form, vocabulary, base_iri)
        scope = {"format": str(form), "profiles": options.profiles, "labels": labels}
        scope |= {"untagged": untagged, "base_iri": base_iri}
        origin = replace(run.origin_of(source, options.origin), prefixes=prefixes)
        if not options.origin and run.is_own(origin):
            report = run.nothing(source)
        else:
            report = run.file(
                source,
                scope,
                lambda start: reader(start=start, size=options.batch or BATCH),
                origin=origin,
                whole=run.whole(options.complete),
            )
            told = vocabulary.summary.told_of(origin)
            run.compare(told)
            run.learn(told)
    if vocabulary.iris.has_relative:
        workspace.progress.remark(
            f"Relative IRIs are taken to be under {address}: --base-iri names another place."
        )
    return report | {"vocabulary": {**vocabulary.summary.report(), "prefixes": prefixes}}


def harvest_ids(workspace: Workspace, options: IdsOptions) -> dict[str, Any]:
    """Fetch entities by their ids or IRIs; counts as of `harvest_dump`.

    Raises `UsageError` where there is no id, `NetworkError` for a server that does not answer.
    """
    from kgenrich.harvest.wikibase import entity_id

    if not options.ids:
        raise UsageError("Which entities? Give their ids, or a file with --file.")
    run = _Harvest(workspace, "harvest ids", options, WIKIBASE_TYPES)
    ids = list(dict.fromkeys(entity_id(name, workspace.settings.base) for name in options.ids))
    return run.fetch(ids, {"ids": len(ids), "digest": content_id(*ids)}, options.api)


def harvest_sparql(workspace: Workspace, options: SparqlOptions) -> dict[str, Any]:
    """Fetch the entities that a query selects; counts as of `harvest_dump`.

    Raises `UsageError` for what is no query, `NetworkError` for a server that does not answer.
    """
    from kgenrich.harvest.sparql import in_order, select_ids
    from kgenrich.net.sparql import Endpoint

    run = _Harvest(workspace, "harvest sparql", options, WIKIBASE_TYPES)
    network = workspace.settings.network
    query, url = _query(options.query), options.endpoint or network.endpoint
    run.announce(url, options.endpoint, "endpoint")
    left_out: Counter[str] = Counter()
    ids = in_order(select_ids(Endpoint(network, url), query, workspace.settings.base, left_out))
    for variable, number in (+left_out).items():
        workspace.progress.remark(f"{number:,} values of ?{variable} are no entities; left out.")
    scope = {"query": query, "endpoint": mask(url)}
    return run.fetch(ids, scope, options.api)


def _query(query: str) -> str:
    """The query itself, or what the file of that name holds."""
    if "{" in query:
        return query
    try:
        is_file = Path(query).exists()
    except OSError:
        # Too long for a name.
        is_file = False
    if not is_file:
        raise UsageError(f"{query[:200]!r} is neither a query nor a file: {_NEEDED}")
    text = read_text(query)
    if "{" not in text:
        raise UsageError(f"There is no query in the file {query[:200]!r}: {_NEEDED}")
    return text


def _digest(path: str, size: int | None) -> str:
    """SHA-256 of a file, where that does not take long."""
    if size is None or size > _DIGESTED:
        return ""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Harvest:
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

    def origin_of(self, source: Input, name: str) -> Origin:
        """Who says what is in a file. Raises `UsageError` where another file of the name is known,
        and nobody said that this is a newer one of it."""
        place = "" if source.size is None else str(Path(source.name).resolve())
        origin = Origin(
            name or (Path(place).name if place else "standard input"),
            place=place,
            licence=self.options.licence,
            retrieved=now(),
            digest=_digest(place, source.size),
        )
        if name or self.options.dry_run:
            return origin
        known = find_origin(self.workspace.make_store(), origin.name)
        if known is not None and known.place not in ("", place):
            raise UsageError(
                f"{origin.name} was harvested from {known.place}: if {place} is a newer version of "
                f"it, give --origin {origin.name}; else give it another name with --origin."
            )
        return origin

    def is_own(self, origin: Origin) -> bool:
        """Whether its file was exported from this store, and is not where the origin is: a copy
        with new terms that took the place of its source is a newer version of it."""
        if not origin.digest or self.options.dry_run:
            return False
        store = self.workspace.make_store()
        known = find_origin(store, origin.name)
        is_source = known is not None and known.place == origin.place
        return not is_source and was_exported(store, origin.digest)

    def compare(self, told: Origin) -> None:
        """Say where an origin was read in another way before: what only that way reads is gone."""
        if self.options.dry_run:
            return
        before = find_origin(self.workspace.make_store(), told.name)
        for what, option in (("profile", "--profile"), ("language", "--untagged")):
            was = getattr(before, what, "")
            if was and was != getattr(told, what):
                self.workspace.progress.remark(
                    f"{told.name} was read with the {what} {was} before, and with "
                    f"{getattr(told, what) or 'none'} now: what only that reads is not there any "
                    f"more. {option} names it.",
                    grave=True,
                )

    def nothing(self, source: Input) -> dict[str, Any]:
        """What reading a file gives that the store knows all of."""
        self.workspace.progress.remark(
            f"{source.name} was exported from this store, so nothing in it is read: if it is to be "
            "a newer version of an origin, name that with --origin."
        )
        return asdict(dry_run(self.selection, lambda start: iter(()))) | {"seconds": 0.0}

    def learn(self, origin: Origin) -> None:
        """Keep what reading has taught of an origin."""
        if not self.options.dry_run:
            register(self.workspace.make_store(), origin)

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
        return self._run(
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
            self.workspace.progress.begin(self.verb, len(ids))
            self.announce(url, api, "api")
            if self.search is not None:
                with suppress(ApiError):
                    self.search.see(properties_of(MediaWiki(session, url)))
            return self._run(
                {**scope, "api": mask(url)},
                partial(read_some, ids),
                ask_again=read_some,
                input=mask(url),
            )

    def announce(self, url: str, option: str | None, setting: str) -> None:
        """Say whom an option, else a setting of the network, has us ask."""
        said_by = f"--{setting}" if option else self.workspace.settings.said_by("network", setting)
        self.workspace.announce(urlsplit(url).netloc, said_by)

    def _home(self, store: Store) -> Origin:
        """The wiki of the bare ids."""
        known = home(store, place=self.workspace.settings.base, retrieved=now())
        return replace(known, licence=self.options.licence or known.licence)

    def _run(
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
        begun, progress = time.monotonic(), self.workspace.progress
        if self.search is not None:
            self.search.begin()
        if self.options.dry_run:
            report = asdict(dry_run(self.selection, read, progress))
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
        return report | {"seconds": round(time.monotonic() - begun, 3)}
