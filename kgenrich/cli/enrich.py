"""``kgenrich enrich``: let the sources propose missing terms."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, exit_code, pass_app


@click.command()
@options.languages()
@options.kinds(help="label, description, alias, definition; without: those of the target.")
@options.sources
@options.class_id()
@options.types()
@options.origin()
@options.limit()
@options.minimum(help="Drop proposals under this.")
@click.option(
    "--ranker", default="", help="learned (the default), pool, or vote: M-NTA as published."
)
@options.batch
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
@options.other_script
@click.option(
    "--again",
    type=click.Choice(["all", "failed", "unusable"]),
    help="Ask for everything anew, not for what was changed alone; `unusable` also makes the calls "
    "again that brought no answer of use.",
)
@options.refit
@options.dry_run(help="Ask and count, but store nothing.")
@options.as_json(help="Print the counts as JSON.")
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Propose the missing terms of each language, with evidence and a probability.

    The most linked entities come first. Run again at any time: a run that was stopped goes on,
    and one after another asks of what was changed since, and what failed, alone.
    """
    from kgenrich.verbs.enrich import EnrichOptions, enrich

    report = app.run(enrich, EnrichOptions(**given), code=exit_code)
    verb = "would be stored" if report.dry_run else f"stored ({report.new} of them new)"
    click.echo(
        f"{report.requests} missing terms of {report.entities} entities asked for; "
        f"{report.answered} answered; {report.proposals} proposals {verb}."
    )
    for name, source in report.sources.items():
        if source.calls:
            app.errors.print(f"{name}: {source.calls} calls, cost {source.cost:.6g}")
        for reason, count in source.failures.items():
            app.errors.print(f"{name}: {count} requests failed: {reason}")
    if report.proposals and not report.dry_run:
        click.echo("Next: kgenrich decide list, or kgenrich decide accept --over 0.95")
    if report.failed:
        app.leave_failed()
