"""``kgenrich serve``: what other programs ask of a store over HTTP."""

from __future__ import annotations

import click

from kgenrich.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    prefix="serve.",
    verbs={
        "reconcile": "Tell OpenRefine and others which entities names stand for.",
        "game": "Give open proposals to players of Wikidata's Distributed Game.",
    },
)
def command() -> None:
    """Answer other programs on this machine, until Ctrl-C."""
