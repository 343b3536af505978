"""``kgenrich harvest ids``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.harvest.options import api_option, harvest_options, run
from kgenrich.errors import InputError


@click.command("ids")
@click.argument("ids", nargs=-1)
@click.option("--file", type=click.File(encoding="utf-8"), help='One id a line; "-" for stdin.')
@api_option
@harvest_options
def command(
    app: App,
    ids: tuple[str, ...],
    file: AbstractContextManager[Any] | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Fetch entities by their IDS (Q42) or IRIs, 50 a request.

    An id that leads to another entity is stored as a redirect. One that the server no longer has
    is marked as deleted when the store knows it, else counted as broken.
    """
    from kgenrich.verbs.harvest import IdsOptions, harvest_ids

    if file is not None:
        try:
            with file as lines:
                ids = (*ids, *(line for line in lines if line.strip()))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The file of ids cannot be read: {error}.") from error
    run(app, harvest_ids, IdsOptions(ids=ids, **given), as_json)
