"""``kgenrich enrich``: let the sources propose missing terms."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.options import (
    batch_option,
    class_option,
    dry_run_option,
    json_option,
    kinds_option,
    languages_option,
    limit_option,
    sources_option,
)


@click.command()
@languages_option()
@kinds_option("label,description (the default) or alias.")
@sources_option
@class_option
@limit_option()
@click.option("--minimum", type=click.FloatRange(0, 1), help="Drop proposals under this.")
@click.option(
    "--ranker", default="", help="learned (the default), pool, or vote: M-NTA as published."
)
@batch_option
@click.option(
    "--max-calls",
    multiple=True,
    metavar="[NAME=]N",
    help="At most so many calls of each source, or of one.",
)
@click.option(
    "--max-cost",
    multiple=True,
    metavar="[NAME=]X",
    help="At most so much money for each source, or for one.",
)
@click.option(
    "--unharvested",
    is_flag=True,
    help="Also in languages that no harvest took: what is proposed may exist in the graph.",
)
@dry_run_option("Ask and count, but store nothing.")
@json_option("Print the counts as JSON.")
@pass_app
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Propose the missing terms of each language, with evidence and a probability.

    The most linked entities come first. Run again at any time: what is known is not asked twice,
    and a run that was stopped goes on.
    """
    from kgenrich.verbs.enrich import EnrichOptions, enrich

    report = app.run(enrich, EnrichOptions(**given))
    if as_json:
        app.print_json(report)
        return
    verb = "would be stored" if report.dry_run else f"stored ({report.new} of them new)"
    click.echo(
        f"{report.requests} missing terms of {report.entities} entities asked for; "
        f"{report.answered} answered; {report.proposals} proposals {verb}."
    )
    for name, source in report.sources.items():
        if source.calls:
            app.errors.print(f"{name}: {source.calls} calls, cost {source.cost:.6g}")
    for name, source in sorted(report.sources.items()):
        for reason, count in source.failures.items():
            app.errors.print(f"{name}: {count} requests failed: {reason}")
    for name, source in report.sources.items():
        if source.stopped:
            app.errors.print(f"{name} was stopped: {source.stopped}", style="bold")
    if report.proposals and not report.dry_run:
        click.echo("Next: kgenrich decide list, or kgenrich decide accept --over 0.95")
