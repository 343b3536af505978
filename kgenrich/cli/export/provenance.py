"""``kgenrich export provenance``: the story of accepted and proposed terms."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.export.options import RDF_FORMATS, output_options, print_report, raw_tags_option
from kgenrich.cli.options import list_option


@click.command()
@list_option("--states", metavar="STATES", help="accepted, proposed; both by default.")
@click.option("--minimum", type=click.FloatRange(0, 1), default=0.0, help="Proposed from this on.")
@raw_tags_option
@click.option("--resources", metavar="IRI", help="Where the IRIs of the story begin.")
@output_options(RDF_FORMATS)
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Write who proposed and who decided each term, from what, when and how, as PROV-O."""
    from kgenrich.verbs.export import ProvenanceOptions, export_provenance

    print_report(app, app.run(export_provenance, ProvenanceOptions(**given)), as_json)
