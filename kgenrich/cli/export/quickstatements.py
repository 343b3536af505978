"""``kgenrich export quickstatements``: edits for QuickStatements."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.export.options import output_options, print_report


@click.command()
@click.option("--proposed", is_flag=True, help="What nobody decided yet, too.")
@click.option(
    "--minimum",
    type=click.FloatRange(0, 1),
    default=0.95,
    show_default=True,
    help="Proposed terms from this probability on.",
)
@click.option("--summary", default="", help="The edit summary.")
@click.option("--batch", default="", metavar="HEX", help="Group the edits in EditGroups.")
@click.option(
    "--allow-licence",
    "allowed",
    multiple=True,
    metavar="LICENCE",
    help="Let evidence under this licence count (or: unknown).",
)
@output_options(["v1", "csv"])
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Write the accepted terms as edits, as version 1 commands or CSV.

    Terms whose evidence is all under licences that the target does not take are left out, and
    counted, and so are those that the graph has overtaken: the entity was merged or deleted, or has
    got the term. Only items are edited.
    """
    from kgenrich.verbs.export import EditOptions, export_quickstatements

    print_report(app, app.run(export_quickstatements, EditOptions(**given)), as_json)
