"""``kgenrich export terms``: terms as tables."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App, list_option, pass_app
from kgenrich.cli.export.delivery import (
    deliver,
    filters,
    noted,
    output_options,
    read_states,
    resolve,
    watched,
)
from kgenrich.errors import UsageError

ENDINGS = {"jsonl": "jsonl", "ndjson": "jsonl", "csv": "csv", "parquet": "parquet"}


@click.command()
@output_options(["jsonl", "csv", "parquet"])
@list_option("--states", metavar="STATES", help="asserted,accepted (the default), proposed.")
@click.option("--minimum", type=click.FloatRange(0, 1), help="Proposed terms from this on.")
@pass_app
def command(
    app: App,
    output: str,
    form: str | None,
    compress: str | None,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    class_id: str | None,
    states: tuple[str, ...] | None,
    minimum: float | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write terms as JSON lines, CSV or Parquet: entity, language, kind, text, state, candidate,
    probability."""
    from kgenrich.export.terms import FORMS
    from kgenrich.model import TermRow
    from kgenrich.store.story.exports import term_rows

    place = resolve(output, form, compress, dry_run, as_json, forms=ENDINGS, default="jsonl")
    if place.form == "parquet" and place.compression != "none":
        raise UsageError("Parquet is compressed inside: leave the compression out.")
    default = ("asserted", "accepted", "proposed")[: 2 if minimum is None else 3]
    chosen = read_states(states, default)
    scope = filters(app, languages, kinds, class_id)
    least = minimum or 0.0
    rows = term_rows(app.store(), scope, states=chosen, minimum=least)
    seen = 0

    def counted() -> Any:
        nonlocal seen
        row: TermRow
        for row in watched(app, rows, "writing terms"):
            seen += 1
            yield row

    deliver(
        app,
        "export terms",
        place,
        {**noted(scope), "minimum": least, "states": chosen},
        FORMS[place.form](counted()),
        lambda: {"terms": seen},
    )
