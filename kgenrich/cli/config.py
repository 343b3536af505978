"""``kgenrich config``: what is set, where the file is, and whether it may give orders."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich import trust as records
from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.masking import masked
from kgenrich.settings import FILE


@click.group(invoke_without_command=True)
@options.as_json()
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show the settings that apply and trust the file of a folder; without a command: show."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@command.command()
@options.as_json()
@pass_app
def show(app: App, /) -> None:
    """Show the settings that apply, the file they come from, and what of it is not taken."""
    settings, file = app.settings, app.settings.file
    values = masked(settings.model_dump(mode="json"))
    withheld = masked(file.withheld) if file else {}
    app.answer({"file": file and str(file.path), "settings": values, "withheld": withheld})
    click.echo(f"# file: {file.path if file else 'none; defaults and environment apply'}")
    for name, value in withheld.items():
        click.echo(f"# not taken, for the file is not trusted: {name} = {value!r}")
    if "store" not in withheld or settings.store:
        click.echo(f"# store: {app.workspace.store_name}")
    for name, value in values.items():
        if isinstance(value, dict):
            for inner, detail in value.items():
                click.echo(f"{name}.{inner} = {detail!r}")
        else:
            click.echo(f"{name} = {value!r}")


@command.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=Path(FILE)
)
@options.as_json()
@pass_app
def trust(app: App, /, file: Path) -> None:
    """Take the settings file of a folder for your own word, as long as it says what it says now.

    A kgenrich.toml that lies in the working directory may have come with somebody's data. Until
    you trust it, it runs no program, asks no host, loads no model, sends no key, and reads and
    writes nothing outside of its folder. A file that is named by --config or KGENRICH_CONFIG needs
    no trust.
    """
    from kgenrich.settings import load_settings, read_file

    load_settings(file)
    text, values = read_file(file)
    orders = records.orders(values, file.parent)
    taken = masked({".".join(names): value for names, value in orders.items()})
    records.trust(file, text)
    app.answer({"file": str(file), "trusted": True, "taken": taken})
    click.echo(f"{file} is trusted as it is now{', with' if taken else '.'}")
    for name, value in taken.items():
        click.echo(f"  {name} = {value!r}")


@command.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path(FILE))
@options.as_json()
@pass_app
def untrust(app: App, /, file: Path) -> None:
    """Take back the trust in a settings file."""
    known = records.untrust(file)
    app.answer({"file": str(file), "trusted": False})
    click.echo(f"{file} is {'no longer' if known else 'not'} trusted.")
