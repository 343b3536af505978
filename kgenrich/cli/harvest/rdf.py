"""``kgenrich harvest rdf``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.loading import harvest_options, identity, run

if TYPE_CHECKING:
    from kgenrich.harvest.batch import Batch
    from kgenrich.harvest.run import Selection


@click.command("rdf")
@click.argument("file")
@click.option("--format", "named", metavar="ENDING", help="nt, nq, ttl, trig, n3, rdf, jsonld.")
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
def command(
    app: App, file: str, named: str | None, labels: tuple[str, ...], untagged: str, **options: Any
) -> None:
    """Read any RDF file with labels and descriptions.

    FILE may be packed (.gz, .bz2, .zst, .xz); "-" is the standard input. Descriptions come from
    schema:description, rdfs:comment, dct:description and skos:definition, aliases from
    skos:altLabel and schema:alternateName, classes from rdf:type. Entities are IRIs; those of the
    base are known by their bare ids.
    """
    from kgenrich.harvest.files import Input
    from kgenrich.harvest.rdf import BATCH, format_of, read_rdf
    from kgenrich.harvest.vocabulary import Vocabulary
    from kgenrich.languages import check

    form = format_of(file, named or "")
    untagged = check([untagged])[0]
    with Input(file) as source:

        def read(selection: Selection, start: str) -> Iterator[Batch]:
            vocabulary = Vocabulary(
                app.settings.base,
                labels=labels,
                untagged=untagged,
                languages=selection.languages,
                properties=app.settings.properties,
            )
            size = options["batch"] or BATCH
            return read_rdf(source, form, vocabulary, start=start, size=size)

        run(
            app,
            "harvest rdf",
            {**identity(source), "format": str(form), "labels": labels, "untagged": untagged},
            read,
            options,
            total=source.size,
            in_bytes=True,
            resumable=source.size is not None,
        )
