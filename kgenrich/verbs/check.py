"""Judging the names that the graph already has."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.consensus.learned_ranker import load_model
from kgenrich.consensus.name_judgement import FIND, SURE
from kgenrich.enrich.check import check_graph
from kgenrich.errors import UsageError
from kgenrich.model import Scope
from kgenrich.verbs.arguments import read_class, read_languages, read_types
from kgenrich.verbs.assembly import fit_cache, label_facts, make_validator, usable_sources
from kgenrich.verbs.source_report import SourceReport, source_reports
from kgenrich.verbs.workspace import Count, Options, Share, Workspace


class CheckOptions(Options, frozen=True, kw_only=True):
    """``over``: names that are wrong at least so probably are doubtful, by default 0.24;
    ``strict``: every name that is not surely right (0.11). ``limit`` and ``batch`` count
    entities. ``refit``: what sources learn from the graph is learned anew."""

    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    class_id: str | None = None
    types: tuple[str, ...] = ()
    limit: Count | None = None
    over: Share | None = None
    strict: bool = False
    batch: Count = 200
    dry_run: bool = False
    refit: bool = False


class DoubtfulName(Struct, frozen=True):
    """A name of the graph that may be wrong: how probably, why, and the most probable other name
    with its probability of being right (empty and 0 for none). ``primary`` means a label."""

    entity: str
    language: str
    kind: str
    text: str
    primary: bool
    wrong: float
    reasons: tuple[str, ...]
    better: str
    better_probability: float


class CheckReport(Struct, frozen=True):
    """``judged`` names, of which ``names`` are wrong with a probability of ``over`` or more;
    ``before`` entities had been checked by a run that was stopped. ``proposals`` better names were
    put into the queue, ``new`` of them anew. ``failed``: of no source that was called any call was
    answered; ``sources`` says what became of each."""

    before: int
    judged: int
    over: float
    names: tuple[DoubtfulName, ...]
    proposals: int
    new: int
    failed: bool
    sources: dict[str, SourceReport]

    def as_json(self) -> dict[str, Any]:
        """The judgement alone."""
        told = ("before", "judged", "over", "names", "failed")
        return {name: getattr(self, name) for name in told}


def check(workspace: Workspace, options: CheckOptions) -> CheckReport:
    """Judge the names of every entity: labels are looked at for signs that they are broken, and the
    sources are asked as if there were no names in the language.

    Raises `UsageError` for options that contradict and sources that cannot be used.
    """
    if options.strict and options.over is not None:
        raise UsageError("--strict and --over are two ways to say the same: give one.")
    over = options.over if options.over is not None else (SURE if options.strict else FIND)
    languages = read_languages(workspace, options.languages)
    class_id, types = read_class(workspace, options.class_id), read_types(options.types)
    scope = Scope(languages, class_id=class_id, types=types)
    fits = fit_cache(workspace, refit=options.refit)
    workspace.progress.begin("checking", options.limit)
    sources = usable_sources(workspace, languages, options.sources, fits)
    counts, checked, collector = check_graph(
        workspace.store,
        sources,
        load_model(),
        make_validator(workspace.settings, workspace.store),
        scope,
        workspace.settings.digest(),
        over=over,
        facts=label_facts(workspace, languages, fits),
        limit=options.limit,
        batch=options.batch,
        dry_run=options.dry_run,
        fits=fits.fits,
        progress=workspace.progress,
    )
    names = tuple(
        DoubtfulName(
            entity=of_entity.entity.id,
            language=of_entity.language,
            kind="label" if finding.primary else "alias",
            **asdict(finding),
        )
        for of_entity in checked
        for finding in of_entity.findings
        if finding.wrong >= over
    )
    return CheckReport(
        counts.before,
        counts.judged,
        over,
        names,
        counts.proposals,
        counts.new,
        collector.failed,
        source_reports(sources, collector),
    )
