"""``kgenrich harvest dump``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.loading import harvest_options, identity, run

if TYPE_CHECKING:
    from kgenrich.harvest.batch import Batch
    from kgenrich.harvest.run import Selection


@click.command("dump")
@click.argument("file")
@harvest_options
def command(app: App, file: str, **options: Any) -> None:
    """Read an entity dump: the official JSON array, or one document a line.

    FILE may be packed (.gz, .bz2, .zst, .xz); "-" is the standard input. A line that cannot be
    read is counted and kept aside with its offset and the reason.
    """
    from kgenrich.harvest.document import Reader
    from kgenrich.harvest.dump import BATCH, read_dump
    from kgenrich.harvest.files import Input

    with Input(file) as source:

        def read(selection: Selection, start: str) -> Iterator[Batch]:
            reader = Reader(selection.languages, app.settings.properties)
            return read_dump(source, reader, start=start, size=options["batch"] or BATCH)

        run(
            app,
            "harvest dump",
            identity(source),
            read,
            options,
            total=source.size,
            in_bytes=True,
            resumable=source.size is not None,
        )
