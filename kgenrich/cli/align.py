"""``kgenrich align``: match the entities of two graphs."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("left")
@click.argument("right", required=False)
@click.option("--output", "-o", required=True, metavar="FILE", help="*.sssom.tsv or *.nt, or -.")
@click.option(
    "--format",
    type=click.Choice(["sssom", "nt"]),
    help="By default nt for *.nt and sssom for all else.",
)
@click.option(
    "--seeds",
    type=click.Path(exists=True, dir_okay=False),
    help="Known pairs: a table of two ids (TSV, CSV) or SSSOM.",
)
@click.option("--no-seeds", is_flag=True, help="Leave out the known pairs of a folder.")
@options.minimum(default=0.5, show_default=True, help="Write matches of at least this probability.")
@click.option("--names-only", is_flag=True, help="Compare names, without the graph.")
@click.option("--any-kind", is_flag=True, help="Match classes, properties, units with each other.")
@click.option(
    "--predicate",
    type=click.Choice(
        ["owl:sameAs", "owl:equivalentClass", "owl:equivalentProperty", "skos:exactMatch"]
    ),
    help="How all that is matched is one; by default this follows from what it is.",
)
@options.encoder
@options.adapter
@click.option("--force", is_flag=True, help="Overwrite a file that is no such SSSOM.")
@options.as_json(help="Print the counts as JSON.")
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Match the entities of two graphs, with the probability of each match.

    LEFT and RIGHT are RDF files or stores (a path or URL); @it behind one takes only the names in
    that language (and those that are valid in all), so two editions of one store can be matched; an
    entity without any is left out. A single folder in the layout of DBP15K holds both graphs, and
    its known pairs are the seeds (--seeds FILE gives others, --no-seeds none). Entities that seem
    to have no partner are not written.
    """
    from msgspec.structs import asdict

    from kgenrich.verbs.align import AlignOptions, align

    aside = given["output"] == "-"
    report = app.run(align, AlignOptions(**given), aside=aside)
    counts = ", ".join(f"{name} {value}" for name, value in asdict(report).items())
    app.errors.print(counts if aside else f"{counts}. Written to {given['output']}.")
