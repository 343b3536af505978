"""``kgenrich evaluate heldout``: how good the proposals are on your own graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from kgenrich.cli.context import App, languages_option, list_option, pass_app

if TYPE_CHECKING:
    from kgenrich.sources.base import Graph
    from kgenrich.sources.candidate_collector import CandidateCollector


@click.command()
@languages_option()
@list_option("--kinds", "-k", metavar="KINDS", help="label,description by default.")
@list_option("--sources", "-s", metavar="NAMES", help="Only these.")
@click.option(
    "--minimum",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Count proposals of at least this probability as answers.",
)
@click.option(
    "--folds",
    type=click.IntRange(2, 50),
    default=5,
    show_default=True,
    help="Hide one part out of so many.",
)
@click.option("--all-folds", is_flag=True, help="Hide each part in turn: slower, less noise.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=50_000,
    show_default=True,
    help="Use at most so many entities.",
)
@click.option("--ranker", help="learned (the default), pool or vote.")
@click.option("--details", type=click.Path(dir_okay=False), help="Write every outcome as JSONL.")
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw the reliability as SVG.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def command(
    app: App,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    sources: tuple[str, ...] | None,
    minimum: float,
    folds: int,
    all_folds: bool,
    sample: int,
    ranker: str | None,
    details: str | None,
    plot: str | None,
    as_json: bool,
) -> None:
    """Hide terms that the graph has, enrich, compare.

    Hidden once by items and once by whole clusters (class and country or year), which keeps
    bot-written series from flattering the figures. Right means equal to the label or an alias,
    or to the description, in lower case and without punctuation.

    Thresholds to decide by are chosen on one half of what was hidden and reported on the other.

    A source whose calls are kept (a service, a model) is asked only when --sources names it; its
    answers stay in the store and are not paid for again.
    """
    from itertools import islice
    from pathlib import Path

    import msgspec

    from kgenrich.cli.engine import (
        make_consensus,
        make_sources,
        read_kinds,
        read_languages,
    )
    from kgenrich.cli.evaluate.heldout_tables import print_report
    from kgenrich.enrich.steps import stored_collector
    from kgenrich.evaluate.heldout.hiding import Unit
    from kgenrich.evaluate.heldout.outcomes import Outcome, run
    from kgenrich.evaluate.heldout.report import picture, report
    from kgenrich.model import Scope
    from kgenrich.progress import Progress
    from kgenrich.store.facts.graph import StoreGraph
    from kgenrich.store.story.runs import running

    settings = app.settings
    chosen, wanted = read_languages(settings, languages), read_kinds(kinds)
    entities = list(islice(StoreGraph(app.store()).entities(), sample))
    store = app.store()
    by_unit: dict[Unit, list[Outcome]] = {}
    with running(store, "evaluate heldout", {}, settings.digest()) as noted:

        def make_collector(graph: Graph) -> CandidateCollector:
            usable, _ = make_sources(settings, graph, chosen, sources)
            return stored_collector(
                store, noted.id, usable, free_only=sources is None, keep_free=False
            )

        with app.progress() as bars:

            class Bar(Progress):
                def update(self, done: int | None = None, note: str = "") -> None:
                    bars.update(task, completed=done)

            for unit in get_args(Unit):
                task = bars.add_task(f"{unit}s hidden", total=None, note="")
                by_unit[unit] = run(
                    entities,
                    Scope(chosen, wanted),
                    make_collector,
                    make_consensus(settings, wanted, ranker),
                    unit=unit,
                    folds=folds,
                    parts=range(folds) if all_folds else (0,),
                    progress=Bar(),
                )
        noted.counts = {"terms": sum(map(len, by_unit.values()))}
    if details:
        rows = [{"unit": unit} | msgspec.to_builtins(o) for unit, os in by_unit.items() for o in os]
        Path(details).write_bytes(msgspec.json.Encoder().encode_lines(rows))
    if plot:
        Path(plot).write_text(picture(by_unit, chosen, wanted), encoding="utf-8")
    result = report(by_unit, chosen, wanted, minimum)
    if as_json:
        app.print_json(result)
    else:
        print_report(app, result, minimum)
