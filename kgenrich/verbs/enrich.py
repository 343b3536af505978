"""Letting the sources propose what is missing."""

from __future__ import annotations

from msgspec import Struct

from kgenrich.enrich.run import Again
from kgenrich.enrich.run import enrich as enrich_store
from kgenrich.model import Scope
from kgenrich.sources.base import Source
from kgenrich.sources.candidate_collector import CandidateCollector
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
from kgenrich.verbs.workspace import Count, Share, Workspace


class EnrichOptions(ScopeOptions, frozen=True, kw_only=True):
    """``sources`` by name (else all that are on), at most ``limit`` entities, proposals of at least
    ``minimum`` probability (else the settings'), the ``ranker`` by name. ``max_calls`` and
    ``max_cost`` are budgets, ``100`` or ``NAME=100``. ``unharvested``: also in languages that no
    harvest took. ``other_script``: also labels that a language inherits from ``mul`` alone, in
    another script. ``origin``: of what this one speaks of. ``batch`` counts entities. ``again``
    makes calls once more: those that ``failed``, or those whose answers were ``unusable`` too.
    ``refit``: what sources learn from the graph is learned anew."""

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


class SourceReport(Struct, frozen=True, omit_defaults=True):
    """What became of one source: requests ``asked``, answered from what is ``remembered``,
    ``failed``, with how many by reason (``failures``); why it was ``stopped``; its ``calls`` and
    their ``cost`` where it counts them; the ``host`` that it asks, with the key in ``key_env``."""

    asked: int
    remembered: int
    failed: int
    stopped: str
    failures: dict[str, int] = {}
    calls: int | None = None
    cost: float | None = None
    host: str = ""
    key_env: str = ""


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
        fits=fits.fits,
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
        {source.name: _report(source, collector) for source in sources},
        fits.fits,
    )


def _report(source: Source, collector: CandidateCollector) -> SourceReport:
    name = source.name
    failures = {why: n for (failed, why), n in sorted(collector.failures.items()) if failed == name}
    budget = getattr(source, "budget", None)
    return SourceReport(
        collector.asked.get(name, 0),
        collector.remembered.get(name, 0),
        sum(failures.values()),
        collector.stopped.get(name, ""),
        failures,
        None if budget is None else budget.calls,
        None if budget is None else round(budget.cost, 9),
        getattr(source, "host", ""),
        getattr(source, "key_env", ""),
    )
