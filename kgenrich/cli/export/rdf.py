"""``kgenrich export rdf``: labels, descriptions and aliases as RDF."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.export.options import RDF_FORMATS, output_options, print_report, raw_tags_option
from kgenrich.cli.options import minimum_option, states_option


@click.command()
@click.option("--graphs", is_flag=True, help="A named graph for each state (nq, trig).")
@states_option
@minimum_option
@click.option(
    "--labels",
    type=click.Choice(["rdfs", "all"]),
    default="rdfs",
    show_default=True,
    help="rdfs:label alone, or skos:prefLabel and schema:name too.",
)
@raw_tags_option
@click.option("--void", is_flag=True, help="Describe the file in FILE.void.ttl beside it.")
@click.option("--resources", metavar="IRI", help="Where the IRIs of the graphs begin.")
@output_options(RDF_FORMATS)
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Write labels, descriptions and aliases as N-Triples, Turtle, N-Quads or TriG.

    The name says the format: terms.nt, terms.ttl.gz, terms.nq.zst. N-Quads and TriG keep
    asserted, accepted and proposed terms in graphs of their own; the others hold the asserted and
    the accepted ones, and the proposed ones with --minimum.
    """
    from kgenrich.verbs.export import RdfOptions, export_rdf

    print_report(app, app.run(export_rdf, RdfOptions(**given)), as_json)
    if given["void"] and not given["dry_run"] and not as_json:
        click.echo(f"described in {given['output']}.void.ttl")
