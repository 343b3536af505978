"""``kgenrich sources``: what can propose, what is missing, and a live try-out."""

from __future__ import annotations

from typing import Any

import click
from click.exceptions import Exit

from kgenrich.cli import options
from kgenrich.cli.context import SOURCES_FAILED, App, pass_app
from kgenrich.cli.tables import print_table
from kgenrich.escaping import plain

_MANY = 12


@click.group()
def command() -> None:
    """List the sources and try one out."""


@command.command("list")
@options.languages()
@options.as_json()
@pass_app
def list_sources(app: App, /, **given: Any) -> None:
    """Every registered source: its kind, its licence, and what it still needs; and the packages
    that dictionaries read, there or not, with the languages that they have."""
    from kgenrich.verbs.sources import ListOptions, list_sources

    rows = list_sources(app.workspace, ListOptions(**given))
    app.answer(rows)
    columns = ["name", "kind", "licence", "state"]
    print_table(app.console, columns, [[row[c] for c in columns] for row in rows])
    prices: dict[str, list[str]] = {}
    for row in rows:
        if row["price"]:
            prices.setdefault(row["price"], []).append(plain(row["name"]))
    told = "; ".join(f"{price} ({', '.join(names)})" for price, names in prices.items())
    click.echo(f"\nPrices go into [sources.NAME] of the settings: {told}.\n")
    packages = [
        [
            row["name"],
            one["place"] or one["install"],
            one["licence"],
            one["what"],
            _some(one["languages"]),
        ]
        for row in rows
        for one in row["packages"]
    ]
    print_table(app.console, ["source", "package", "licence", "what", "languages"], packages)


def _some(languages: list[str]) -> str:
    """A few languages as they are, many by their number."""
    return str(len(languages)) if len(languages) > _MANY else " ".join(languages)


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
