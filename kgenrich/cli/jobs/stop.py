"""``kgenrich jobs stop``."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("job", metavar="NAME|FILE")
@options.as_json()
@pass_app
def command(app: App, /, job: str) -> None:
    """Ask the run of a job to end after the batch in hand; the next run goes on there."""
    from kgenrich.jobs.overview import stop_job

    run = stop_job(app.workspace, job)
    app.answer(run)
    click.echo(f"Run {run.id} of {run.job} ends after the batch in hand; {run.holder} has it.")
