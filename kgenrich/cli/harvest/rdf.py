"""``kgenrich harvest rdf``."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.options import harvest_options, run


@click.command("rdf")
@click.argument("file")
@click.option("--format", default="", metavar="ENDING", help="nt, nq, ttl, trig, n3, rdf, jsonld.")
@click.option(
    "--label-predicate",
    "labels",
    multiple=True,
    metavar="IRI",
    help="Predicate of labels, most preferred first; takes the place of rdfs:label, "
    "skos:prefLabel and schema:name.",
)
@click.option(
    "--untagged",
    default="mul",
    show_default=True,
    metavar="CODE",
    help="Language of texts without a tag; under mul they are labels and aliases alone.",
)
@harvest_options
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Read any RDF file with labels and descriptions.

    FILE may be packed (.gz, .bz2, .zst, .xz); "-" is the standard input. Descriptions come from
    schema:description, rdfs:comment, dct:description and skos:definition, aliases from
    skos:altLabel and schema:alternateName, classes from rdf:type. Entities are IRIs; those of the
    base are known by their bare ids.
    """
    from kgenrich.verbs.harvest import RdfOptions, harvest_rdf

    run(app, harvest_rdf, RdfOptions(**given), as_json)
