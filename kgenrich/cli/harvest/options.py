"""What the commands of ``kgenrich harvest`` share: options, and the table of counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import click

from kgenrich.cli.context import App, pass_app
from kgenrich.cli.options import (
    dry_run_option,
    json_option,
    languages_option,
    limit_option,
    list_option,
    options,
)
from kgenrich.verbs.workspace import Workspace

O = TypeVar("O")  # noqa: E741 (options)

harvest_options = options(
    languages_option(
        "Keep terms in these languages alone, and in those that stand in for them: their "
        "fallbacks, mul and en. Default: the setting, else all."
    ),
    list_option("--classes", metavar="IDS", help="Only entities of these classes (Q5,...)."),
    limit_option("Stop after this many entities."),
    dry_run_option("Count what there is; write nothing."),
    json_option("Print the counts as JSON."),
    click.option("--batch", type=click.IntRange(1), hidden=True),
    pass_app,
)
"""The options of every harvest."""

api_option = click.option("--api", metavar="URL", help="The api.php of a Wikibase.")


def run(
    app: App, verb: Callable[[Workspace, O], Mapping[str, float]], options: O, as_json: bool
) -> None:
    """Harvest, and print what was counted."""
    counts = app.run(verb, options)
    if as_json:
        app.print_json(counts)
        return
    from rich.table import Table

    table = Table(box=None)
    shown = {name: number for name, number in counts.items() if name != "seconds"}
    for name in shown:
        table.add_column(name, justify="right")
    table.add_row(*(f"{number:,}" for number in shown.values()))
    app.console.print(table)
