"""``kgenrich harvest``: read a graph into the store."""

from __future__ import annotations

import click

from kgenrich.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    prefix="harvest.",
    verbs={
        "dump": "Read an entity dump: JSON, one entity a line, packed or not.",
        "ids": "Fetch entities by their ids from the API of a Wikibase.",
        "sparql": "Fetch the entities that a SPARQL query selects.",
        "rdf": "Read any RDF file with labels and descriptions.",
    },
)
def command() -> None:
    """Read a graph into the store.

    A harvest that was stopped or killed goes on where it was when the same command is given
    again; one that is finished changes nothing the second time.
    """
