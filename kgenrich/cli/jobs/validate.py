"""``kgenrich jobs validate``."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("job", metavar="[NAME|FILE]", required=False)
@options.as_json()
@pass_app
def command(app: App, /, job: str | None) -> int:
    """Say what a run of a job would do, step by step, and what it would at most cost.

    Without a name all jobs are looked at. Nothing is asked, fetched or written. The exit code is 2
    where a job is wrong.
    """
    from kgenrich.jobs.overview import validate_jobs

    plans = validate_jobs(app.workspace, job)
    wrong = any(plan.error for plan in plans)
    if app.as_json:
        app.print_json(plans)
        return 2 if wrong else 0
    for plan in plans:
        click.echo(f"{plan.job} ({plan.file})")
        for line in plan.lines:
            click.echo(f"  {line}")
    return 2 if wrong else 0
