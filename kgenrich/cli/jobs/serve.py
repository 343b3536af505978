"""``kgenrich jobs serve``."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click

from kgenrich.cli.context import App, pass_app


@click.command()
@click.argument("jobs", metavar="[NAME|FILE]...", nargs=-1)
@click.option(
    "--metrics-port",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Answer /metrics and /health at this port of this machine (0: any that is free).",
)
@pass_app
def command(app: App, /, jobs: tuple[str, ...], port: int | None) -> None:
    """Run jobs when their [schedule] says: those that are named, else all that have one.

    Each runs in a process of its own. SIGTERM or Ctrl-C ask what runs to finish its batch, and end
    when it has; a second one ends it at once. SIGHUP reads the files again. Which time was last
    dealt with is kept in the store: what was missed while nobody was there is made up for, or not,
    as the file says.
    """
    from kgenrich.jobs.health import Page, answering
    from kgenrich.jobs.metrics import CONTENT_TYPE, render_metrics
    from kgenrich.jobs.serve import Server

    def metrics() -> Page:
        return Page(render_metrics(app.workspace.store, server.next_runs()), CONTENT_TYPE)

    program = [sys.executable, "-m", "kgenrich.cli.main", *app.global_options]
    server = Server(app.workspace, jobs, [*program, "jobs", "run"])
    with ExitStack() as stack:
        if port is not None:
            pages = {"/metrics": metrics, "/health": server.health}
            port = stack.enter_context(answering(port, pages))
            app.progress.remark(f"http://127.0.0.1:{port}/metrics and /health are answered.")
        server.serve()
