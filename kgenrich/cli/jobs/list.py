"""``kgenrich jobs list``."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@options.as_json()
@pass_app
def command(app: App, /) -> None:
    """List the jobs of your folders and those that are shipped.

    Your folder is the setting `jobs`, and `jobs` in the configuration folder.
    """
    from kgenrich.cli.tables import print_table
    from kgenrich.jobs.overview import list_jobs

    rows = list_jobs(app.workspace)
    app.answer(rows)
    names = ("job", "about", "last", "ended", "next", "file")
    print_table(app.console, names, [[row[name] for name in names] for row in rows])
