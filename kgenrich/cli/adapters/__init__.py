"""``kgenrich adapters``: train and inspect the name encoder and knowledge adapters."""

from __future__ import annotations

import click

from kgenrich.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    prefix="adapters.",
    verbs={
        "train": "Carry out a recipe: train an encoder, adapters or a calibration.",
        "encode": "Print the vectors or the similarities of names.",
    },
)
def command() -> None:
    """Train and inspect the name encoder and the knowledge adapters."""
