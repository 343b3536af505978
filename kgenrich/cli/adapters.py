"""``kgenrich adapters``: train and inspect the name encoder and knowledge adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.lazy import OrderedGroup
from kgenrich.cli.tables import print_table


@click.group(cls=OrderedGroup)
def command() -> None:
    """Train and inspect the name encoder and the knowledge adapters."""


@command.command(short_help="Carry out a recipe: train an encoder, adapters or a calibration.")
@click.argument("recipe", type=click.Path())
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False),
    default=".",
    help="The folder that the files of the recipe are in; by default this one.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False),
    help="Where the weights go; by default a folder with the recipe's name.",
)
@click.option("--seed", type=click.IntRange(0), help="Overrides the seed of the recipe.")
@click.option("--steps", type=click.IntRange(1), help="Overrides the steps of the recipe.")
@click.option("--force", is_flag=True, help="Train anew, even what is finished or begun.")
@options.as_json(help="Print the figures as JSON.")
@pass_app
def train(app: App, /, **given: Any) -> None:
    """Carry out a recipe (TOML): train an encoder, adapters or a calibration.

    A run that was interrupted goes on from its last checkpoint when the same command is given
    again; one that is finished is not done again, as long as recipe and data are the same. The
    folder holds weights, report.json, loss.svg, and in run.json what they were made from.
    """
    from kgenrich.verbs.adapters import TrainOptions, train

    report = app.run(train, TrainOptions(**given))
    figures = dict(report.figures)
    for part, why in figures.pop("left_out", {}).items():
        app.errors.print(f"{part} is left out: {why}.")
    for name, value in figures.items():
        if isinstance(value, dict):
            value = ", ".join(f"{inner} {figure}" for inner, figure in value.items())
        app.console.print(f"{name}: {value}")
    if report.trained:
        app.console.print(f"Written to {report.folder}.")


@command.command(short_help="Print the vectors or the similarities of names.")
@click.argument("names", nargs=-1, required=True)
@options.encoder
@options.adapter
@options.as_json(help="Print the vectors as JSON.")
@pass_app
def encode(app: App, names: tuple[str, ...], encoder: str | None, adapter: Path | None) -> None:
    """Print how similar names are to the first one, or their vectors."""
    from kgenrich.adapters.encoders import open_encoder

    vectors = open_encoder(encoder, adapter).encode(names)
    rows = list(zip(names, vectors, strict=True))
    app.answer({name: row.tolist() for name, row in rows})
    similar = [[name, f"{float(row @ vectors[0]):.3f}"] for name, row in rows]
    print_table(app.console, ["name", f"similarity to {names[0]}"], similar)
