"""Reading a graph into the store: from a dump, by ids, by a query, from an RDF file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from errno import ENAMETOOLONG
from pathlib import Path
from typing import Any

from kgenrich.errors import InputError, UsageError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.document import Reader
from kgenrich.harvest.run import Selection, dry_run, harvest, wanted_languages
from kgenrich.languages import valid_codes
from kgenrich.model import Entity, content_id
from kgenrich.verbs.workspace import Options, Workspace

_NEEDED = "a query selects a variable by a pattern in braces, as SELECT ?item WHERE { ... }."
_COUNTS = ("read", "new", "changed", "skipped", "broken")


class HarvestOptions(Options, frozen=True, kw_only=True):
    """What to take of a graph: these ``languages`` and those that stand in for them (else those of
    the settings, else all), entities of these ``classes``, at most ``limit``. ``batch`` is how many
    entities are loaded together, by default as many as the reader finds best."""

    languages: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    limit: int | None = None
    dry_run: bool = False
    batch: int | None = None


class DumpOptions(HarvestOptions, frozen=True, kw_only=True):
    """A ``file`` of JSON documents, packed or not; ``-`` is the standard input."""

    file: str


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
    """An RDF ``file``, its ``format`` (by its name else), the predicates of ``labels``, and the
    language of texts that are ``untagged``."""

    file: str
    format: str = ""
    labels: tuple[str, ...] = ()
    untagged: str = "mul"


Read = Callable[[Selection, str], Iterator[Batch]]
"""Reads what is selected from a position on, empty for the start."""


def harvest_dump(workspace: Workspace, options: DumpOptions) -> dict[str, float]:
    """Read an entity dump: the official JSON array, or one document a line.

    Gives back counts of entities ``read``, ``new``, ``changed``, ``skipped`` and ``broken``, and
    the ``seconds`` it took. Raises `InputError` for a file that cannot be read.
    """
    from kgenrich.harvest.dump import BATCH, read_dump
    from kgenrich.harvest.files import Input

    with Input(options.file) as source:

        def read(selection: Selection, start: str) -> Iterator[Batch]:
            reader = Reader(selection.languages, workspace.settings.properties)
            return read_dump(source, reader, start=start, size=options.batch or BATCH)

        return _harvest_file(workspace, "harvest dump", {}, source, read, options)


def harvest_rdf(workspace: Workspace, options: RdfOptions) -> dict[str, float]:
    """Read any RDF file with labels and descriptions; counts as of `harvest_dump`."""
    from kgenrich.harvest.files import Input
    from kgenrich.harvest.rdf import BATCH, format_of, read_rdf
    from kgenrich.harvest.vocabulary import Vocabulary

    form = format_of(options.file, options.format)
    (untagged,) = valid_codes([options.untagged])
    with Input(options.file) as source:

        def read(selection: Selection, start: str) -> Iterator[Batch]:
            vocabulary = Vocabulary(
                workspace.settings.base,
                labels=options.labels,
                untagged=untagged,
                languages=selection.languages,
                properties=workspace.settings.properties,
            )
            return read_rdf(source, form, vocabulary, start=start, size=options.batch or BATCH)

        scope = {"format": str(form), "labels": options.labels, "untagged": untagged}
        return _harvest_file(workspace, "harvest rdf", scope, source, read, options)


def harvest_ids(workspace: Workspace, options: IdsOptions) -> dict[str, float]:
    """Fetch entities by their ids or IRIs; counts as of `harvest_dump`.

    Raises `UsageError` where there is no id, `NetworkError` for a server that does not answer.
    """
    from kgenrich.harvest.wikibase import entity_id

    if not options.ids:
        raise UsageError("Which entities? Give their ids, or a file with --file.")
    names = list(dict.fromkeys(entity_id(name, workspace.settings.base) for name in options.ids))
    scope = {"ids": len(names), "digest": content_id(*names)}
    return _fetch(workspace, "harvest ids", scope, names, options.api, options)


def harvest_sparql(workspace: Workspace, options: SparqlOptions) -> dict[str, float]:
    """Fetch the entities that a query selects; counts as of `harvest_dump`.

    Raises `UsageError` for what is no query, `NetworkError` for a server that does not answer.
    """
    from kgenrich.harvest.sparql import in_order, select_ids
    from kgenrich.net.sparql import Endpoint

    network = workspace.settings.network
    query, url = _query(options.query), options.endpoint or network.endpoint
    ids = in_order(select_ids(Endpoint(network, url), query, workspace.settings.base))
    scope = {"query": query, "endpoint": url}
    return _fetch(workspace, "harvest sparql", scope, ids, options.api, options)


def _query(query: str) -> str:
    """The query itself, or what the file of that name holds."""
    if "{" in query:
        return query
    try:
        text = Path(query).read_text(encoding="utf-8")
    except (FileNotFoundError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise InputError(f"The file {query[:200]!r} holds no text in UTF-8.") from error
        raise UsageError(f"{query[:200]!r} is neither a query nor a file: {_NEEDED}") from error
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            raise UsageError(f"{query[:200]!r} is no query: {_NEEDED}") from error
        raise InputError(f"The file {query[:200]!r} cannot be read: {error.strerror}.") from error
    if "{" not in text:
        raise UsageError(f"There is no query in the file {query[:200]!r}: {_NEEDED}")
    return text


def _fetch(
    workspace: Workspace,
    verb: str,
    scope: Mapping[str, Any],
    ids: Sequence[str],
    api: str | None,
    options: HarvestOptions,
) -> dict[str, float]:
    """Harvest entities by their ids from the API."""
    from kgenrich.harvest.wikibase import BATCH, read_ids
    from kgenrich.net.session import Session
    from kgenrich.store.facts.graph import find_entity

    url = api or workspace.settings.network.api
    with Session(workspace.settings.network) as session:

        def stored(name: str) -> Entity | None:
            return None if options.dry_run else find_entity(workspace.make_store(), name)

        def read(selection: Selection, start: str) -> Iterator[Batch]:
            return read_ids(
                session,
                url,
                ids,
                Reader(selection.languages, workspace.settings.properties),
                stored,
                languages=selection.languages,
                start=start,
                size=options.batch or BATCH,
            )

        workspace.progress.begin(verb, len(ids))
        return _harvest(workspace, verb, {**scope, "api": url}, read, options)


def _harvest_file(
    workspace: Workspace,
    verb: str,
    scope: Mapping[str, Any],
    source: Any,
    read: Read,
    options: HarvestOptions,
) -> dict[str, float]:
    """Harvest a file; one whose size is known (no stream) can be taken up again."""
    identity: dict[str, Any] = {"file": source.name}
    if source.size is not None:
        path = Path(source.name).resolve()
        modified = path.stat().st_mtime_ns
        identity = {"file": str(path), "size": source.size, "modified": modified}
    workspace.progress.begin(verb, source.size, "bytes")
    resumable = source.size is not None
    return _harvest(workspace, verb, {**identity, **scope}, read, options, resumable=resumable)


def _harvest(
    workspace: Workspace,
    verb: str,
    scope: Mapping[str, Any],
    read: Read,
    options: HarvestOptions,
    *,
    resumable: bool = True,
) -> dict[str, float]:
    settings, progress = workspace.settings, workspace.progress
    selection = Selection(
        languages=wanted_languages(options.languages or settings.languages),
        classes=tuple(name.removeprefix(settings.base) for name in options.classes),
        limit=options.limit or 0,
    )
    begun = time.monotonic()

    def read_selected(start: str) -> Iterator[Batch]:
        return read(selection, start)

    if options.dry_run:
        counts = dry_run(selection, read_selected, progress)
    else:
        counts = harvest(
            workspace.make_store(),
            verb,
            scope,
            settings.digest(),
            selection,
            read_selected,
            progress,
            resumable=resumable,
        )
    names = ("read", "skipped", "broken") if options.dry_run else _COUNTS
    report: dict[str, float] = {name: getattr(counts, name) for name in names}
    return report | {"seconds": round(time.monotonic() - begun, 3)}
