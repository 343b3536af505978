"""``kgenrich harvest dump``."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.options import harvest_options, run


@click.command("dump")
@click.argument("file")
@harvest_options
def command(app: App, /, as_json: bool, **given: Any) -> None:
    """Read an entity dump: the official JSON array, or one document a line.

    FILE may be packed (.gz, .bz2, .zst, .xz); "-" is the standard input. A line that cannot be
    read is counted and kept aside with its offset and the reason.
    """
    from kgenrich.verbs.harvest import DumpOptions, harvest_dump

    run(app, harvest_dump, DumpOptions(**given), as_json)
