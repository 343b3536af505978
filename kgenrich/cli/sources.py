"""``kgenrich sources``: what can propose, what is missing, and a live try-out."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App, pass_app


@click.group()
def command() -> None:
    """List the sources and try one out."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def list_sources(app: App, as_json: bool) -> None:
    """Every registered source: its kind, its licence, and what it still needs."""
    from kgenrich.cli.tables import print_table
    from kgenrich.errors import KgenrichError
    from kgenrich.sources.base import MemoryGraph, SourceContext, build, configured

    settings = app.settings
    rows: list[dict[str, Any]] = []
    for name, use in configured(settings).items():
        options = settings.sources.get(name, {})
        row = {"name": name, "use": use, "kind": "", "licence": "", "state": "ready"}
        try:
            source = build(name, SourceContext(MemoryGraph([]), (), settings, options))
            row |= {"kind": str(source.kind), "licence": source.licence}
        except KgenrichError as error:
            row["state"] = str(error)
        if row["state"] == "ready" and row["kind"] != "graph" and name not in settings.sources:
            row["state"] = f"used when the settings have a table [sources.{name}]"
        if name in settings.disabled:
            row["state"] = "disabled in the settings"
        rows.append(row)
    if as_json:
        app.print_json(rows)
    else:
        columns = ["name", "kind", "licence", "state"]
        print_table(app.console, columns, [[row[c] for c in columns] for row in rows])


@command.command()
@click.argument("name")
@click.argument("entity")
@click.argument("language")
@click.option("--kind", default="label", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def test(app: App, name: str, entity: str, language: str, kind: str, as_json: bool) -> None:
    """Ask one source for one term of an entity in the store; nothing is stored."""
    from kgenrich.cli.engine import FITTED, make_sources, read_kinds, read_languages
    from kgenrich.cli.naming import entity_named
    from kgenrich.cli.tables import plain, print_table
    from kgenrich.model import TermRequest
    from kgenrich.store.facts.graph import StoreGraph

    settings = app.settings
    (code,) = read_languages(settings, [language])
    (wanted,) = read_kinds([kind])
    store = app.store()
    found = entity_named(store, entity)
    (source,), _ = make_sources(settings, StoreGraph(store), [code], [name], cache=FITTED)
    answers = list(source.propose(source.prepare([TermRequest(found, code, wanted)])))
    if as_json:
        app.print_json([{"failure": a.failure, "candidates": a.candidates} for a in answers])
        return
    for answer in answers:
        if answer.failure:
            click.echo(f"The request failed: {answer.failure}")
    rows = [
        [plain(c.text), "" if e.score is None else f"{e.score:.2f}", plain(e.note or e.raw)]
        for answer in answers
        for c in answer.candidates
        for e in c.evidence
    ]
    if rows:
        print_table(app.console, ["candidate", "score", "why"], rows)
    else:
        click.echo(f"{name} abstains.")
