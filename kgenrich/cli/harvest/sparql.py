"""``kgenrich harvest sparql``."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.options import api_option, harvest_options, run


@click.command("sparql")
@click.argument("query")
@click.option("--endpoint", metavar="URL", help="The SPARQL endpoint.")
@api_option
@harvest_options
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Fetch the entities that QUERY, or the file of that name, selects.

    The first variable that holds entities of the base counts; the API then gives what they are.
    A query that takes long can be asked in pages: use the variable $after, as in

    \b
      SELECT ?item WHERE { ?item wdt:P31 wd:Q3305213 . FILTER(STR(?item) > $after) }
      ORDER BY STR(?item) LIMIT 5000

    and it is asked again with the last entity's IRI in its place until nothing new comes.
    """
    from kgenrich.verbs.harvest import SparqlOptions, harvest_sparql

    run(app, harvest_sparql, SparqlOptions(**given), as_json)
