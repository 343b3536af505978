"""``kgenrich db``: make, migrate, check and look at the database."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.group()
def command() -> None:
    """Create, migrate and check the database."""


@command.command()
@options.as_json()
@pass_app
def upgrade(app: App) -> None:
    """Make the database, or bring it to the state that this version needs."""
    from kgenrich.verbs import database

    report = database.upgrade(app.workspace)
    app.answer(report)
    if report.before == report.state:
        click.echo(f"{report.database} is up to date ({report.state}).")
    else:
        click.echo(f"{report.database} is now in the state {report.state}.")


@command.command()
@click.argument("revision", default="base")
@click.option("--yes", is_flag=True, help="Do it: what the older state cannot hold is lost.")
@pass_app
def downgrade(app: App, revision: str, yes: bool) -> None:
    """Bring the database to an older migration state; `base` removes every table."""
    from kgenrich.verbs import database

    report = database.downgrade(app.workspace, revision, yes=yes)
    click.echo(f"{report.database} is now in the state {report.state or 'base'}.")


@command.command()
@click.option("--repair", is_flag=True, help="Count the coverage anew where it is wrong.")
@options.as_json()
@pass_app
def check(app: App, repair: bool) -> int:
    """Look for damage: tables, coverage counts, rows that belong to nothing.

    The exit code is 1 when something is wrong.
    """
    from kgenrich.verbs.database import check_database

    report = check_database(app.workspace, repair=repair)
    if app.as_json:
        app.print_json(report)
    else:
        for problem in report.problems or [f"{report.database} is sound."]:
            click.echo(problem)
    return 1 if report.problems else 0


@command.command()
@options.as_json()
@pass_app
def info(app: App) -> None:
    """Say what is in the database."""
    from kgenrich.cli.tables import print_table
    from kgenrich.verbs.database import describe_database

    values = describe_database(app.workspace)
    app.answer(values)
    print_table(
        app.console,
        ["what", "value"],
        [[n.replace("_", " "), f"{v:,}" if isinstance(v, int) else v] for n, v in values.items()],
    )
