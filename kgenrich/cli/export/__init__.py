"""``kgenrich export``: write what the store holds; each kind of file is a module of its own."""

from __future__ import annotations

import click

from kgenrich.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    prefix="export.",
    verbs={
        "rdf": "Labels, descriptions and aliases as RDF.",
        "provenance": "The story of accepted and proposed terms as PROV-O.",
        "quickstatements": "Edits for QuickStatements.",
        "terms": "Terms as JSON lines, CSV or Parquet.",
    },
)
def command() -> None:
    """Write RDF, provenance, QuickStatements or tables.

    A file is written beside its place and renamed when it is whole; its hash is printed and kept
    in the store. The output - is the standard output.
    """
