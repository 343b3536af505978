"""``kgenrich config``: what is set, and where the file is."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@options.as_json()
@pass_app
def command(app: App, /) -> None:
    """Show the settings that apply, and the file they come from."""
    from kgenrich.settings import find_config

    settings = app.settings
    path = find_config(app.config)
    values = settings.model_dump(mode="json")
    app.answer({"file": str(path) if path else None, "settings": values})
    click.echo(f"# file: {path or 'none; defaults and environment apply'}")
    click.echo(f"# store: {app.workspace.store_name}")
    for name, value in values.items():
        if isinstance(value, dict):
            for inner, detail in value.items():
                click.echo(f"{name}.{inner} = {detail!r}")
        else:
            click.echo(f"{name} = {value!r}")
