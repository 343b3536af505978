"""``kgenrich export terms``: terms as tables."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.export.options import output_options, print_report
from kgenrich.cli.options import minimum_option, states_option


@click.command()
@states_option
@minimum_option
@output_options(["jsonl", "csv", "parquet"])
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Write terms as JSON lines, CSV or Parquet: entity, language, kind, text, state, candidate,
    probability."""
    from kgenrich.verbs.export import TermsOptions, export_terms

    print_report(app, app.run(export_terms, TermsOptions(**given)), as_json)
