"""``kgenrich gaps``: the most wanted missing terms of a language."""

from __future__ import annotations

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.naming import reader_option
from kgenrich.cli.tables import format_option, print_rows


@click.command()
@click.option("--language", "-l", required=True, metavar="CODE", help="For example sw.")
@click.option(
    "--kind",
    "-k",
    type=click.Choice(["label", "description", "alias"]),
    default="label",
    show_default=True,
)
@click.option("--class", "class_id", metavar="ID", help="Only entities of this class, as Q5.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@reader_option
@format_option
@pass_app
def command(
    app: App,
    language: str,
    kind: str,
    class_id: str | None,
    limit: int,
    reader: str | None,
    form: str,
    as_json: bool,
) -> None:
    """List the entities that lack a term in a language and inherit none, most linked first."""
    from kgenrich.cli.naming import class_named, names, reader_language
    from kgenrich.cli.unharvested import warn
    from kgenrich.languages import check, name
    from kgenrich.model import Scope, TermKind
    from kgenrich.store.facts.coverage import gaps

    form = "json" if as_json else form
    (code,) = check([language])
    store = app.store()
    warn(app, [code])
    scope = Scope(class_id=class_named(store, class_id))
    found = list(gaps(store, code, TermKind(kind), scope, limit=limit))
    labels = names(store, [gap.entity for gap in found], reader_language(reader))
    rows = [
        {"entity": gap.entity, "label": labels.get(gap.entity, ""), "sitelinks": gap.links}
        for gap in found
    ]
    print_rows(app, ["entity", "label", "sitelinks"], rows, form)
    if form == "table" and not rows:
        app.errors.print(f"Nothing lacks a {kind} in {name(code)}.")
