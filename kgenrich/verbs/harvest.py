"""Reading a graph into the store: from a dump, by ids, by a query, from an RDF file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.completeness import Whole
from kgenrich.inputs import Input, read_text
from kgenrich.languages import valid_codes
from kgenrich.masking import mask
from kgenrich.model import EntityType, content_id
from kgenrich.store.facts.origins import register
from kgenrich.verbs.file_origins import compare, is_own, origin_of
from kgenrich.verbs.harvest_run import HarvestOptions, HarvestRun
from kgenrich.verbs.workspace import Workspace

WIKIBASE_TYPES: tuple[EntityType, ...] = ("item", "property")
"""What is harvested of a Wikibase where no types are named."""
_NEEDED = "a query selects a variable by a pattern in braces, as SELECT ?item WHERE { ... }."


class DumpOptions(HarvestOptions, frozen=True, kw_only=True):
    """A ``file`` of JSON documents, packed or not; ``-`` is the standard input. If it is
    ``complete``, what it lacks is gone; None: if little is missing. ``ids`` is a file that names
    the entities to take of it, one a line."""

    file: str
    complete: bool | None = None
    ids: str | None = None


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
    from kgenrich.harvest.id_set import read_id_set

    run = HarvestRun(workspace, "harvest dump", options, WIKIBASE_TYPES)
    only = read_id_set(options.ids, workspace.settings.base) if options.ids else None
    whole = run.whole(options.complete)
    if only is not None and whole is Whole.YES:
        raise UsageError("--complete is about all there is: leave --ids out.")
    started_at = ""

    def read(start: str) -> Iterator[Batch]:
        nonlocal started_at
        started_at = start
        size = options.batch or BATCH
        return read_dump(source, run.reader, look=run.look, only=only, start=start, size=size)

    with Input(options.file) as source:
        report = run.file(
            source,
            {} if only is None else {"ids": only.digest()},
            read,
            whole=whole if only is None else Whole.NO,
        )
    # A run that was taken up again has not seen what came before, and a limit ends one early.
    if only is not None and only.missing and not (started_at or options.limit):
        some = ", ".join(islice(only.unmet(), 3))
        workspace.progress.remark(
            f"{only.missing:,} of {len(only):,} ids are not in {options.file} ({some}"
            f"{', ...' if only.missing > 3 else ''})."
        )
    return report


def harvest_rdf(workspace: Workspace, options: RdfOptions) -> dict[str, Any]:
    """Read any RDF file with labels and descriptions.

    Counts are as of `harvest_dump`; ``vocabulary`` says besides what the file is (``is``, a
    sentence), its ``title``, ``licences`` and ``profiles``, how many entities of each of ``types``
    it has, what its ``untagged`` texts were taken for, and which texts were ``unread``, by
    predicate. Raises `UsageError` for a profile that cannot be used.
    """
    from kgenrich.harvest.batch import GraphNotes
    from kgenrich.harvest.prefixes import declared_prefixes
    from kgenrich.harvest.rdf import BATCH, read_rdf
    from kgenrich.harvest.triples import format_of
    from kgenrich.harvest.vocabulary import Vocabulary
    from kgenrich.model import UNDETERMINED

    untagged = options.untagged
    if untagged not in ("", UNDETERMINED):
        (untagged,) = valid_codes([untagged])
    with Input(options.file) as source:
        form = format_of(source, options.format)
        prefixes = declared_prefixes(source, form)
        run = HarvestRun(workspace, "harvest rdf", options, prefixes=prefixes)
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
        origin = replace(
            origin_of(workspace, source, options.origin, options.licence, dry_run=options.dry_run),
            prefixes=prefixes,
        )
        if not (options.origin or options.dry_run) and is_own(workspace, origin):
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
            if not options.dry_run:
                compare(workspace, told)
                register(workspace.make_store(), told)
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
    run = HarvestRun(workspace, "harvest ids", options, WIKIBASE_TYPES)
    ids = list(dict.fromkeys(entity_id(name, workspace.settings.base) for name in options.ids))
    return run.fetch(ids, {"ids": len(ids), "digest": content_id(*ids)}, options.api)


def harvest_sparql(workspace: Workspace, options: SparqlOptions) -> dict[str, Any]:
    """Fetch the entities that a query selects; counts as of `harvest_dump`.

    Raises `UsageError` for what is no query, `NetworkError` for a server that does not answer.
    """
    from kgenrich.harvest.sparql import in_order, is_paged, select_ids, select_pages
    from kgenrich.net.sparql import Endpoint

    run = HarvestRun(workspace, "harvest sparql", options, WIKIBASE_TYPES)
    network = workspace.settings.network
    query, url = _query(options.query), options.endpoint or network.endpoint
    run.announce(url, options.endpoint, "endpoint")
    left_out: Counter[str] = Counter()
    endpoint, base = Endpoint(network, url), workspace.settings.base
    scope = {"query": query, "endpoint": mask(url)}
    if is_paged(query):
        pages = partial(select_pages, endpoint, query, base, left_out)
        report = run.fetch_pages(pages, scope, options.api)
    else:
        ids = in_order(select_ids(endpoint, query, base, left_out))
        report = run.fetch(ids, scope, options.api)
    for variable, number in (+left_out).items():
        workspace.progress.remark(f"{number:,} values of ?{variable} are no entities; left out.")
    return report


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
