"""``kgenrich jobs run``."""

from __future__ import annotations

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.event_log import event_log


@click.command()
@click.argument("job", metavar="NAME|FILE")
@click.option("--until", default="", metavar="TIME", help="End at 06:00, or 2026-12-31T06:00.")
@click.option("--for", "length", default="", metavar="LENGTH", help="End after 2h, 45m, 1h30m.")
@click.option("--notify", default="", metavar="COMMAND", help="Told of it, as JSON on its input.")
@click.option("--metrics", default="", metavar="FILE", help="Written after it, for node_exporter.")
@options.as_json()
@pass_app
def command(app: App, /, job: str, until: str, length: str, **telling: str) -> int:
    """Run a job, or go on with the run of it that is not over.

    It can be killed at any moment and started again: steps that are done stay so, and what failed
    is tried again. A signal, `kgenrich jobs stop` or a deadline end it after the batch in hand; a
    second signal ends it at once.

    \b
    Exit codes: 0 done, 1 failed, 2 used wrongly, 3 partly done (a deadline or a budget came first),
    4 another process is running it.
    """
    from kgenrich.jobs.finding import find_job
    from kgenrich.jobs.run import run_job

    chosen = find_job(app.settings, job)
    log = event_log()
    if log:
        log.about["job"] = chosen.name
    with app.progress.bars:
        report = run_job(app.workspace, chosen, until, length, **telling)
    if log:
        for step in report.steps:
            log.job_step(step)
    if app.as_json:
        app.print_json(report)
        return report.exit_code
    for step in report.steps:
        click.echo(step.summary)
    told = f": {report.error}" if report.error else "."
    click.echo(f"{report.job}, run {report.run}: {report.status}{told}", err=bool(report.error))
    return report.exit_code
