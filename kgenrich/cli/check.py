"""``kgenrich check``: judge the names that the graph already has."""

from __future__ import annotations

from typing import Any

import click
from msgspec.structs import asdict

from kgenrich.cli import options
from kgenrich.cli.context import App, exit_code, pass_app
from kgenrich.cli.tables import formatted, print_table


@click.command()
@options.languages()
@options.sources
@options.class_id()
@options.types()
@options.limit()
@click.option(
    "--over",
    type=click.FloatRange(0, 1),
    help="Report names that are wrong at least so probably.  [default: 0.24]",
)
@click.option("--strict", is_flag=True, help="Report every name that is not surely right (0.11).")
@options.batch
@options.refit
@options.dry_run(help="Report, but put nothing into the review queue.")
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Judge the names that the graph has: how probably each is wrong, why, and the better name.

    The sources are asked as if the entity had no name in the language. Better names go into the
    review queue: for a label, the label that replaces it; for an alias, one more alias. Aliases
    are judged where translation or a language model answers; where only the graph and local
    search do, labels alone are, by what these would call the entity.

    Run again at any time: what is known is not asked twice, and a check that was stopped goes on.
    """
    from kgenrich.verbs.check import CheckOptions, check

    report = app.run(check, CheckOptions(**given), code=exit_code)
    print_table(
        app.console,
        ["entity", "language", "kind", "name", "wrong", "better", "why"],
        formatted(
            (asdict(name) | {"why": "; ".join(name.reasons)} for name in report.names),
            **dict.fromkeys(["entity", "language", "kind", "text"], ""),
            wrong=".2f",
            better="",
            why="",
        ),
        title=f"{len(report.names)} of {report.judged} names are doubtful",
        curie=app.curie,
    )
    if report.before:
        app.console.print(
            f"{report.before} entities were checked before the stop: the better names found there "
            "are in the review queue."
        )
    if report.proposals and not given["dry_run"]:
        app.console.print(
            f"{report.proposals} better names are in the review queue ({report.new} new): "
            "`kgenrich decide list --kinds label,alias`."
        )
    if report.failed:
        app.leave_failed()
