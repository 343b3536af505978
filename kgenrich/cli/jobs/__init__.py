"""``kgenrich jobs``: what is done by itself, over and over, as a file says."""

from __future__ import annotations

import click

from kgenrich.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    prefix="jobs.",
    verbs={
        "list": "List the jobs that there are, and how they last ended.",
        "validate": "Say what a run would do, step by step, and what it would at most cost.",
        "run": "Run a job, or go on with the run that is not over.",
        "status": "Show what runs now, and where it is.",
        "history": "Show the runs that there were.",
        "stop": "Ask a run to end after the batch in hand.",
        "serve": "Keep the clock: run each job when its schedule says.",
        "install": "Write a systemd timer or a crontab line for a job.",
    },
)
def command() -> None:
    """Do what job files say: harvest, enrich, check, decide, export, report."""
