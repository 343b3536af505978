"""Rows for people and for programs: tables on a terminal, CSV, Markdown and JSON."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from kgenrich.escaping import plain, safe_cell, shown

if TYPE_CHECKING:
    from rich.console import Console

    from kgenrich.cli.context import App

FORMATS = ("table", "json", "csv", "markdown")

IDS = frozenset(("entity", "class", "property", "predicate", "subject", "object"))
"""The columns whose cells begin with an id, which people read as a CURIE."""

_SHORT = 24
_NARROW = 10


def format_option(function: Any) -> Any:
    """``--format table|json|csv|markdown`` as ``form``, and ``--json`` for short."""
    short = click.option(
        "--json",
        "_json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=lambda ctx, option, given: ctx.meta.update(json=given),
        help="Short for --format json.",
    )
    long = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        callback=lambda ctx, option, form: "json" if ctx.meta["json"] else form,
        help="How the rows are printed.",
    )
    return long(short(function))


def print_rows(
    app: App, headers: Sequence[str], rows: Iterable[Mapping[str, Any]], form: str
) -> None:
    """Print rows, mappings from header to value, in one of `FORMATS`.

    Shares (floats in [0, 1]) are percentages in tables.
    """
    rows = list(rows)
    if form == "json":
        app.print_json([{h: row[h] for h in headers} for row in rows])
    elif form == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows([_raw(row[h]) for h in headers] for row in rows)
        click.echo(buffer.getvalue(), nl=False)
    elif form == "markdown":
        right = _numeric(headers, rows)
        click.echo("| " + " | ".join(headers) + " |")
        click.echo("|" + "|".join(" ---: " if h in right else " --- " for h in headers) + "|")
        for row in rows:
            texts = _with_curies(headers, [_text(row[h]) for h in headers], app.curie)
            click.echo("| " + " | ".join(map(_markdown, texts)) + " |")
    else:
        cells = [[_text(row[h]) for h in headers] for row in rows]
        print_table(app.console, headers, cells, right=_numeric(headers, rows), curie=app.curie)


def print_table(
    console: Console,
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Collection[str] = (),
    fold: Collection[str] = (),
    title: str = "",
    curie: Callable[[str], str] = str,
) -> None:
    """Print rows of texts; nothing is cut. Long texts are folded, in the columns of ``fold`` short
    ones too, and where the terminal is too narrow for the columns each row becomes a block of
    lines. ``curie`` shortens the ids in the columns of `IDS`."""
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    cells = [[shown(cell) for cell in _with_curies(headers, row, curie)] for row in rows]
    widths = [
        max(cell_len(text) for text in (header, *(row[place] for row in cells)))
        for place, header in enumerate(headers)
    ]
    rigid = [
        (width <= _SHORT and h not in fold) or h in right
        for width, h in zip(widths, headers, strict=True)
    ]
    needed = sum(w if fixed else _NARROW for w, fixed in zip(widths, rigid, strict=True))
    if title:
        console.print(Text(shown(title), style="italic"))
    if needed + 2 * (len(headers) - 1) > console.width:
        for row in cells:
            for header, cell in zip(headers, row, strict=True):
                if header:
                    console.print(Text(f"{header}: {cell}"))
            console.print()
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for header, fixed in zip(headers, rigid, strict=True):
        table.add_column(
            Text(header),
            justify="right" if header in right else "left",
            no_wrap=fixed,
            overflow="fold",
        )
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def formatted(rows: Iterable[Mapping[str, Any]], **columns: str) -> list[list[str]]:
    """The cells of rows for `print_table`: the values under these keys, each in its format.

    >>> formatted([{"cut": 0.5, "names": 30}, {"cut": None, "names": 4}], names="", cut=".2f")
    [['30', '0.50'], ['4', '–']]
    """
    return [
        ["–" if row[key] is None else format(row[key], form) for key, form in columns.items()]
        for row in rows
    ]


def stacked(shares: Sequence[float], width: int) -> str:
    """Shares of a whole, one after the other, as a bar of ``width`` cells.

    >>> stacked([0.5, 0.25], 8)
    '████▒▒··'
    """
    ends = [round(sum(shares[: n + 1]) * width) for n in range(len(shares))]
    cells = ""
    for mark, end in zip("█▒░", ends, strict=False):
        cells += mark * (end - len(cells))
    return cells.ljust(width, "·")


def _numeric(headers: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> set[str]:
    return {h for h in headers if rows and all(isinstance(row[h], int | float) for row in rows)}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _raw(value: Any) -> Any:
    return safe_cell(plain(value)) if isinstance(value, str) else value


def _with_curies(
    headers: Sequence[str], row: Sequence[str], curie: Callable[[str], str]
) -> list[str]:
    """A row whose ids are short; what follows one (a label) stays."""
    cells = list(row)
    for place, header in enumerate(headers):
        if header in IDS:
            id, gap, rest = cells[place].partition(" ")
            cells[place] = curie(id) + gap + rest
    return cells


def _markdown(text: str) -> str:
    text = plain(text)
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
