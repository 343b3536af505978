"""``kgenrich gaps``: the most wanted missing terms of a language."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import format_option, print_rows


@click.command()
@click.option("--language", "-l", required=True, metavar="CODE", help="For example sw.")
@click.option(
    "--kind",
    "-k",
    type=click.Choice(["label", "description", "alias", "definition"]),
    default="label",
    show_default=True,
)
@options.class_id()
@options.types()
@options.origin()
@options.other_script
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@options.reader
@format_option
@pass_app
def command(app: App, /, form: str, **given: Any) -> None:
    """List the entities that lack a term in a language and inherit none, most linked first."""
    from kgenrich.languages import name, valid_codes
    from kgenrich.verbs.coverage import GapsOptions, gaps

    rows = app.run(gaps, GapsOptions(**given))
    print_rows(app, ["entity", "label", "sitelinks"], rows, form)
    if form == "table" and not rows:
        language = name(valid_codes([given["language"]])[0])
        app.errors.print(f"Nothing lacks a {given['kind']} in {language}.")
