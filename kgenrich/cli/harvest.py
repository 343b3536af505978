"""``kgenrich harvest``: read a graph into the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App, languages_option, pass_app

if TYPE_CHECKING:
    from kgenrich.harvest.batch import Batch
    from kgenrich.harvest.run import Selection
    from kgenrich.store.load import LoadCounts

_COUNTS = ("read", "new", "changed", "skipped", "broken")


@click.group()
def command() -> None:
    """Read a graph into the store.

    A harvest that was stopped or killed goes on where it was when the same command is given
    again; one that is finished changes nothing the second time.
    """


def _common(function: Callable[..., None]) -> Callable[..., None]:
    """The options of every harvest."""
    options = (
        languages_option(
            help="Terms in these languages alone, and in those that stand in for them: their "
            "fallbacks, mul and en. Default: the setting, else all."
        ),
        click.option("--classes", metavar="IDS", help="Only entities of these classes (Q5,...)."),
        click.option("--limit", type=click.IntRange(1), help="Stop after this many entities."),
        click.option("--dry-run", is_flag=True, help="Count what there is; write nothing."),
        click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON."),
        click.option("--batch", type=click.IntRange(1), default=500, hidden=True),
    )
    for option in reversed(options):
        function = option(function)
    return pass_app(function)


@command.command()
@click.argument("file")
@_common
def dump(app: App, file: str, **options: Any) -> None:
    """Read an entity dump: the official JSON array or one document a line.

    FILE may be packed (.gz, .bz2, .zst, .xz), or "-" for the standard input. A line that cannot
    be read is counted and kept aside with its offset and the reason.
    """
    from kgenrich.harvest.document import Reader
    from kgenrich.harvest.dump import read_dump
    from kgenrich.harvest.files import Input

    with Input(file) as source:

        def read(selection: Selection, start: str) -> Iterator[Batch]:
            reader = Reader(selection.languages, app.settings.properties)
            return read_dump(source, reader, start=start, size=options["batch"])

        _run(app, "harvest dump", _identity(source), read, options, source.size, file != "-")


def _identity(source: Any) -> dict[str, Any]:
    """What makes a file the same file when a harvest of it goes on."""
    if source.size is None:
        return {"file": source.name}
    path = Path(source.name).resolve()
    return {"file": str(path), "size": source.size, "modified": path.stat().st_mtime_ns}


def _run(
    app: App,
    verb: str,
    scope: dict[str, Any],
    read: Callable[[Selection, str], Iterator[Batch]],
    options: dict[str, Any],
    total: int | None,
    resumable: bool = True,
) -> None:
    """Harvest with a progress bar, and print what was counted."""
    from kgenrich.harvest.run import Selection, dry_run, harvest, wanted_languages

    languages = options["languages"] or app.settings.languages
    selection = Selection(
        wanted_languages(languages), _classes(app, options["classes"]), options["limit"] or 0
    )
    begun = time.monotonic()
    with app.progress() as progress:
        task = progress.add_task(verb, total=total, note="")

        def report(done: int, counts: LoadCounts) -> None:
            progress.update(task, completed=done, note=f"{counts.read:,} entities")

        def begin(start: str) -> Iterator[Batch]:
            return read(selection, start)

        if options["dry_run"]:
            counts = dry_run(selection, begin, report)
        else:
            store = app.store(create=True)
            _, counts = harvest(
                store,
                verb,
                scope,
                app.settings.digest(),
                selection,
                begin,
                report,
                resumable=resumable,
            )
    _show(app, counts, time.monotonic() - begun, options)


def _classes(app: App, value: str | None) -> tuple[str, ...]:
    names = dict.fromkeys(part.strip() for part in (value or "").split(","))
    return tuple(name.removeprefix(app.settings.base) for name in names if name)


def _show(app: App, counts: LoadCounts, seconds: float, options: dict[str, Any]) -> None:
    names = ("read", "skipped", "broken") if options["dry_run"] else _COUNTS
    found = {name: getattr(counts, name) for name in names}
    if options["as_json"]:
        app.print_json({**found, "seconds": round(seconds, 3)})
        return
    from rich.table import Table

    table = Table(box=None)
    for name in names:
        table.add_column(name, justify="right")
    table.add_row(*(f"{number:,}" for number in found.values()))
    app.console.print(table)
