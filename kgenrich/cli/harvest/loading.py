"""What the verbs of ``kgenrich harvest`` share: options, the progress bar, the final count."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App, languages_option, list_option, pass_app

if TYPE_CHECKING:
    from kgenrich.harvest.batch import Batch
    from kgenrich.harvest.files import Input
    from kgenrich.harvest.run import Selection
    from kgenrich.model import Entity

Read = Callable[["Selection", str], "Iterator[Batch]"]

_COUNTS = ("read", "new", "changed", "skipped", "broken")


def harvest_options(function: Callable[..., None]) -> Any:
    """The options of every harvest."""
    options = (
        languages_option(
            help="Keep terms in these languages alone, and in those that stand in for them: their "
            "fallbacks, mul and en. Default: the setting, else all."
        ),
        list_option("--classes", metavar="IDS", help="Only entities of these classes (Q5,...)."),
        click.option("--limit", type=click.IntRange(1), help="Stop after this many entities."),
        click.option("--dry-run", is_flag=True, help="Count what there is; write nothing."),
        click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON."),
        click.option("--batch", type=click.IntRange(1), hidden=True),
    )
    for option in reversed(options):
        function = option(function)
    return pass_app(function)


def network_options(function: Callable[..., None]) -> Any:
    """The options of a harvest from the network."""
    return click.option("--api", metavar="URL", help="The api.php of a Wikibase.")(function)


def identity(source: Input) -> dict[str, Any]:
    """What makes a file the same file when a harvest of it is taken up again."""
    if source.size is None:
        return {"file": source.name}
    path = Path(source.name).resolve()
    return {"file": str(path), "size": source.size, "modified": path.stat().st_mtime_ns}


def fetch(
    app: App,
    verb: str,
    scope: Mapping[str, Any],
    ids: Sequence[str],
    api: str | None,
    options: Mapping[str, Any],
) -> None:
    """Harvest entities by their ids from the API."""
    from kgenrich.harvest.document import Reader
    from kgenrich.harvest.wikibase import BATCH, read_ids
    from kgenrich.net.session import Session
    from kgenrich.store.facts.graph import find_entity

    url = api or app.settings.network.api
    with Session(app.settings.network) as session:

        def known(name: str) -> Entity | None:
            return None if options["dry_run"] else find_entity(app.store(create=True), name)

        def read(selection: Selection, start: str) -> Iterator[Batch]:
            return read_ids(
                session,
                url,
                ids,
                Reader(selection.languages, app.settings.properties),
                known,
                languages=selection.languages,
                start=start,
                size=options["batch"] or BATCH,
            )

        run(app, verb, {**scope, "api": url}, read, options, total=len(ids))


def run(
    app: App,
    verb: str,
    scope: Mapping[str, Any],
    read: Read,
    options: Mapping[str, Any],
    *,
    total: int | None,
    in_bytes: bool = False,
    resumable: bool = True,
) -> None:
    """Harvest with a progress bar towards ``total``, and print what was counted."""
    from kgenrich.harvest.run import Selection, dry_run, harvest, wanted_languages
    from kgenrich.progress import Progress

    base = app.settings.base
    selection = Selection(
        languages=wanted_languages(options["languages"] or app.settings.languages),
        classes=tuple(name.removeprefix(base) for name in options["classes"] or ()),
        limit=options["limit"] or 0,
    )
    # Bytes are shown as KiB, whose numbers can be read.
    unit = 1024 if in_bytes else 1
    begun = time.monotonic()
    with app.progress() as progress:
        whole = None if total is None else -(-total // unit)
        task = progress.add_task(f"{verb}{' (KiB)' if in_bytes else ''}", total=whole, note="")

        class Bar(Progress):
            def update(self, done: int | None = None, note: str = "") -> None:
                progress.update(task, completed=-(-(done or 0) // unit), note=note)

        def begin(start: str) -> Iterator[Batch]:
            return read(selection, start)

        if options["dry_run"]:
            counts = dry_run(selection, begin, Bar())
        else:
            store = app.store(create=True)
            hash = app.settings.digest()
            counts = harvest(store, verb, scope, hash, selection, begin, Bar(), resumable=resumable)
    names = ("read", "skipped", "broken") if options["dry_run"] else _COUNTS
    _show(app, {name: getattr(counts, name) for name in names}, begun, options["as_json"])


def _show(app: App, found: Mapping[str, int], begun: float, as_json: bool) -> None:
    if as_json:
        app.print_json({**found, "seconds": round(time.monotonic() - begun, 3)})
        return
    from rich.table import Table

    table = Table(box=None)
    for name in found:
        table.add_column(name, justify="right")
    table.add_row(*(f"{number:,}" for number in found.values()))
    app.console.print(table)
