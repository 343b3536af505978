"""``kgenrich decide``: people and policies accept, reject and edit proposals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from kgenrich.cli.context import App, languages_option, list_option, pass_app
from kgenrich.cli.naming import reader_option

_SHOWN = 50
_FULL = ["candidate", "entity", "language", "kind", "text", "p", "votes", "why"]
_COMPACT = ["candidate", "entity", "term", "text", "p"]
_WIDE = 120
"""From so many columns on the table has votes and reasons."""


@click.group()
def command() -> None:
    """Accept, reject or edit proposals, singly or by policy; every decision is kept.

    A candidate is named by its id, or the first digits of it, as `decide list` prints them.
    """


def _filters(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            languages_option(),
            list_option("--kinds", "-k", metavar="KINDS", help="label, description, alias."),
            click.option("--class", "class_id", metavar="ID", help="Only this class, as Q5."),
            click.option("--over", type=click.FloatRange(0, 1), help="Probability at least this."),
            click.option("--under", type=click.FloatRange(0, 1), help="Probability below this."),
            click.option(
                "--from-kinds",
                type=click.IntRange(1, 4),
                default=1,
                help="Supported by at least so many kinds of source.",
            ),
            click.option("--limit", type=click.IntRange(1), help="At most so many."),
        ]
    ):
        function = option(function)
    return function


def _authored(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            click.option("--author", help="Who decides; your login name by default."),
            click.option("--comment", default="", help="Why."),
            click.option("--dry-run", is_flag=True, help="Say what would be decided."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        ]
    ):
        function = option(function)
    return function


_anyway = click.option("--anyway", is_flag=True, help="Also where the entity was changed since.")


@command.command("list")
@_filters
@click.option("--all", "every", is_flag=True, help="Decided ones too, and those objected to.")
@reader_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def list_proposals(
    app: App, /, every: bool, reader: str | None, as_json: bool, limit: int | None, **given: Any
) -> None:
    """The review queue: open proposals, the best of each request, most linked entities first.

    `objections` are what speaks against them now: the graph may have changed since. Votes and
    reasons are in a wide terminal, in --json and in `kgenrich show`.
    """
    from kgenrich.cli.decide.deciding import queued, read_filters, told
    from kgenrich.cli.naming import names, reader_language
    from kgenrich.cli.tables import print_table
    from kgenrich.enrich.revalidation import revalidated
    from kgenrich.store.story.proposals import count_proposals, proposals

    store = app.store()
    scope, filters = read_filters(app, **given)
    if every:
        filters |= {"state": "all", "firsts": False}
    stored = proposals(store, scope, limit=limit or _SHOWN, **filters)
    rows = list(revalidated(store, stored, app.settings.target))
    entities = {row.stored.proposal.candidate.entity for row in rows}
    labels = names(store, entities, reader_language(reader))
    if as_json:
        app.print_json([told(row, labels) for row in rows])
    else:
        queue = [queued(row, labels) for row in rows]
        wide = app.console.width >= _WIDE
        headers = _FULL if wide else _COMPACT
        headers = headers + (["objections"] if any(row.codes for row in rows) else [])
        cells = [[cells[header] for header in headers] for cells in queue]
        fold = () if wide else ("entity", "term", "text")
        print_table(app.console, headers, cells, fold=fold)
        if rows and not wide:
            app.errors.print(
                f"Votes and reasons: --json, kgenrich show ENTITY, or {_WIDE} columns.",
                style="dim",
            )
    if len(rows) == (limit or _SHOWN):
        total = count_proposals(store, scope, **filters)
        if total > len(rows):
            app.errors.print(f"{len(rows)} of {total} shown: --limit")


@command.command()
@click.argument("candidates", nargs=-1)
@_filters
@_anyway
@_authored
@pass_app
def accept(app: App, /, **given: Any) -> None:
    """Accept candidates by id, or all open ones that a policy admits.

    What the entities are now counts: a policy leaves out what speaks against that.

    Which probability is enough on your graph says `kgenrich evaluate heldout`.

    For example: kgenrich decide accept --kinds label --over 0.95 --from-kinds 3
    """
    from kgenrich.cli.decide.deciding import decide
    from kgenrich.model import Verdict

    decide(app, Verdict.ACCEPT, **given)


@command.command()
@click.argument("candidates", nargs=-1)
@_filters
@_authored
@pass_app
def reject(app: App, /, **given: Any) -> None:
    """Reject candidates by id, or all open ones that a policy admits."""
    from kgenrich.cli.decide.deciding import decide
    from kgenrich.model import Verdict

    decide(app, Verdict.REJECT, **given)


@command.command()
@click.argument("candidate")
@click.argument("text")
@_anyway
@_authored
@pass_app
def edit(app: App, /, candidate: str, text: str, **given: Any) -> None:
    """Accept a candidate in another wording."""
    from kgenrich.cli.decide.deciding import decide_named
    from kgenrich.model import Verdict
    from kgenrich.text import clean

    decide_named(app, Verdict.EDIT, [candidate], text=clean(text), **given)
