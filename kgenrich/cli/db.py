"""``kgenrich db``: make, migrate, check and look at the database."""

from __future__ import annotations

import click

from kgenrich.cli.context import App, pass_app


@click.group()
def command() -> None:
    """Create, migrate and check the database."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def upgrade(app: App, as_json: bool) -> None:
    """Make the database, or bring it to the state that this version needs."""
    from kgenrich.store.migrate import state
    from kgenrich.store.migrate import upgrade as migrate

    url = app.settings.store_url()
    before, _ = state(url)
    migrate(url)
    # Opening it for the first time notes languages and the concept base.
    app.store(create=True)
    after, _ = state(url)
    if as_json:
        app.print_json({"database": app.store_name(), "before": before, "state": after})
    elif before == after:
        click.echo(f"{app.store_name()} is up to date ({after}).")
    else:
        click.echo(f"{app.store_name()} is now in the state {after}.")


@command.command()
@click.argument("revision", default="base")
@click.option("--yes", is_flag=True, help="Do it: what the older state cannot hold is lost.")
@pass_app
def downgrade(app: App, revision: str, yes: bool) -> None:
    """Bring the database to an older migration state; `base` removes every table."""
    from kgenrich.errors import UsageError
    from kgenrich.store.migrate import downgrade as migrate
    from kgenrich.store.migrate import state

    if not yes:
        raise UsageError("This deletes data: repeat the command with --yes.")
    url = app.settings.store_url()
    migrate(url, revision)
    after, _ = state(url)
    click.echo(f"{app.store_name()} is now in the state {after or 'base'}.")


@command.command()
@click.option("--repair", is_flag=True, help="Count the coverage anew where it is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def check(app: App, repair: bool, as_json: bool) -> int:
    """Look for damage: tables, coverage counts, rows that belong to nothing.

    The exit code is 1 when something is wrong.
    """
    from kgenrich.store.migrate import check as find_problems

    problems = find_problems(app.settings.store_url(), repair=repair)
    if as_json:
        app.print_json({"database": app.store_name(), "problems": problems})
    else:
        for problem in problems:
            click.echo(problem)
        if not problems:
            click.echo(f"{app.store_name()} is sound.")
    return 1 if problems else 0


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def info(app: App, as_json: bool) -> None:
    """Say what is in the database."""
    import msgspec

    from kgenrich.cli.tables import print_table
    from kgenrich.store.overview import info as look

    found = look(app.store())
    values = msgspec.to_builtins(found)
    values["database"] = app.store_name()
    if as_json:
        app.print_json(values)
        return
    print_table(
        app.console,
        ["what", "value"],
        [[n.replace("_", " "), f"{v:,}" if isinstance(v, int) else v] for n, v in values.items()],
    )
