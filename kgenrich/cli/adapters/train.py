"""``kgenrich adapters train``: carry out a recipe."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.options import json_option


@click.command()
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
@json_option("Print the figures as JSON.")
@pass_app
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Carry out a recipe (TOML): train an encoder, adapters or a calibration.

    A run that was interrupted goes on from its last checkpoint when the same command is given
    again; one that is finished is not done again, as long as recipe and data are the same. The
    folder holds weights, report.json, loss.svg, and in run.json what they were made from.
    """
    from kgenrich.verbs.adapters import TrainOptions, train

    report = app.run(train, TrainOptions(**given))
    if not report.trained:
        app.errors.print(
            f"{report.folder} has it already, from the same data; --force trains anew."
        )
    if as_json:
        app.print_json(report)
        return
    figures = dict(report.figures)
    for part, why in figures.pop("left_out", {}).items():
        app.errors.print(f"{part} is left out: {why}.")
    for name, value in figures.items():
        shown = (
            ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        )
        app.console.print(f"{name}: {shown}")
    if report.trained:
        app.console.print(f"Written to {report.folder}.")
