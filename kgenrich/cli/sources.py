"""``kgenrich sources``: what can propose, what is missing, and a live try-out."""

from __future__ import annotations

from typing import Any

import click
from click.exceptions import Exit

from kgenrich.cli import options
from kgenrich.cli.context import SOURCES_FAILED, App, pass_app
from kgenrich.cli.tables import print_table
from kgenrich.cli.terminal import plain


@click.group()
def command() -> None:
    """List the sources and try one out."""


@command.command("list")
@options.as_json()
@pass_app
def list_sources(app: App) -> None:
    """Every registered source: its kind, its licence, and what it still needs."""
    from kgenrich.verbs.sources import list_sources

    rows = list_sources(app.workspace)
    app.answer(rows)
    columns = ["name", "kind", "licence", "state"]
    print_table(app.console, columns, [[row[c] for c in columns] for row in rows])


@command.command()
@click.argument("name")
@click.argument("entity")
@click.argument("language")
@click.option("--kind", default="label", show_default=True)
@options.as_json()
@pass_app
def test(app: App, /, **given: Any) -> None:
    """Ask one source for one term of an entity in the store; nothing is stored."""
    from kgenrich.verbs.sources import TryOptions, try_source

    answers = try_source(app.workspace, TryOptions(**given))
    failed = any(answer.call is not None and not answer.call.is_answered for answer in answers)
    code = SOURCES_FAILED if failed else 0
    app.answer([{"failure": a.failure, "candidates": a.candidates} for a in answers], code=code)
    for answer in answers:
        if answer.failure:
            click.echo(f"The request failed: {plain(answer.failure)}")
    rows = [
        [plain(c.text), "" if e.score is None else f"{e.score:.2f}", plain(e.note or e.raw)]
        for answer in answers
        for c in answer.candidates
        for e in c.evidence
    ]
    if rows:
        print_table(app.console, ["candidate", "score", "why"], rows)
    elif not any(answer.failure for answer in answers):
        click.echo(f"{given['name']} abstains.")
    if failed:
        raise Exit(code)
