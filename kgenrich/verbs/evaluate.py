"""Measuring the quality: on held-out terms of one's own graph, and on WikiKGE-10.

Alignment, retrieval and completion need no store: `kgenrich.evaluate` has their options.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from kgenrich.consensus.name_judgement import FIND
from kgenrich.enrich.steps import stored_collector
from kgenrich.evaluate.heldout.outcomes import Outcome, Unit, run
from kgenrich.evaluate.heldout.report import ALL, picture, report
from kgenrich.model import Scope
from kgenrich.sources.base import Graph
from kgenrich.sources.candidate_collector import CandidateCollector
from kgenrich.store.story.runs import running
from kgenrich.verbs.arguments import read_kinds, read_languages
from kgenrich.verbs.assembly import (
    LABELLED,
    fit_cache,
    label_facts,
    make_consensus,
    make_sources,
    usable_sources,
)
from kgenrich.verbs.workspace import Count, Options, Share, Workspace

if TYPE_CHECKING:
    from kgenrich.consensus.learned_ranker import Model


class HeldoutOptions(Options, frozen=True, kw_only=True):
    """Proposals of at least ``minimum`` probability count as answers. One part out of ``folds`` is
    hidden, with ``all_folds`` each in turn, of at most ``sample`` entities. ``details`` is a file
    for every outcome as JSON lines, ``plot`` one for the reliability as SVG."""

    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    minimum: Share = 0.5
    folds: int = 5
    all_folds: bool = False
    sample: Count = 50_000
    ranker: str = ""
    details: str | None = None
    plot: str | None = None


def evaluate_heldout(workspace: Workspace, options: HeldoutOptions) -> dict[str, Any]:
    """Hide terms that the graph has, enrich, compare: figures by language and kind.

    Hidden once by items and once by whole clusters (class and country or year). A source whose
    calls are kept (a service, a model) is asked only when it is named; its answers stay in the
    store. Raises `UsageError` for languages, kinds and sources that there are not.
    """
    settings, store = workspace.settings, workspace.store
    languages = read_languages(workspace, options.languages)
    kinds = read_kinds(workspace, options.kinds)
    entities = list(islice(workspace.graph.entities(), options.sample))
    outcomes: dict[Unit, list[Outcome]] = {}
    with running(store, "evaluate heldout", {}, settings.digest()) as run_of_calls:

        def make_collector(graph: Graph) -> CandidateCollector:
            sources, _ = make_sources(
                settings, graph, languages, options.sources, roles=workspace.roles
            )
            free_only = not options.sources
            return stored_collector(
                store, run_of_calls.id, sources, free_only=free_only, keep_free=False
            )

        for unit in get_args(Unit):
            workspace.progress.begin(f"{unit}s hidden")
            outcomes[unit] = run(
                entities,
                Scope(languages, kinds),
                make_collector,
                make_consensus(settings, kinds, options.ranker),
                unit=unit,
                folds=options.folds,
                parts=range(options.folds) if options.all_folds else (0,),
                progress=workspace.progress,
                roles=workspace.roles,
            )
        told = report(outcomes, languages, kinds, options.minimum)
        # For reports of later runs (`kgenrich.verbs.report`).
        run_of_calls.counts |= {
            "terms": sum(map(len, outcomes.values())),
            "entities": len(entities),
            "languages": list(languages),
            "all": told[ALL],
        }
    if options.details:
        rows = [
            {"unit": unit} | msgspec.to_builtins(outcome)
            for unit, of_unit in outcomes.items()
            for outcome in of_unit
        ]
        Path(options.details).write_bytes(msgspec.json.Encoder().encode_lines(rows))
    if options.plot:
        Path(options.plot).write_text(picture(outcomes, languages, kinds), encoding="utf-8")
    return told


class EvaluateCheckOptions(Options, frozen=True, kw_only=True):
    """At most ``sample`` labels of each language; those wrong with a probability of ``over`` or
    more are doubtful. ``details`` is a file for every judged label as JSON lines."""

    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sample: Count = 1_000
    over: Share = FIND
    details: str | None = None


def evaluate_check(workspace: Workspace, options: EvaluateCheckOptions) -> dict[str, Any]:
    """Break labels on purpose and check them beside the right ones: found and false alarms by
    language and by kind of break.

    A source whose calls are kept (a service, a model) is asked only when it is named; its answers
    stay in the store. Raises `UsageError` for languages and sources that there are not.
    """
    from kgenrich.consensus.learned_ranker import load_model
    from kgenrich.evaluate.check import judge_broken, report

    store, settings = workspace.store, workspace.settings
    languages = read_languages(workspace, options.languages)
    workspace.progress.begin("labels broken")
    entities = list(islice(workspace.graph.entities(), LABELLED))
    fits = fit_cache(workspace)
    with running(store, "evaluate check", {}, settings.digest()) as run_of_calls:
        collector = stored_collector(
            store,
            run_of_calls.id,
            usable_sources(workspace, languages, options.sources, fits),
            free_only=not options.sources,
            keep_free=False,
        )
        facts = label_facts(workspace, languages, fits)
        judged = judge_broken(entities, languages, options.sample, collector, load_model(), facts)
        run_of_calls.counts["terms"] = len(judged)
    if options.details:
        Path(options.details).write_bytes(msgspec.json.Encoder().encode_lines(judged))
    return report(judged, options.over)


class WikikgeOptions(Options, frozen=True, kw_only=True):
    """A ``folder`` in the layout of the benchmark. ``names`` is a TSV file (qid, lang, kind, text)
    of the entities' names in other languages, ``encoder`` a file of weights instead of the
    shipped ones. ``train``: train all models on the folder first, and keep them in ``output``."""

    folder: str
    names: str | None = None
    encoder: str | None = None
    train: bool = False
    output: str | None = None


def evaluate_wikikge(workspace: Workspace, options: WikikgeOptions) -> dict[str, Any]:
    """Score WikiKGE-10: coverage, precision, errors and calibration of every system.

    Raises `InputError` for a folder that cannot be read.
    """
    from kgenrich.adapters.encoder.name_encoder import NameEncoder
    from kgenrich.consensus.learned_ranker import FILE, FOLDS_FILE, read_models
    from kgenrich.consensus.ranker_training import train
    from kgenrich.evaluate.wikikge.benchmark_folder import absent, load
    from kgenrich.evaluate.wikikge.report import report
    from kgenrich.resources import resource

    folder = Path(options.folder)
    encoder = NameEncoder.load(Path(options.encoder)) if options.encoder else None
    items = load(folder, Path(options.names) if options.names else None)
    for missing in absent(folder, items):
        workspace.progress.remark(f"{missing} is not there: what needs it counts as empty.")
    if options.train:
        lessons = [item.lesson for of_language in items.values() for item in of_language]
        models = train(lessons, encoder, workspace.progress)
        if options.output:
            _write(models, Path(options.output))
    else:
        models = {**read_models(resource(FILE)), **read_models(resource(FOLDS_FILE))}
    return report(items, models, spread=options.train, encoder=encoder)


def _write(models: Mapping[str, Model], folder: Path) -> None:
    from kgenrich.consensus.learned_ranker import FILE, FOLDS_FILE, write_models

    folder.mkdir(parents=True, exist_ok=True)
    folds = {name: model for name, model in models.items() if name != "shipped"}
    write_models(folder / Path(FILE).name, {"shipped": models["shipped"]})
    write_models(folder / Path(FOLDS_FILE).name, folds)
