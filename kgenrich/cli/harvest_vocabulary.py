"""What an RDF file was found to be, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgenrich.cli.context import App

_REASONS = {
    "asked": "--untagged",
    "declared": "what the file says of itself",
    "guessed": "what its texts look like",
    "unknown": "nobody knows: --untagged CODE says it",
}
_SHOWN = 20
"""Rows of a table; --json has more."""


def print_vocabulary(app: App, told: Mapping[str, Any]) -> None:
    """Say what the file is, then which of its texts were not read, or read by a guess."""
    from rich.table import Table
    from rich.text import Text

    from kgenrich.curies import Curies

    curie = Curies({"": told["prefixes"]}).contract
    app.console.print(Text(f"{told['is']}."))
    if told["licences"]:
        app.console.print(Text(f"licence: {', '.join(told['licences'])}"))
    for region in told["regions"]:
        number, tag, language = region["texts"], region["tag"], region["language"]
        app.console.print(Text(f"{number:,} texts in {tag} are taken for {language}"))
    if told["untagged"]:
        table = Table("texts without a tag", "", "taken for", "by", box=None)
        table.columns[1].justify = "right"
        for row in told["untagged"][:_SHOWN]:
            by = _REASONS[row["reason"]]
            table.add_row(curie(row["predicate"]), f"{row['texts']:,}", row["language"], by)
        app.console.print(table)
    if told["unread"]:
        table = Table("not read", "with a tag", "like names", "for example", box=None)
        for column in table.columns[1:3]:
            column.justify = "right"
        for row in told["unread"][:_SHOWN]:
            example = Text(row["example"][:60], overflow="ellipsis", no_wrap=True)
            numbers = (f"{row['tagged']:,}", f"{row['untagged']:,}")
            table.add_row(curie(row["predicate"]), *numbers, example)
        app.console.print(table)
        app.console.print(
            "`--label-predicate IRI` reads one as labels, `--profile FILE` as what the file says."
        )
    if told["blank"]:
        number = sum(row["texts"] for row in told["blank"])
        app.console.print(f"{number:,} texts of blank nodes were not read.")
