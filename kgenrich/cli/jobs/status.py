"""``kgenrich jobs status``."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("job", metavar="[NAME|FILE]", required=False, default="")
@options.as_json()
@pass_app
def command(app: App, /, job: str) -> None:
    """Show what runs now, at which step it is and who runs it, or how each job last ended."""
    from kgenrich.jobs.overview import job_status

    states = job_status(app.workspace, job)
    app.answer(states)
    for state in states:
        click.echo(state.summary)
        for step in state.steps:
            click.echo(f"  {step.summary}")
    if not states:
        click.echo("No job has run in this store yet.")
