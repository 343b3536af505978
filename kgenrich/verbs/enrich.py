"""Letting the sources propose what is missing."""

from __future__ import annotations

from msgspec import Struct

from kgenrich.enrich.run import Again
from kgenrich.enrich.run import enrich as enrich_store
from kgenrich.model import Scope
from kgenrich.sources.fit_cache import Fit
from kgenrich.verbs.arguments import (
    ScopeOptions,
    read_class,
    read_kinds,
    read_languages,
    read_origin,
    read_types,
    remark_on_kinds,
    warn_of_unharvested,
)
from kgenrich.verbs.assembly import fit_cache, make_consensus, read_limits, usable_sources
from kgenrich.verbs.source_report import SourceReport, source_reports
from kgenrich.verbs.workspace import Count, Share, Workspace


class EnrichOptions(ScopeOptions, frozen=True, kw_only=True):
    """``sources`` by name (else all that are on), at most ``limit`` entities, proposals of at least
    ``minimum`` probability (else the settings'), the ``ranker`` by name. ``max_calls`` and
    ``max_cost`` are budgets, ``100`` or ``NAME=100``. ``unharvested``: also in languages that no
    harvest took. ``other_script``: also labels that a language inherits from ``mul`` alone, in
    another script. ``origin``: of what this one speaks of. ``batch`` counts entities. ``again``
    makes calls once more: those that ``failed``, or those whose answers were ``unusable`` too.
    ``refit``: what sources learn from the graph is learned anew. ``ids``: of these entities."""

    sources: tuple[str, ...] = ()
    limit: Count | None = None
    minimum: Share | None = None
    ranker: str = ""
    max_calls: tuple[str, ...] = ()
    max_cost: tuple[str, ...] = ()
    unharvested: bool = False
    other_script: bool = False
    origin: str = ""
    dry_run: bool = False
    batch: Count = 200
    again: Again | None = None
    refit: bool = False
    ids: tuple[str, ...] = ()


class EnrichReport(Struct, frozen=True):
    """What was asked and proposed. ``answered`` requests have a proposal; ``new`` proposals were
    not in the store. ``failed``: of no source that was called any call was answered. ``fits`` says
    of which graph what sources learned was learned."""

    dry_run: bool
    entities: int
    requests: int
    answered: int
    proposals: int
    new: int
    failed: bool
    sources: dict[str, SourceReport]
    fits: dict[str, Fit]


def enrich(workspace: Workspace, options: EnrichOptions) -> EnrichReport:
    """Propose the missing terms of each language, most linked entities first.

    Raises `UsageError` for languages that were not harvested and sources that cannot be used.
    """
    settings, store, progress = workspace.settings, workspace.store, workspace.progress
    languages = read_languages(workspace, options.languages)
    kinds = read_kinds(workspace, options.kinds)
    remark_on_kinds(workspace, kinds)
    warn_of_unharvested(workspace, languages, allowed=options.unharvested)
    class_id = read_class(workspace, options.class_id)
    scope = Scope(
        languages,
        kinds,
        class_id,
        options.ids,
        other_script=options.other_script,
        types=read_types(options.types),
        origin=read_origin(workspace, options.origin),
    )
    progress.begin("enriching", options.limit)
    limits = read_limits(options.max_calls, options.max_cost)
    fits = fit_cache(workspace, refit=options.refit)
    sources = usable_sources(workspace, languages, options.sources, fits, limits)
    minimum = options.minimum
    if minimum is None:
        minimum = settings.consensus.minimum_probability
    counts, collector = enrich_store(
        store,
        sources,
        make_consensus(settings, kinds, options.ranker, store, minimum),
        scope,
        settings.digest(),
        limit=options.limit,
        batch=options.batch,
        dry_run=options.dry_run,
        again=options.again,
        fits=fits,
        hierarchy=(workspace.roles.of("subclass_of"),),
        progress=progress,
    )
    return EnrichReport(
        options.dry_run,
        counts.entities,
        counts.requests,
        counts.answered,
        counts.proposals,
        counts.new,
        collector.failed,
        source_reports(sources, collector),
        fits.fits,
    )
