"""``kgenrich export quickstatements``: edits for QuickStatements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.export.delivery import deliver, filters, noted, output_options, resolve, watched

if TYPE_CHECKING:
    from kgenrich.export.counts import ExportCounts
    from kgenrich.export.quickstatements import Edit

ENDINGS = {"qs": "v1", "tsv": "v1", "txt": "v1", "csv": "csv"}


@click.command()
@output_options(["v1", "csv"])
@click.option("--proposed", is_flag=True, help="What nobody decided yet, too.")
@click.option(
    "--minimum",
    type=click.FloatRange(0, 1),
    default=0.95,
    show_default=True,
    help="Proposed terms from this probability on.",
)
@click.option("--summary", "comment", default="", help="The edit summary.")
@click.option("--batch", default="", metavar="HEX", help="Group the edits in EditGroups.")
@click.option(
    "--allow-licence",
    "allowed",
    multiple=True,
    metavar="LICENCE",
    help="Let evidence under this licence count (or: unknown).",
)
@pass_app
def command(
    app: App,
    output: str,
    form: str | None,
    compress: str | None,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    class_id: str | None,
    proposed: bool,
    minimum: float,
    comment: str,
    batch: str,
    allowed: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write the accepted terms as edits, as version 1 commands or CSV.

    Terms whose evidence is all under licences that the target does not take are left out, and
    counted, and so are those that the graph has overtaken: the entity was merged or deleted, or has
    got the term. Only items are edited.
    """
    from kgenrich.export import quickstatements
    from kgenrich.export.counts import ExportCounts
    from kgenrich.store.story.exports import provenance_rows
    from kgenrich.store.story.pending_terms import overtaken

    place = resolve(output, form, compress, dry_run, as_json, forms=ENDINGS, default="v1")
    told = quickstatements.summary(comment, batch)
    store = app.store()
    narrowed = filters(app, languages, kinds, class_id)
    states = ("accepted", "proposed") if proposed else ("accepted",)
    licence = app.settings.target.licence

    def edits(counts: ExportCounts) -> Iterator[Edit]:
        rows = provenance_rows(store, narrowed, states=states, minimum=minimum)
        return quickstatements.edits(
            watched(app, rows, "writing edits"),
            licence,
            counts,
            allowed=allowed,
            commands=place.form == "v1",
        )

    counts = ExportCounts(refused=overtaken(store, narrowed))
    if place.form == "csv":
        # The columns stand in the first line, so the edits are gone through twice.
        columns = quickstatements.columns_of(edits(ExportCounts()))
        chunks = quickstatements.table(columns, edits(counts), told)
    else:
        chunks = quickstatements.version1(edits(counts), told)
    scope = {**noted(narrowed), "proposed": proposed, "minimum": minimum, "allowed": allowed}
    deliver(
        app,
        "export quickstatements",
        place,
        scope,
        chunks,
        lambda: {"edits": counts.terms, "refused": dict(counts.refused)},
    )
