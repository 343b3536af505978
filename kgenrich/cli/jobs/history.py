"""``kgenrich jobs history``."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("job", metavar="[NAME|FILE]", required=False, default="")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@options.as_json()
@pass_app
def command(app: App, /, job: str, limit: int) -> None:
    """Show the runs that there were, the newest first."""
    from kgenrich.cli.tables import print_table
    from kgenrich.jobs.overview import job_history

    rows = job_history(app.workspace, job, limit)
    app.answer(rows)
    names = ("run", "job", "status", "started", "finished", "seconds", "error")
    print_table(app.console, names, [[str(row[name]) for name in names] for row in rows])
