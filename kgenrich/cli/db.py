"""``kgenrich db``: make, migrate, check, look at, back up and restore the database."""

from __future__ import annotations

from pathlib import Path

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.group()
def command() -> None:
    """Create, migrate, check, back up and restore the database."""


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


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.as_json()
@pass_app
def backup(app: App, /, file: Path) -> None:
    """Write all that the store holds to a file, while others read and write it.

    The file is checked by reading it back before it takes the place of an older one. It can be
    restored into either database.
    """
    from kgenrich.verbs.backup import BackupOptions, backup

    report = app.run(backup, BackupOptions(file))
    click.echo(
        f"{report.file} holds the {report.total:,} rows of {report.database} "
        f"(state {report.state}, {report.bytes:,} bytes)."
    )


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Also into a store that holds something.")
@click.option("--yes", is_flag=True, help="With --replace: do it, what the store holds is lost.")
@options.as_json()
@pass_app
def restore(app: App, /, file: Path, replace: bool, yes: bool) -> None:
    """Make the store what it was when a backup was written, in the state of this version.

    The whole file is checked before the store is touched, and all that was restored is compared
    with it before it holds.
    """
    from kgenrich.verbs.backup import RestoreOptions, restore

    report = app.run(restore, RestoreOptions(file, replace, yes))
    click.echo(f"{report.database} holds the {report.total:,} rows of {report.file}.")
