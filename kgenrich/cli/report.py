"""``kgenrich report``: the page on what a run did."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.errors import UsageError


@click.command()
@click.argument("run", default="", metavar="[RUN]")
@click.option("--output", "-o", metavar="FILE", help="The page (HTML).")
@click.option(
    "--held-out",
    type=click.IntRange(1),
    metavar="N",
    help="Hide and ask again terms of N entities first, to see how far probabilities hold.",
)
@options.reader
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Write what a run did as one page for people, which needs nothing from elsewhere.

    RUN is the number of a run of a job, the name of a job for its last run, or verb:NUMBER for the
    run of another command; without it, the last run. The same store gives the same page.
    """
    from kgenrich.verbs.report import ReportOptions, report

    if not given["output"] and not app.as_json:
        raise UsageError("Where to? Give --output report.html, or --json.")
    told = app.run(report, ReportOptions(**given))
    run = told.run
    click.echo(f"{run.name}, run {run.id}: {run.status}. Written to {given['output']}.")
