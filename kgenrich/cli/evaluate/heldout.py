"""``kgenrich evaluate heldout``: how good the proposals are on your own graph."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.options import json_option, kinds_option, languages_option, sources_option


@click.command()
@languages_option()
@kinds_option("label,description by default.")
@sources_option
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
@click.option("--ranker", default="", help="learned (the default), pool or vote.")
@click.option("--details", type=click.Path(dir_okay=False), help="Write every outcome as JSONL.")
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw the reliability as SVG.")
@json_option()
@pass_app
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Hide terms that the graph has, enrich, compare.

    Hidden once by items and once by whole clusters (class and country or year), which keeps
    bot-written series from flattering the figures. Right means equal to the label or an alias,
    or to the description, in lower case and without punctuation.

    Thresholds to decide by are chosen on one half of what was hidden and reported on the other.

    A source whose calls are kept (a service, a model) is asked only when --sources names it; its
    answers stay in the store and are not paid for again.
    """
    from kgenrich.cli.evaluate.heldout_tables import print_report
    from kgenrich.verbs.evaluate import HeldoutOptions, evaluate_heldout

    figures = app.run(evaluate_heldout, HeldoutOptions(**given))
    if as_json:
        app.print_json(figures)
    else:
        print_report(app, figures, given["minimum"])
