"""``kgenrich decide ask-again``: what the sources say by now of what is undecided."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@options.languages()
@options.kinds()
@options.class_id(help="Only this class, as Q5 or skos:Concept.")
@click.option(
    "--over",
    "floor",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Probability at least this.",
)
@click.option("--source", default="", metavar="NAME", help="Only what rests on this source.")
@click.option("--code", default="", metavar="CODE", help="Only with this objection: W-script.")
@click.option(
    "--states",
    type=click.Choice(["open", "second", "unsure", "discuss", "disagreement"]),
    multiple=True,
    default=["open"],
    show_default=True,
    help="In these states.",
)
@options.sources
@click.option("--max-calls", multiple=True, metavar="[NAME=]N", help="At most so many calls.")
@click.option("--max-cost", multiple=True, metavar="[NAME=]X", help="At most so much money.")
@click.option("--unusable", is_flag=True, help="Also where no answer of use came before.")
@options.limit(default=1000, show_default=True, help="At most so many proposals.")
@options.dry_run(help="Ask and count, but store nothing.")
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Ask the sources again for what is undecided: a filter as that of the review page.

    What the sources answered before is not asked or paid for again, unless the question has
    changed: the graph, the model, the prompt.
    """
    from kgenrich.verbs.ask_again import AskAgainOptions, ask_again

    report = app.run(ask_again, AskAgainOptions(**given))
    told = report.as_json()
    click.echo(
        f"{told['items']} undecided proposals, {told['requests']} terms asked of again; "
        f"{told['proposals']} proposals, {told['new']} of them new."
    )
