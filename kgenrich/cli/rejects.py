"""``kgenrich rejects``: what harvests kept aside."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import format_option, print_rows


@click.command()
@click.option("--run", type=click.IntRange(1), metavar="NUMBER", help="Of this run alone.")
@options.limit(default=50, show_default=True, help="At most so many.")
@format_option
@pass_app
def command(app: App, /, form: str, **given: Any) -> None:
    """Show what harvests could not use: where it stands, why, and how it begins.

    The latest run comes first. A position is a byte of a dump or a line of an RDF file; what was
    left out of an entity names the entity.
    """
    from kgenrich.verbs.rejects import RejectsOptions, rejects

    rows = app.run(rejects, RejectsOptions(**given))
    print_rows(app, ["run", "input", "position", "entity", "reason", "excerpt"], rows, form)
    if form == "table" and not rows:
        app.errors.print("Nothing was kept aside.")
