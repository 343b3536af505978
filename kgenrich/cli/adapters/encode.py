"""``kgenrich adapters encode``: look at what the encoder thinks of names."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.options import encoder_option, json_option
from kgenrich.cli.tables import print_table


@click.command()
@click.argument("names", nargs=-1, required=True)
@encoder_option
@click.option("--adapter", type=click.Path(exists=True, path_type=Path), help="On the encoder.")
@json_option("Print the vectors as JSON.")
@pass_app
def command(
    app: App, names: tuple[str, ...], encoder: str | None, adapter: Path | None, as_json: bool
) -> None:
    """Print how similar names are to the first one, or their vectors."""
    from kgenrich.adapters.encoders import open_encoder

    vectors = open_encoder(encoder, adapter).encode(names)
    if as_json:
        app.print_json({name: row.tolist() for name, row in zip(names, vectors, strict=True)})
        return
    rows = [
        [name, f"{float(row @ vectors[0]):.3f}"] for name, row in zip(names, vectors, strict=True)
    ]
    print_table(app.console, ["name", f"similarity to {names[0]}"], rows)
